"""Log events as JSON lines on standard error, for a log collector."""

import logging
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, TextIO

import structlog

from connectors import Effects, Partition
from streamlstm.daemon.telemetry.counts import Counts
from streamlstm.daemon.telemetry.events import total
from streamlstm.daemon.telemetry.log_events import LOG_EVENTS


class JsonLog:
    """Telemetry that writes one JSON object a line.

    The events, their levels and their fields are those of
    :data:`~streamlstm.daemon.telemetry.log_events.LOG_EVENTS`.

    Parameters
    ----------
    level
        Lowest level that is written: ``debug``, ``info``, ``warning`` or ``error``.
    output
        File to write to.
    monotonic
        Clock in seconds. It limits how often an event is written, and affects nothing else.

    Examples
    --------
    >>> log = JsonLog(output=sys.stdout)
    >>> log.rebalanced([Partition("pumps", 3)], [])
    {"assigned": [3], "revoked": [], "event": "rebalanced", "level": "info", "timestamp": ...}
    """

    def __init__(
        self,
        level: str = "info",
        output: TextIO = sys.stderr,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._monotonic = monotonic
        self._written_at = dict.fromkeys(("progress", "replaying"), monotonic())
        self._replay_began: dict[Partition, tuple[float, int]] = {}
        self._log = structlog.wrap_logger(
            structlog.WriteLogger(output),
            wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.JSONRenderer(),
            ],
        )

    def _write(self, event: str, *values: Any) -> None:
        """Write an event of the table, with the values of its fields in their order."""
        entry = LOG_EVENTS[event]
        getattr(self._log, entry.level)(event, **dict(zip(entry.fields, values, strict=True)))

    def started(self, app: str, details: Mapping[str, Any]) -> None:
        """Log that the worker started."""
        self._write("started", app, *(details[n] for n in LOG_EVENTS["started"].fields[1:]))

    def restored(self, partition: Partition, streams: int, replay: int) -> None:
        """Log that a partition's snapshots are loaded."""
        self._write("restored", partition.topic, partition.index, streams, replay)

    def rebalanced(self, assigned: Sequence[Partition], revoked: Sequence[Partition]) -> None:
        """Log which partitions were assigned and revoked."""
        self._write("rebalanced", [p.index for p in assigned], [p.index for p in revoked])

    def lost(self, partition: Partition, wanted: int, begins: int) -> None:
        """Log which records are no longer retained."""
        self._write("lost", partition.topic, partition.index, wanted, begins, begins - wanted)

    def replaying(self, partition: Partition, done: int, left: int) -> None:
        """Log the progress of a replay, at its end and at most every ten seconds."""
        now = self._monotonic()
        began, at = self._replay_began.setdefault(partition, (now, done))
        if left == 0:
            del self._replay_began[partition]
        if self._due("replaying") or left == 0:
            rate = (done - at) / (now - began) if now > began else 0.0
            seconds = round(left / rate, 1) if rate else None
            self._write("replaying", partition.topic, partition.index, done, left, seconds)

    def waiting(self, message: str) -> None:
        """Log why the worker cannot continue, at most every ten seconds."""
        if self._due("waiting"):
            self._write("waiting", message)

    def progress(self, counts: Mapping[Partition, Counts]) -> None:
        """Log the counts of all partitions, at most every ten seconds."""
        if self._due("progress"):
            self._write("progress", *asdict(total(counts)).values())

    def _due(self, event: str) -> bool:
        now, every_s = self._monotonic(), LOG_EVENTS[event].every_s
        if now - self._written_at.get(event, -every_s) < every_s:
            return False
        self._written_at[event] = now
        return True

    def committed(self, effects: Effects) -> None:
        """Log the number of effects in a commit."""
        sizes = (len(getattr(effects, name)) for name in LOG_EVENTS["committed"].fields)
        self._write("committed", *sizes)

    def ended(self, counts: Mapping[Partition, Counts], *, stopped: bool) -> None:
        """Log the counts of the whole run: records = learnt + dead letters + ignored."""
        self._write("ended", stopped, *asdict(total(counts)).values())
