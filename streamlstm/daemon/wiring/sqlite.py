"""Opens the SQLite outbox, its view and its relay."""

from pathlib import Path

from connectors import Source, SqliteOutbox, SqliteRelay
from connectors.effects import CrashPoint
from connectors.errors import map_os_errors
from connectors.sqlite.view import SqliteView
from streamlstm.daemon.config.connectors.files import SqliteOutbox as SqliteSection


def open_outbox(
    section: SqliteSection, config: object, source: Source | None, crash_point: CrashPoint
) -> SqliteOutbox:
    """Open the outbox; create what is missing."""
    with map_os_errors(section.path):
        Path(section.path).parent.mkdir(parents=True, exist_ok=True)
    return SqliteOutbox(section.path, crash_point=crash_point)


def open_view(section: SqliteSection, config: object) -> SqliteView:
    """Open a view of what is committed."""
    return SqliteView(section.path)


def open_relay(section: SqliteSection, config: object, name: str) -> SqliteRelay:
    """Open a reader of the alerts with a position of its own."""
    return SqliteRelay(section.path, name)
