"""From a learner's verdicts to the alerts people read."""

import math
from collections.abc import Sequence
from typing import Any

from streamlstm.daemon.learners.port import AlertEvent
from streamlstm.stages import AlertMessage, Event, form_alert
from streamlstm.stages.alert import CloseReason


class AlertFactory:
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

    def of(
        self, alert_event: AlertEvent, event: Event, offset: int, opened_at: int
    ) -> tuple[str, bytes]:
        """Form the alert of a verdict: its id and its body."""
        total = math.fsum(alert_event.standardised_error)
        shares = [
            (name, s / total)
            for name, s in self._named(alert_event.standardised_error)
            if total > 0.0
        ]
        message = AlertMessage(
            **self._always,
            kind="opened" if alert_event.opened else "closed",
            offset=offset,
            opened_offset=opened_at,
            stream=event.key,
            time_s=event.time_s,
            score=alert_event.score,
            peak_score=alert_event.peak,
            observed=dict(self._named(event.targets)),
            expected=dict(self._named(alert_event.forecast)),
            interval={
                name: (middle - width, middle + width)
                for (name, middle), width in zip(
                    self._named(alert_event.forecast), alert_event.half_width, strict=True
                )
            },
            contributions=sorted(shares, key=lambda share: -share[1]),
            experts=alert_event.weights,
            reason=None if alert_event.opened else "resolved",
            events=alert_event.events,
        )
        return form_alert(message)

    def ended(
        self, key: str, reason: CloseReason, ended: tuple[int, float], offset: int, opened_at: int
    ) -> tuple[str, bytes]:
        """Form the message of an alert that an operator command ended."""
        message = AlertMessage(
            **self._always,
            kind="closed",
            offset=offset,
            opened_offset=opened_at,
            stream=key,
            time_s=None,
            score=0.0,
            peak_score=ended[1],
            reason=reason,
            events=ended[0],
        )
        return form_alert(message)

    def _named(self, numbers: Sequence[float]) -> list[tuple[str, float]]:
        return list(zip(self._targets, numbers, strict=True))
