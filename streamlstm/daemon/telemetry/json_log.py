"""What a worker tells machines: JSON lines on standard error, each event of a closed list."""

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

PROGRESS_EVERY_S = 10.0


class JsonLog:
    """Telemetry for a log collector.

    Its events: ``started``, ``rebalanced``, ``restored``, ``replaying``, ``progress``, ``waiting``,
    ``lost``, ``committed``, ``ended``.

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
        self._told_at = dict.fromkeys(("progress", "replaying"), monotonic())
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

    def started(self, app: str, details: Mapping[str, Any]) -> None:
        """Log that the worker has begun."""
        self._log.info("started", app=app, **details)

    def restored(self, partition: Partition, streams: int, replay: int) -> None:
        """Log what was taken over."""
        where = {"topic": partition.topic, "partition": partition.index}
        self._log.info("restored", **where, streams=streams, replay_records=replay)

    def rebalanced(self, assigned: Sequence[Partition], revoked: Sequence[Partition]) -> None:
        """Log what came and went."""
        came, went = [p.index for p in assigned], [p.index for p in revoked]
        self._log.info("rebalanced", assigned=came, revoked=went)

    def lost(self, partition: Partition, wanted: int, begins: int) -> None:
        """Log what no worker has ever seen."""
        where = {"topic": partition.topic, "partition": partition.index}
        self._log.error("lost", **where, wanted=wanted, begins=begins, records=begins - wanted)

    def replaying(self, partition: Partition, done: int, left: int) -> None:
        """Log now and then how a replay gets on."""
        now = self._monotonic()
        began, at = self._replay_began.setdefault(partition, (now, done))
        if left == 0:
            del self._replay_began[partition]
        if self._due("replaying") or left == 0:
            rate = (done - at) / (now - began) if now > began else 0.0
            seconds = round(left / rate, 1) if rate else None
            where = {"topic": partition.topic, "partition": partition.index}
            self._log.info("replaying", **where, done=done, left=left, seconds_left=seconds)

    def waiting(self, message: str) -> None:
        """Log now and then what is waited for."""
        if self._due("waiting"):
            self._log.warning("waiting", what=message)

    def progress(self, counts: Mapping[Partition, Counts]) -> None:
        """Log the account now and then."""
        if self._due("progress"):
            self._log.info("progress", **asdict(total(counts)))

    def _due(self, event: str) -> bool:
        now = self._monotonic()
        if now - self._told_at.get(event, -PROGRESS_EVERY_S) < PROGRESS_EVERY_S:
            return False
        self._told_at[event] = now
        return True

    def committed(self, effects: Effects) -> None:
        """Log what a round left behind."""
        self._log.debug(
            "committed",
            alerts=len(effects.alerts),
            dead_letters=len(effects.dead_letters),
            snapshots=len(effects.snapshots),
            commands=len(effects.commands),
        )

    def ended(self, counts: Mapping[Partition, Counts], *, stopped: bool) -> None:
        """Log the account: records = learnt + dead letters + ignored."""
        self._log.info("ended", stopped=stopped, **asdict(total(counts)))
