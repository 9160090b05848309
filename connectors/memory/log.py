"""An in-process broker for tests, with topics, partitions, transactions and groups.

It reproduces behaviour of Kafka that is easy to overlook. A transaction leaves a marker, so offsets
have gaps. A reader of committed records stops at the first open transaction. Compaction deletes
records in the middle of a topic. A second producer of the same name fences the first.
"""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.effects import Position
from connectors.errors import Fatal, Retriable
from connectors.record import Headers, Partition, Record


@dataclass(eq=False)
class _Transaction:
    """The records that a producer has sent in a transaction, and whether they are visible."""

    committed: bool = False
    first_offsets: dict[Partition, int] = field(default_factory=dict)
    positions: dict[tuple[str, Partition], Position] = field(default_factory=dict)


class _PartitionLog:
    """Records of one partition, including the hidden ones of open transactions."""

    def __init__(self, partition: Partition) -> None:
        self.partition = partition
        self.start_offset = 0
        self.end_offset = 0
        self.entries: list[tuple[Record, _Transaction | None]] = []
        self.open_transactions: list[_Transaction] = []

    def append(
        self,
        value: bytes | None,
        key: bytes | None,
        headers: Headers,
        timestamp_ms: int | None = None,
        transaction: _Transaction | None = None,
    ) -> Record:
        record = Record(self.partition, self.end_offset, key, value, timestamp_ms, headers)
        if transaction is not None and self.partition not in transaction.first_offsets:
            transaction.first_offsets[self.partition] = record.offset
            self.open_transactions.append(transaction)
        self.entries.append((record, transaction))
        self.end_offset = record.next_offset
        return record

    def last_stable_offset(self) -> int:
        """Return the first offset whose record belongs to an open transaction, or the end."""
        first = [t.first_offsets[self.partition] for t in self.open_transactions]
        return min(first, default=self.end_offset)

    def committed(self, next_offset: int, max_records: int) -> tuple[list[Record], int]:
        stable = self.last_stable_offset()
        records: list[Record] = []
        start = bisect_left(self.entries, next_offset, key=lambda entry: entry[0].offset)
        for index in range(start, len(self.entries)):
            record, transaction = self.entries[index]
            if record.offset >= stable:
                break
            if transaction is None or transaction.committed:
                if len(records) == max_records:
                    return records, records[-1].next_offset
                records.append(record)
        return records, max(next_offset, stable)  # past the markers, as a consumer goes


class MemoryLog:
    """Topics that exist as long as this object; single-threaded.

    To simulate a crash, drop all readers and writers, and create new ones over the same log.

    Examples
    --------
    >>> log = MemoryLog()
    >>> log.create_topic("pumps", partitions=2)
    >>> log.append(Partition("pumps", 1), b"3.5", key=b"pump-3").next_offset
    1
    >>> records, next_offset = log.read(Partition("pumps", 1), next_offset=0, max_records=10)
    >>> records[0].value, next_offset
    (b'3.5', 1)
    """

    def __init__(self) -> None:
        self._topics: dict[str, list[_PartitionLog]] = {}
        self._positions: dict[tuple[str, Partition], Position] = {}
        self._producers: dict[str, MemoryProducer] = {}

    def create_topic(self, topic: str, partitions: int = 1) -> None:
        """Create a topic; an existing one must have the same number of partitions."""
        made = [_PartitionLog(Partition(topic, index)) for index in range(partitions)]
        if len(self._topics.setdefault(topic, made)) != partitions:
            raise Fatal(
                f"topic {topic} has {len(self._topics[topic])} partitions, not {partitions}",
                "use another topic: keys would move to other partitions",
            )

    def partitions(self, topic: str) -> tuple[Partition, ...]:
        """Return the partitions of a topic; empty if there is no such topic."""
        return tuple(log.partition for log in self._topics.get(topic, ()))

    def append(
        self,
        partition: Partition,
        value: bytes | None,
        key: bytes | None = None,
        headers: Headers = (),
        timestamp_ms: int | None = None,
    ) -> Record:
        """Append a record outside any transaction."""
        return self._log(partition).append(value, key, headers, timestamp_ms)

    def read(
        self, partition: Partition, next_offset: int, max_records: int
    ) -> tuple[list[Record], int]:
        """Return committed records from ``next_offset`` on, and the offset to read next.

        Raises
        ------
        Fatal
            If ``next_offset`` is below the first retained offset, or above the end.
        """
        log = self._log(partition)
        if not log.start_offset <= next_offset <= log.end_offset:
            raise Fatal(
                f"{partition.topic}/{partition.index} holds offsets from {log.start_offset} to "
                f"{log.end_offset}, not {next_offset}",
                "start from an offset in this range",
            )
        return log.committed(next_offset, max_records)

    def compact(self, topic: str) -> None:
        """Compact the topic: keep only the last committed record of each key."""
        for log in self._topics[topic]:
            records, _ = log.committed(log.start_offset, len(log.entries))
            last = {record.key: record.offset for record in records}
            stable = log.last_stable_offset()
            log.entries = [
                (record, transaction)
                for record, transaction in log.entries
                if record.offset >= stable or last.get(record.key) == record.offset
            ]

    def delete_before(self, partition: Partition, next_offset: int) -> None:
        """Delete the records below ``next_offset``, as retention does."""
        log = self._log(partition)
        log.entries = [entry for entry in log.entries if entry[0].offset >= next_offset]
        log.start_offset = max(log.start_offset, next_offset)

    def committed(self, group: str, partition: Partition) -> Position | None:
        """Read a group's position.

        Raises
        ------
        Retriable
            While an open transaction contains a newer position.
        """
        for producer in self._producers.values():
            if producer.transaction and (group, partition) in producer.transaction.positions:
                raise Retriable(
                    f"an open transaction has a position of {partition.topic}/{partition.index}",
                    "wait until it has ended",
                )
        return self._positions.get((group, partition))

    def commit_positions(self, group: str, positions: Mapping[Partition, Position]) -> None:
        """Set a group's positions outside any transaction."""
        self._positions |= {(group, partition): found for partition, found in positions.items()}

    def producer(self, transactional_id: str) -> "MemoryProducer":
        """Create a producer; an older one with that id is fenced and its transaction aborted."""
        older = self._producers.get(transactional_id)
        if older is not None and older.transaction is not None:
            self._end(older.transaction, commit=False)
        made = self._producers[transactional_id] = MemoryProducer(self, transactional_id)
        return made

    def _end(self, transaction: _Transaction, *, commit: bool) -> None:
        transaction.committed = commit
        for partition in transaction.first_offsets:
            log = self._log(partition)
            log.open_transactions.remove(transaction)
            log.end_offset += 1  # the marker takes an offset
        if commit:
            self._positions |= transaction.positions

    def _log(self, partition: Partition) -> _PartitionLog:
        logs = self._topics.get(partition.topic, [])
        if not 0 <= partition.index < len(logs):
            raise Fatal(
                f"no partition {partition.topic}/{partition.index}", "create the topic first"
            )
        return logs[partition.index]


class MemoryProducer:
    """A transactional producer, created by `MemoryLog.producer`; one transaction at a time.

    Every method raises `Fatal` after a newer producer with the same id has been created.
    """

    def __init__(self, log: MemoryLog, transactional_id: str) -> None:
        self.transactional_id = transactional_id
        self.transaction: _Transaction | None = None
        self._log = log

    def begin(self) -> None:
        """Open a transaction."""
        self._refuse_if_fenced()
        assert self.transaction is None, "one transaction at a time"
        self.transaction = _Transaction()

    def send(
        self, partition: Partition, value: bytes | None, key: bytes | None, headers: Headers = ()
    ) -> None:
        """Append a record, which becomes visible when the transaction is committed."""
        transaction = self._current()
        self._log._log(partition).append(value, key, headers, transaction=transaction)

    def send_positions(self, group: str, positions: Mapping[Partition, Position]) -> None:
        """Set a group's positions when the transaction is committed."""
        held = self._current().positions
        held |= {(group, partition): found for partition, found in positions.items()}

    def commit(self) -> None:
        """Commit the transaction."""
        self._log._end(self._current(), commit=True)
        self.transaction = None

    def abort(self) -> None:
        """Abort the transaction."""
        self._log._end(self._current(), commit=False)
        self.transaction = None

    def _current(self) -> _Transaction:
        self._refuse_if_fenced()
        assert self.transaction is not None, "no transaction was begun"
        return self.transaction

    def _refuse_if_fenced(self) -> None:
        if self._log._producers[self.transactional_id] is not self:
            raise Fatal(
                f"a newer writer with the id {self.transactional_id} fenced this one",
                "stop one of them, or give each worker its own id",
            )
