"""A toy connector in one module: records of fixed width from a file, six characters of flow."""

from collections.abc import Collection
from pathlib import Path
from typing import ClassVar, Literal

from connectors import Partition, Rebalance, Record, Source, SourceCapabilities
from streamlstm.daemon.config.connectors.section import SourceSection
from streamlstm.daemon.config.types import Name, Place

WIDTH = 6


class FixedWidthSource(SourceSection):
    """Records of six characters each."""

    wiring: ClassVar = __name__

    kind: Literal["fixed_width"]
    """Read records of fixed width."""
    path: Place
    """The file."""
    topic: Name
    """Name of the journal."""


class StreamingSource(FixedWidthSource):
    """The same records, as a source that cannot seek."""

    capabilities: ClassVar = SourceCapabilities(seekable=False)

    kind: Literal["streaming"]
    """Read records once."""


class FixedWidth:
    """The source; the number of a record is its offset."""

    def __init__(self, path: str, topic: str, capabilities: SourceCapabilities) -> None:
        self.capabilities = capabilities
        content = Path(path).read_text()
        self._values = [content[n : n + WIDTH] for n in range(0, len(content), WIDTH)]
        self._partition = Partition(topic, 0)
        self._next = 0
        self._paused = True
        self._rebalances = [Rebalance(assigned=(self._partition,))]

    def partitions(self) -> tuple[Partition, ...]:
        return (self._partition,)

    def rebalances(self) -> list[Rebalance]:
        queued, self._rebalances = self._rebalances, []
        return queued

    def poll(self, max_records: int, timeout_ms: int) -> list[Record]:
        if self._paused:
            return []
        first, self._next = self._next, min(len(self._values), self._next + max_records)
        return [
            Record(self._partition, n, None, f'{{"flow": {self._values[n]}}}'.encode())
            for n in range(first, self._next)
        ]

    def start(self, partition: Partition, wanted: int | None) -> int:
        return wanted or 0

    def seek(self, partition: Partition, next_offset: int) -> None:
        self._next = next_offset

    def position(self, partition: Partition) -> int:
        return self._next

    def pause(self, partitions: Collection[Partition]) -> None:
        self._paused = self._paused or bool(partitions)

    def resume(self, partitions: Collection[Partition]) -> None:
        self._paused = self._paused and not partitions

    def finished(self, partition: Partition) -> bool:
        return self._next >= len(self._values)

    def close(self) -> None:
        pass


def open_source(section: FixedWidthSource, config: object) -> Source:
    return FixedWidth(section.path, section.topic, section.capabilities)


def partitions(section: FixedWidthSource, config: object) -> tuple[Partition, ...]:
    return (Partition(section.topic, 0),)
