"""What a worker tells machines: JSON lines on standard error, each event of a closed list."""

import logging
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, TextIO

import structlog

from connectors import Effects, Partition
from streamlstm.daemon.task import Counts
from streamlstm.daemon.telemetry import total

PROGRESS_EVERY_S = 10.0


class JsonLog:
    """Telemetry for a log collector: ``started``, ``restored``, ``progress``, ``ended``.

    Parameters
    ----------
    level
        ``debug``, ``info``, ``warning`` or ``error``; commits are told at ``debug``.
    output
        Where to write.
    monotonic
        Seconds since whenever; decides how often progress is told, and nothing else.
    """

    def __init__(
        self,
        level: str = "info",
        output: TextIO = sys.stderr,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._monotonic = monotonic
        self._told_at = monotonic()
        self._log = structlog.wrap_logger(
            structlog.WriteLogger(output),
            wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.JSONRenderer(),
            ],
        )

    def started(self, app: str, details: Mapping[str, Any]) -> None:
        """Log that the worker has begun."""
        self._log.info("started", app=app, **details)

    def restored(self, partition: Partition, streams: int, replay: int) -> None:
        """Log what was taken over."""
        where = {"topic": partition.topic, "partition": partition.index}
        self._log.info("restored", **where, streams=streams, replay_records=replay)

    def progress(self, counts: Mapping[Partition, Counts]) -> None:
        """Log the account now and then."""
        if self._monotonic() - self._told_at >= PROGRESS_EVERY_S:
            self._told_at = self._monotonic()
            self._log.info("progress", **asdict(total(counts)))

    def committed(self, effects: Effects) -> None:
        """Log what a round left behind."""
        self._log.debug(
            "committed",
            alerts=len(effects.alerts),
            dead_letters=len(effects.dead_letters),
            snapshots=len(effects.snapshots),
            controls=len(effects.controls),
        )

    def ended(self, counts: Mapping[Partition, Counts], *, stopped: bool) -> None:
        """Log the account: records = learnt + dead letters + ignored."""
        self._log.info("ended", stopped=stopped, **asdict(total(counts)))
