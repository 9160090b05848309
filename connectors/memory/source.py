"""The source that reads a `MemoryLog`."""

from collections.abc import Collection, Iterable

from connectors.memory.log import MemoryLog
from connectors.protocols import Rebalance, SourceCapabilities
from connectors.record import Partition, Record


class MemorySource:
    """Reads the committed records of one topic, which has no end.

    Parameters
    ----------
    log : MemoryLog
        The log that contains the topic.
    topic : str
        The topic to read.

    Examples
    --------
    >>> log = MemoryLog()
    >>> log.create_topic("pumps")
    >>> _ = log.append(Partition("pumps", 0), b"3.5")
    >>> source = MemorySource(log, "pumps")
    >>> source.rebalances()[0].assigned
    (Partition(topic='pumps', index=0),)
    >>> source.resume(source.partitions())
    >>> [record.value for record in source.poll(max_records=10, timeout_ms=0)]
    [b'3.5']
    """

    capabilities = SourceCapabilities(follows=True, record_metadata=True)

    def __init__(self, log: MemoryLog, topic: str) -> None:
        self._log = log
        self._topic = topic
        self._positions: dict[Partition, int] = {}
        self._paused: set[Partition] = set()
        self._rebalances: list[Rebalance] = []
        self._wanted: tuple[Partition, ...] | None = None
        self._assign(self.partitions())

    def partitions(self) -> tuple[Partition, ...]:
        """Return all partitions of the topic."""
        return self._log.partitions(self._topic)

    def reassign(self, partitions: Iterable[Partition]) -> None:
        """Assign exactly these partitions from the next poll on, as a group coordinator does."""
        self._wanted = tuple(sorted(partitions))

    def rebalances(self) -> list[Rebalance]:
        """Return the initial assignment and, after `reassign`, the changes."""
        queued, self._rebalances = self._rebalances, []
        return queued

    def poll(self, max_records: int, timeout_ms: int) -> list[Record]:
        """Read records, without waiting: nothing can be appended meanwhile."""
        if self._wanted is not None:
            self._assign(self._wanted)
            self._wanted = None
        records: list[Record] = []
        for partition, position in self._positions.items():
            if partition not in self._paused and len(records) < max_records:
                found, next_offset = self._log.read(partition, position, max_records - len(records))
                records += found
                self._positions[partition] = next_offset
        return records

    def start(self, partition: Partition, wanted: int | None) -> int:
        """Return the wanted offset, or that of the first record."""
        self.position(partition)
        return wanted or 0

    def seek(self, partition: Partition, next_offset: int) -> None:
        """Continue reading at ``next_offset``."""
        self.position(partition)  # raises KeyError for a partition that is not assigned
        self._positions[partition] = next_offset

    def position(self, partition: Partition) -> int:
        """Return the offset that is read next."""
        return self._positions[partition]

    def pause(self, partitions: Collection[Partition]) -> None:
        """Return no records of these partitions until they are resumed."""
        for partition in partitions:
            self.position(partition)
            self._paused.add(partition)

    def resume(self, partitions: Collection[Partition]) -> None:
        """Return records of these partitions again."""
        for partition in partitions:
            self.position(partition)
            self._paused.discard(partition)

    def finished(self, partition: Partition) -> bool:
        """Return False: a topic has no end."""
        self.position(partition)
        return False

    def close(self) -> None:
        """Do nothing."""

    def _assign(self, partitions: tuple[Partition, ...]) -> None:
        assigned = tuple(p for p in partitions if p not in self._positions)
        revoked = tuple(p for p in self._positions if p not in partitions)
        for partition in revoked:
            del self._positions[partition]
            self._paused.discard(partition)
        self._positions |= dict.fromkeys(assigned, 0)
        self._paused |= set(assigned)
        if assigned or revoked:
            self._rebalances.append(Rebalance(assigned, revoked))
