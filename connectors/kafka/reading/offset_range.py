"""Reading of an offset range without a consumer group; nothing is committed."""

from collections.abc import Iterator

from connectors.errors import Fatal
from connectors.kafka.client.connection import ANSWER_MS, KafkaClient
from connectors.kafka.client.errors import map_kafka_errors, suppress_close_errors
from connectors.kafka.client.rebalance_listener import to_kafka
from connectors.kafka.client.records import partitions_of, record_of
from connectors.record import Bound, Partition, Record


class KafkaOffsetRange:
    """Reads partitions of a topic between two bounds.

    Parameters
    ----------
    client : KafkaClient
    topic : str
    record_bytes_max : int
        Maximum size of a value. A longer value is truncated, and the record states it.

    Examples
    --------
    With a broker at hand:

    >>> offset_range = KafkaOffsetRange(KafkaClient(("127.0.0.1:9092",)), "pumps")  # doctest: +SKIP
    >>> offset_range.bounds(Partition("pumps", 0), None, 100)  # doctest: +SKIP
    (0, 100)
    """

    def __init__(self, client: KafkaClient, topic: str, record_bytes_max: int = 1 << 20) -> None:
        self._topic = topic
        self._what = f"topic {topic}"
        self._record_bytes_max = record_bytes_max
        largest = max(1 << 20, record_bytes_max)
        self._consumer = client.consumer(max_partition_fetch_bytes=largest)

    def partitions(self) -> tuple[Partition, ...]:
        """Return all partitions of the topic."""
        return partitions_of(self._consumer, self._topic)

    def bounds(self, partition: Partition, begin: Bound, end: Bound) -> tuple[int, int]:
        """Return the offsets of two bounds; refuse offsets that are not retained."""
        where = to_kafka(partition)
        with map_kafka_errors(self._what):
            first = self._consumer.beginning_offsets([where], timeout_ms=ANSWER_MS)[where]
            last = self._consumer.end_offsets([where], timeout_ms=ANSWER_MS)[where]
        begins = first if begin is None else self._offset(partition, begin, last)
        ends = last if end is None else self._offset(partition, end, last)
        if begins < first:
            raise Fatal(
                f"{self._what}, partition {partition.index}: offset {begins} is requested, and "
                f"records before {first} are no longer retained",
                f"begin at {first} or later",
            )
        return begins, min(ends, last)

    def _offset(self, partition: Partition, place: Bound, last: int) -> int:
        if isinstance(place, int):
            return place
        assert place is not None
        where = to_kafka(partition)
        with map_kafka_errors(self._what):
            found = self._consumer.offsets_for_times({where: place[1]}, timeout_ms=ANSWER_MS)
        return last if found[where] is None else int(found[where].offset)

    def read(self, partition: Partition, begins: int, ends: int) -> Iterator[list[Record]]:
        """Read the records from ``begins`` to before ``ends``, in batches."""
        where, longest = to_kafka(partition), self._record_bytes_max
        position = begins
        with map_kafka_errors(self._what):
            self._consumer.assign([where])
            self._consumer.seek(where, begins)
        while position < ends:
            with map_kafka_errors(self._what):
                found = self._consumer.poll(timeout_ms=200).get(where, ())
                position = self._consumer.position(where, timeout_ms=ANSWER_MS)
            batch = [record_of(r, partition, longest) for r in found if r.offset < ends]
            if batch:
                yield batch

    def close(self) -> None:
        """Close the consumer."""
        with suppress_close_errors():
            self._consumer.close(autocommit=False, timeout_ms=1000)
