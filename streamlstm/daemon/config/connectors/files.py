"""Sections of the connectors over files and standard output."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from connectors.protocols import OutboxCapabilities
from streamlstm.daemon.config.connectors.section import OutboxSection, SourceSection
from streamlstm.daemon.config.types import Delimiter, Name, OneOrMoreInputs, Place


class CsvSource(SourceSection):
    """CSV files, plain or gzip. The first line names the columns."""

    wiring: ClassVar = "streamlstm.daemon.wiring.files"

    kind: Literal["csv"]
    """CSV files."""
    path: OneOrMoreInputs
    """Files. Each one is a partition."""
    topic: Name
    """Name of the input. It is part of every alert id, so do not change it."""
    delimiter: Delimiter = ","
    """Separator of columns."""
    line_bytes_max: Annotated[int, Field(ge=64, le=1 << 30)] = 1 << 20
    """Longest record, in bytes. A longer one becomes a dead letter."""

    @property
    def value_format(self) -> str:
        """The decoder of a record's value."""
        return "csv"

    @property
    def cell_delimiter(self) -> str:
        """What separates the cells of a CSV record."""
        return self.delimiter


class JsonLinesSource(SourceSection):
    """Files with one JSON object per line, plain or gzip."""

    wiring: ClassVar = "streamlstm.daemon.wiring.files"

    kind: Literal["jsonl"]
    """JSON Lines files."""
    path: OneOrMoreInputs
    """Files. Each one is a partition."""
    topic: Name
    """Name of the input. It is part of every alert id, so do not change it."""
    line_bytes_max: Annotated[int, Field(ge=64, le=1 << 30)] = 1 << 20
    """Longest record, in bytes. A longer one becomes a dead letter."""


class SqliteOutbox(OutboxSection):
    """One SQLite file with alerts, snapshots and positions: exactly once."""

    wiring: ClassVar = "streamlstm.daemon.wiring.sqlite"

    kind: Literal["sqlite"]
    """A SQLite file."""
    path: Place
    """The file. It is created if it does not exist."""


class JsonLinesOutbox(OutboxSection):
    """One folder of JSON Lines files with alerts, snapshots and positions: exactly once."""

    wiring: ClassVar = "streamlstm.daemon.wiring.jsonl"

    kind: Literal["jsonl"]
    """A folder of JSON Lines files."""
    path: Place
    """The folder. It is created if it does not exist."""


class StdoutOutbox(OutboxSection):
    """Standard output without state: a restarted worker prints all alerts again."""

    wiring: ClassVar = "streamlstm.daemon.wiring.stdout"
    capabilities: ClassVar = OutboxCapabilities(exactly_once=False, durable=False)

    kind: Literal["stdout"]
    """Standard output."""
