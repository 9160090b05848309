"""Interface of the modules that open connectors, and their lookup by kind."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any, Protocol, cast

from connectors import (
    AppliedCommand,
    DeadLetter,
    Outbox,
    Partition,
    Relay,
    Snapshot,
    Source,
)
from connectors.effects import CrashPoint
from streamlstm.daemon.config.connectors.section import OutboxSection, SourceSection


class View(Protocol):
    """Reads an outbox without disturbing its writer.

    While a worker runs, a view shows the state committed when reading began.
    """

    def load(self, partition: Partition) -> Iterator[Snapshot | None]:
        """Read the snapshots; the last one of a stream is current, even if it is a tombstone."""
        ...

    def applied_commands(
        self, partition: Partition, from_offset: int
    ) -> Iterator[AppliedCommand | None]:
        """Read the commands that were applied at ``from_offset`` or later."""
        ...

    def dead_letters(self) -> Iterator[DeadLetter]:
        """Read the dead letters."""
        ...

    def close(self) -> None:
        """Release the connection or the file."""
        ...


class SourceWiring(Protocol):
    """A module that opens sources; ``config`` is the whole configuration."""

    def open_source(self, section: Any, config: Any) -> Source:
        """Open the source that a section describes."""
        ...

    def partitions(self, section: Any, config: Any) -> tuple[Partition, ...]:
        """Return the partitions of the source without reading records."""
        ...


class OutboxWiring(Protocol):
    """A module that opens outboxes; ``config`` is the whole configuration.

    ``open_view`` and ``open_relay`` are called only if the outbox is durable.
    """

    def open_outbox(
        self, section: Any, config: Any, source: Source | None, crash_point: CrashPoint
    ) -> Outbox:
        """Open the outbox; ``source`` is the worker's if the outbox is shared, otherwise None."""
        ...

    def open_view(self, section: Any, config: Any) -> View:
        """Open a view of the committed state."""
        ...

    def open_relay(self, section: Any, config: Any, name: str) -> Relay:
        """Open a reader of the alerts with a position of its own."""
        ...


def source_wiring(section: SourceSection) -> SourceWiring:
    """Import the module of a kind of source."""
    return cast("SourceWiring", import_module(section.wiring))


def outbox_wiring(section: OutboxSection) -> OutboxWiring:
    """Import the module of a kind of outbox."""
    return cast("OutboxWiring", import_module(section.wiring))
