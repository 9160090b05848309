"""Members and committed offsets of a consumer group, read without joining it."""

from typing import Any

import msgspec

from connectors.effects import Position
from connectors.errors import Retriable
from connectors.kafka.client.connection import ANSWER_MS, KafkaClient
from connectors.kafka.client.errors import WAIT, map_kafka_errors, suppress_close_errors
from connectors.kafka.client.rebalance_listener import from_kafka, to_kafka
from connectors.kafka.client.records import partitions_of
from connectors.record import Partition


class Member(msgspec.Struct, frozen=True):
    """One member of a group.

    Parameters
    ----------
    name : str
        Its static name, or the member id that the broker assigned.
    host : str
        Its host, as seen by the broker.
    partitions : tuple of Partition
        Its assigned partitions.

    Examples
    --------
    >>> Member("worker-0", "10.0.0.7", (Partition("pumps", 0),)).name
    'worker-0'
    """

    name: str
    host: str
    partitions: tuple[Partition, ...] = ()


class GroupObserver:
    """Reads the state of a group and its topic without joining the group.

    Parameters
    ----------
    client : KafkaClient
    group : str

    Examples
    --------
    With a broker at hand:

    >>> observer = GroupObserver(KafkaClient(("127.0.0.1:9092",)), "pumps")  # doctest: +SKIP
    >>> observer.members()  # doctest: +SKIP
    []
    """

    def __init__(self, client: KafkaClient, group: str) -> None:
        self._group = group
        self._what = f"group {group}"
        self._consumer = client.consumer()
        try:
            self._admin = client.admin()
        except BaseException:
            self._consumer.close(autocommit=False, timeout_ms=1000)
            raise

    def members(self) -> list[Member]:
        """List the members by name, including static ones whose session has not timed out yet."""
        with map_kafka_errors(self._what):
            found = self._admin.describe_groups([self._group])[self._group]
        error = str(found["error"] or "")
        if error and "GroupIdNotFound" not in error:
            raise Retriable(f"{self._what}: {error}", WAIT)
        return sorted((_member(told) for told in found["members"]), key=lambda member: member.name)

    def positions(self) -> dict[Partition, Position]:
        """Return the committed offsets; empty for a group that never committed."""
        with map_kafka_errors(self._what):
            found = self._admin.list_group_offsets({self._group: None})[self._group]
        return {from_kafka(p): Position(at.offset, at.metadata or "") for p, at in found.items()}

    def bounds(self, topic: str) -> dict[Partition, tuple[int, int]]:
        """Return the first offset and the end of committed records of each partition of a topic."""
        partitions = [to_kafka(partition) for partition in partitions_of(self._consumer, topic)]
        with map_kafka_errors(f"topic {topic}"):
            first = self._consumer.beginning_offsets(partitions, timeout_ms=ANSWER_MS)
            ends = self._consumer.end_offsets(partitions, timeout_ms=ANSWER_MS)
        return {from_kafka(p): (first[p], ends[p]) for p in partitions}

    def close(self) -> None:
        """Close the clients."""
        with suppress_close_errors():
            self._consumer.close(autocommit=False, timeout_ms=1000)
        with suppress_close_errors():
            self._admin.close()


def _member(told: dict[str, Any]) -> Member:
    assignment = told.get("member_assignment") or {}
    owned = assignment.get("assigned_partitions", ()) if isinstance(assignment, dict) else ()
    return Member(
        told.get("group_instance_id") or told["member_id"],
        told["client_host"].lstrip("/"),
        tuple(Partition(own["topic"], n) for own in owned for n in sorted(own["partitions"])),
    )
