"""The relay that reads the alerts topic."""

from typing import Any

from kafka import OffsetAndMetadata

from connectors.kafka.client.connection import ANSWER_MS, KafkaClient
from connectors.kafka.client.errors import map_kafka_errors, suppress_close_errors
from connectors.kafka.client.rebalance_listener import from_kafka
from connectors.kafka.client.records import partitions_of
from connectors.record import Record

SESSION_MS = 10_000  # after that time the partitions of a killed relay are reassigned


class KafkaRelay:
    """Reads committed alerts; its position is stored as that of a separate consumer group.

    Several processes may share the partitions of one relay.

    Parameters
    ----------
    client : KafkaClient
    topic : str
        Alerts topic of the outbox.
    group : str
        Consumer group of the relay; a new one begins with the oldest alert.

    Examples
    --------
    With a broker at hand:

    >>> client = KafkaClient(("127.0.0.1:9092",))  # doctest: +SKIP
    >>> relay = KafkaRelay(client, "pumps.alerts", "pumps.relay.mail")  # doctest: +SKIP
    >>> relay.poll(max_records=10, timeout_ms=1000)  # doctest: +SKIP
    []
    """

    def __init__(self, client: KafkaClient, topic: str, group: str) -> None:
        self._what = f"topic {topic}"
        self._consumer = client.consumer(
            group_id=group,
            auto_offset_reset="earliest",
            session_timeout_ms=SESSION_MS,
            metadata_max_age_ms=30_000,
        )
        self._next: dict[Any, Any] = {}
        try:
            self._subscribe(topic)
        except BaseException:
            self.close()
            raise

    def _subscribe(self, topic: str) -> None:
        """Join the group; a member without metadata of the topic would get no partitions."""
        partitions_of(self._consumer, topic)
        with map_kafka_errors(self._what):
            self._consumer.subscribe([topic])

    def poll(self, max_records: int, timeout_ms: int) -> list[Record]:
        """Read the next committed alerts."""
        with map_kafka_errors(self._what):
            found = self._consumer.poll(timeout_ms=timeout_ms, max_records=max_records)
        records = []
        for partition, batch in found.items():
            self._next[partition] = OffsetAndMetadata(batch[-1].offset + 1, "", -1)
            records += [
                Record(
                    from_kafka(partition), r.offset, r.key, r.value, r.timestamp, tuple(r.headers)
                )
                for r in batch
            ]
        return records

    def commit(self) -> None:
        """Commit the position after the alerts that were polled."""
        if self._next:
            with map_kafka_errors(self._what):
                self._consumer.commit(self._next, timeout_ms=ANSWER_MS)
            self._next.clear()

    def close(self) -> None:
        """Close without committing."""
        with suppress_close_errors():
            self._consumer.close(autocommit=False, timeout_ms=1000)
