"""From a learner's verdicts to the alerts people read."""

import math
from collections.abc import Sequence
from typing import Any

from streamlstm.daemon.learners.port import Verdict
from streamlstm.stages import Event, Finding, form_alert
from streamlstm.stages.alert import CloseReason


class Findings:
    """Names what a verdict only numbers.

    Parameters
    ----------
    app, topic, partition
        Where the alerts of a partition arise.
    targets
        Names of the targets, in the order of their numbers.
    threshold
        The score at which an alert opens.
    """

    def __init__(
        self, app: str, topic: str, partition: int, targets: Sequence[str], threshold: float
    ) -> None:
        self._always: dict[str, Any] = {
            "app": app,
            "topic": topic,
            "partition": partition,
            "threshold": threshold,
        }
        self._targets = targets

    def of(self, verdict: Verdict, event: Event, offset: int, opened_at: int) -> tuple[str, bytes]:
        """Form the alert of a verdict: its id and its body."""
        total = math.fsum(verdict.surprise)
        shares = [(name, s / total) for name, s in self._named(verdict.surprise) if total > 0.0]
        finding = Finding(
            **self._always,
            kind="open" if verdict.opened else "close",
            offset=offset,
            opened_offset=opened_at,
            stream=event.key,
            time_s=event.time_s,
            score=verdict.score,
            peak_score=verdict.peak,
            observed=dict(self._named(event.targets)),
            expected=dict(self._named(verdict.forecast)),
            interval={
                name: (middle - width, middle + width)
                for (name, middle), width in zip(
                    self._named(verdict.forecast), verdict.half_width, strict=True
                )
            },
            weighed=sorted(shares, key=lambda share: -share[1]),
            experts=verdict.weights,
            reason=None if verdict.opened else "quiet",
            events=verdict.events,
        )
        return form_alert(finding)

    def ended(
        self, key: str, reason: CloseReason, ended: tuple[int, float], offset: int, opened_at: int
    ) -> tuple[str, bytes]:
        """Form the message of an alert that a control record ended."""
        finding = Finding(
            **self._always,
            kind="close",
            offset=offset,
            opened_offset=opened_at,
            stream=key,
            time_s=None,
            score=0.0,
            peak_score=ended[1],
            reason=reason,
            events=ended[0],
        )
        return form_alert(finding)

    def _named(self, numbers: Sequence[float]) -> list[tuple[str, float]]:
        return list(zip(self._targets, numbers, strict=True))
