"""Opens the JSON-lines outbox, its view and its relay."""

from connectors import JsonlOutbox, JsonlRelay, Source
from connectors.effects import CrashPoint
from connectors.jsonl.view import JsonlView
from streamlstm.daemon.config.connectors.files import JsonLinesOutbox


def open_outbox(
    section: JsonLinesOutbox, config: object, source: Source | None, crash_point: CrashPoint
) -> JsonlOutbox:
    """Open the outbox; create what is missing."""
    return JsonlOutbox(section.path, crash_point=crash_point)


def open_view(section: JsonLinesOutbox, config: object) -> JsonlView:
    """Open a view of what is committed."""
    return JsonlView(section.path)


def open_relay(section: JsonLinesOutbox, config: object, name: str) -> JsonlRelay:
    """Open a reader of the alerts with a position of its own."""
    return JsonlRelay(section.path, name)
