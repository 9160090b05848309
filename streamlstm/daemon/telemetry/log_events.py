"""The closed table of log events: name, level, fields, and when each is written."""

from typing import Literal, NamedTuple


class LogEvent(NamedTuple):
    """An entry of the table.

    Parameters
    ----------
    level : str
        Level at which the event is written.
    fields : tuple of str
        Names of its fields, besides ``event``, ``level`` and ``timestamp``.
    meaning : str
        When it is written, with units where a field has one.
    every_s : float
        Shortest time between two of them, in seconds; 0 writes each one.
    """

    level: Literal["debug", "info", "warning", "error"]
    fields: tuple[str, ...]
    meaning: str
    every_s: float = 0.0


WHERE = ("topic", "partition")
COUNTS = (
    *("records", "learnt", "dead_letters", "ignored"),
    *("replayed", "alerts", "commands"),
)
EFFECTS = ("alerts", "dead_letters", "snapshots", "commands")

LOG_EVENTS = {
    "started": LogEvent("info", ("app", "source", "outbox", "config"), "The worker started."),
    "rebalanced": LogEvent(
        *("info", ("assigned", "revoked")),
        "The broker assigned partitions to the worker, or revoked them.",
    ),
    "restored": LogEvent(
        *("info", (*WHERE, "streams", "replay_records")),
        "The worker loaded a partition's snapshots. replay_records remain to be replayed.",
    ),
    "replaying": LogEvent(
        *("info", (*WHERE, "done", "left", "seconds_left")),
        "Progress of a replay, in records. seconds_left is null until the rate is known.",
        10.0,
    ),
    "progress": LogEvent("info", COUNTS, "Records processed since the start, by outcome.", 10.0),
    "waiting": LogEvent(
        "warning", ("reason",), "The worker cannot continue yet, and retries.", 10.0
    ),
    "lost": LogEvent(
        *("error", (*WHERE, "wanted", "begins", "records")),
        "The input no longer retains the records from offset wanted to begins. They are skipped.",
    ),
    "committed": LogEvent("debug", EFFECTS, "The worker committed a batch."),
    "ended": LogEvent(
        *("info", ("stopped", *COUNTS)),
        "The worker ended cleanly. records = learnt + dead_letters + ignored.",
    ),
}
"""Every event that :class:`~streamlstm.daemon.telemetry.json_log.JsonLog` can write."""
