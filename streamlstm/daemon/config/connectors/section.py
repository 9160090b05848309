"""What the configuration section of every kind of connector states."""

from typing import TYPE_CHECKING, ClassVar

from connectors.protocols import OutboxCapabilities, SourceCapabilities
from streamlstm.daemon.config.types import Section


class SourceSection(Section):
    """Base of the sections that configure a source.

    A subclass has the fields ``kind``, a literal string, and ``topic``, the name of the journal.
    """

    if TYPE_CHECKING:  # declared by each subclass, in its own order
        kind: str
        topic: str

    wiring: ClassVar[str]
    """Module with ``open_source`` and ``partitions``; imported when the source is opened."""
    capabilities: ClassVar[SourceCapabilities] = SourceCapabilities()
    """What sources of this kind can do; needed before one is opened."""

    @property
    def value_format(self) -> str:
        """The decoder of a record's value."""
        return "json"

    @property
    def cell_delimiter(self) -> str:
        """What separates the cells of a CSV record."""
        return ","


class OutboxSection(Section):
    """Base of the sections that configure an outbox.

    A subclass has the field ``kind``, a literal string.
    """

    if TYPE_CHECKING:  # declared by each subclass
        kind: str

    wiring: ClassVar[str]
    """Module with ``open_outbox``, ``open_view`` and ``open_relay``; imported when needed."""
    capabilities: ClassVar[OutboxCapabilities] = OutboxCapabilities()
    """What outboxes of this kind can do; needed before one is opened."""
