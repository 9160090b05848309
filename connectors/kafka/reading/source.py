"""The source that reads a Kafka topic."""

import time
from collections.abc import Callable, Collection
from typing import Any, Literal

from kafka import TopicPartition
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.errors import FencedInstanceIdError

from connectors.errors import Fatal, Retriable
from connectors.kafka.client.connection import ANSWER_MS, KafkaClient
from connectors.kafka.client.errors import WAIT, map_kafka_errors, suppress_close_errors
from connectors.kafka.client.rebalance_listener import RebalanceListener, from_kafka, to_kafka
from connectors.kafka.client.records import partitions_of, record_of
from connectors.protocols import Rebalance, SourceCapabilities
from connectors.record import Partition, Record

JOIN_MS, JOIN_POLLS = 100, 20  # a rebalance waits for its slowest member
STILL_S = 10.0  # time without a record after which the broker is asked for its end offsets
MAX_POLL_INTERVAL_MS = 300_000

Named = Literal["earliest", "latest"]


class KafkaSource:
    """Reads assigned partitions of a topic, as a static member of a consumer group.

    Parameters
    ----------
    client : KafkaClient
        Connection to the cluster.
    topic : str
        The topic to read; it must exist.
    group : str
        Consumer group: its members share the partitions.
    worker_id : str
        Stable name of this member. If it restarts within the session timeout, it gets its
        partitions back without a rebalance.
    session_timeout_ms : int
        Time without a heartbeat after which a member loses its partitions.
    start : str, int or tuple
        Start of a group without a position: ``"earliest"``, ``"latest"``, an offset, or
        ``("timestamp", milliseconds since 1970)``.
    on_offset_out_of_range : str
        Behaviour if the wanted offset is no longer retained: ``"refuse"``, or continue at the
        ``"earliest"`` or the ``"latest"`` offset.
    record_bytes_max : int
        Maximum size of a value. A longer value is truncated, and the record states it.
    monotonic : callable
        Clock that returns seconds.

    Examples
    --------
    With a broker at hand:

    >>> client = KafkaClient(("127.0.0.1:9092",))  # doctest: +SKIP
    >>> source = KafkaSource(client, "pumps", group="app", worker_id="worker-0")  # doctest: +SKIP
    >>> source.poll(max_records=100, timeout_ms=200)  # doctest: +SKIP
    []
    """

    capabilities = SourceCapabilities(shared=True, follows=True, record_metadata=True)

    def __init__(  # noqa: PLR0913 - a consumer has this many settings
        self,
        client: KafkaClient,
        topic: str,
        *,
        group: str,
        worker_id: str,
        session_timeout_ms: int = 10_000,
        start: Named | int | tuple[Literal["timestamp"], int] = "earliest",
        on_offset_out_of_range: Literal["refuse", "earliest", "latest"] = "refuse",
        record_bytes_max: int = 1 << 20,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._topic = topic
        self._start = start
        self._on_offset_out_of_range = on_offset_out_of_range
        self._record_bytes_max = record_bytes_max
        self._monotonic = monotonic
        self._moved_at = monotonic()
        self._waiting: set[TopicPartition] = set()
        self._consumer = client.consumer(
            group_id=group,
            group_instance_id=worker_id,
            partition_assignment_strategy=(CooperativeStickyAssignor,),
            session_timeout_ms=session_timeout_ms,
            heartbeat_interval_ms=max(100, session_timeout_ms // 10),
            max_poll_interval_ms=MAX_POLL_INTERVAL_MS,
            max_partition_fetch_bytes=max(1 << 20, record_bytes_max),
            metadata_max_age_ms=30_000,
        )
        # Requests on the consumer's own connection would wait behind its fetch.
        self._asking = client.consumer()
        self._what = f"topic {topic}"
        self._membership = RebalanceListener(self._consumer)
        try:
            self._known = self.partitions()
        except BaseException:
            self.close()
            raise
        self._paused: set[Partition] = set()
        self._assigned: set[Partition] = set()
        self._consumer.subscribe([topic], listener=self._membership)

    def partitions(self) -> tuple[Partition, ...]:
        """Return all partitions of the topic, including those of other workers."""
        return partitions_of(self._consumer, self._topic)

    def membership(self) -> Any:
        """Return the group membership, by which the broker checks ownership of the partitions."""
        return self._consumer.group_metadata()

    def rebalances(self) -> list[Rebalance]:
        """Return the rebalances since the last call."""
        taken = self._membership.taken()
        for rebalance in taken:
            self._assigned -= set(rebalance.revoked)
            self._paused -= set(rebalance.revoked)
            self._assigned |= set(rebalance.assigned)
            self._paused |= set(rebalance.assigned)
        if taken and self.partitions() != self._known:
            raise Fatal(
                f"{self._what}: its number of partitions has changed from {len(self._known)}",
                "keys have moved between partitions, but their models have not: start over with "
                "another kafka.group",
            )
        return taken

    def poll(self, max_records: int, timeout_ms: int) -> list[Record]:
        """Read records; rebalances happen only inside this method."""
        with map_kafka_errors(self._what):
            found = self._consumer.poll(timeout_ms=timeout_ms, max_records=max_records)
            for _ in range(JOIN_POLLS):
                if found or not self._joining:
                    break
                found = self._consumer.poll(timeout_ms=JOIN_MS, max_records=max_records)
            if self._replaced:
                raise FencedInstanceIdError("another member has joined with this worker id")
        longest = self._record_bytes_max
        records = [
            record_of(message, where, longest)
            for partition, batch in found.items()
            for where in (from_kafka(partition),)
            for message in batch
        ]
        if records:
            self._moved_at = self._monotonic()
            self._waiting.clear()
        elif self._monotonic() - self._moved_at > STILL_S:
            self._check_progress()
        return records

    @property
    def _joining(self) -> bool:
        """Whether a rebalance is in progress; the client returns no records until it has ended.

        The client discards a join that is answered between two polls and starts another. With
        short polls far apart the whole group would rebalance forever.
        """
        return bool(self._consumer._coordinator.rejoining)

    @property
    def _replaced(self) -> bool:
        """Whether another process has joined with the same worker id.

        The client then stops its heartbeats and logs it, but raises nothing.
        """
        coordinator = self._consumer._coordinator
        with coordinator._lock:
            return coordinator.stable() and not coordinator._heartbeat_enabled

    def _check_progress(self) -> None:
        """Raise `Retriable` if the broker is silent or has records that the client withholds."""
        self._moved_at = self._monotonic()
        reading = [to_kafka(p) for p in self._assigned - self._paused]
        with map_kafka_errors(self._what):
            ends = self._asking.end_offsets(
                reading or [to_kafka(self._known[0])], timeout_ms=ANSWER_MS
            )
            waiting = {p for p in reading if self._consumer.position(p) < ends[p]}
        if waiting & self._waiting:
            names = ", ".join(str(p.partition) for p in sorted(waiting & self._waiting))
            raise Retriable(
                f"{self._what}: records wait in partition {names}, and the client returns none",
                "wait: the worker creates a new client",
            )
        self._waiting = waiting

    def start(self, partition: Partition, wanted: int | None) -> int:
        """Return the offset where reading begins, by ``start`` and ``on_offset_out_of_range``."""
        where = to_kafka(partition)
        with map_kafka_errors(self._what):
            first = self._asking.beginning_offsets([where], timeout_ms=ANSWER_MS)[where]
            end = self._asking.end_offsets([where], timeout_ms=ANSWER_MS)[where]
        if wanted is None:
            return self._first_start(partition, first, end)
        if wanted > end:
            raise Fatal(
                f"{self._what}, partition {partition.index}: it ends at {end}, before the "
                f"committed position {wanted}",
                "if the topic was recreated, start over with another kafka.group",
            )
        if wanted >= first:
            return wanted
        if self._on_offset_out_of_range == "refuse":
            raise Fatal(
                f"{self._what}, partition {partition.index}: offset {wanted} is needed, and "
                f"records before {first} are no longer retained",
                "set source.on_offset_out_of_range to earliest or latest: the worker skips the "
                f"{first - wanted} records between; for the future, let the topic retain more than "
                " state.replay_records_max records",
            )
        return int(first if self._on_offset_out_of_range == "earliest" else end)

    def _first_start(self, partition: Partition, first: int, end: int) -> int:
        match self._start:
            case "earliest":
                return first
            case "latest":
                return end
            case ("timestamp", since_ms):
                where = to_kafka(partition)
                with map_kafka_errors(self._what):
                    found = self._asking.offsets_for_times({where: since_ms}, timeout_ms=ANSWER_MS)[
                        where
                    ]
                return end if found is None else int(found.offset)
            case offset:
                assert isinstance(offset, int)
                if not first <= offset <= end:
                    raise Fatal(
                        f"{self._what}, partition {partition.index}: it holds offsets {first} to "
                        f"{end}, and source.start asks for {offset}",
                        "choose one of these, earliest or latest",
                    )
                return offset

    def seek(self, partition: Partition, next_offset: int) -> None:
        """Continue reading at ``next_offset``."""
        self._mine(partition)
        self._consumer.seek(to_kafka(partition), next_offset)

    def position(self, partition: Partition) -> int:
        """Return the offset that is read next."""
        self._mine(partition)
        with map_kafka_errors(self._what):
            found = self._consumer.position(to_kafka(partition), timeout_ms=ANSWER_MS)
        if found is None:
            raise Retriable(f"{self._what}: the position is not known", WAIT)
        return int(found)

    def end(self, partition: Partition) -> int | None:
        """Return the last known end offset of the partition; None before the first fetch."""
        self._mine(partition)
        found = self._consumer.highwater(to_kafka(partition))
        return None if found is None else int(found)

    def pause(self, partitions: Collection[Partition]) -> None:
        """Return no records of these partitions until they are resumed."""
        for partition in partitions:
            self._mine(partition)
            self._paused.add(partition)
            self._consumer.pause(to_kafka(partition))

    def resume(self, partitions: Collection[Partition]) -> None:
        """Return records of these partitions again."""
        for partition in partitions:
            self._mine(partition)
            self._paused.discard(partition)
            self._consumer.resume(to_kafka(partition))

    def finished(self, partition: Partition) -> bool:
        """Return False: a topic has no end."""
        self._mine(partition)
        return False

    def _mine(self, partition: Partition) -> None:
        if partition not in self._assigned:
            raise KeyError(partition)

    def close(self) -> None:
        """Close; a static member keeps its partitions for the session timeout."""
        with suppress_close_errors():
            self._consumer.close(autocommit=False, timeout_ms=1000)
        with suppress_close_errors():
            self._asking.close(autocommit=False, timeout_ms=1000)
