"""Opens the outbox on standard output, which has no view and no relay."""

from connectors import Source, StdoutOutbox
from connectors.effects import CrashPoint


def open_outbox(
    section: object, config: object, source: Source | None, crash_point: CrashPoint
) -> StdoutOutbox:
    """Open the outbox."""
    return StdoutOutbox(crash_point=crash_point)
