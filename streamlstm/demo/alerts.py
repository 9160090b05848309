"""Compares the alerts in the demo's outbox with the known disturbances."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from streamlstm.demo.trace import Disturbance


@dataclass(frozen=True)
class DemoAlert:
    """One alert: the message that opened it, joined with the message that closed it.

    Parameters
    ----------
    alert_id
        Id of the opening message.
    opened_s, ended_s
        Times in seconds since 1970 UTC; `ended_s` is None while the alert is open.
    severity
        Severity of the highest score.
    observed, expected, low, high
        Value, forecast and prediction interval of the event that opened the alert.
    score, peak
        Score of that event, and the highest score.
    expert
        Expert with the largest weight in the forecast of that event.
    share
        Weight of this expert.
    disturbance
        Known disturbance in which the alert opened, if any.
    """

    alert_id: str
    opened_s: float
    ended_s: float | None
    severity: str
    observed: float
    expected: float
    low: float
    high: float
    score: float
    peak: float
    expert: str
    share: float
    disturbance: Disturbance | None


@dataclass(frozen=True)
class Outcome:
    """How the alerts compare with the known disturbances.

    Parameters
    ----------
    alerts
        Alerts in the order in which they opened.
    known
        Known disturbances.
    events
        Number of events.
    seconds
        Time from the first record to the last commit.

    Examples
    --------
    >>> known = Disturbance("2022-03-24T08:00+01:00", "2022-03-25T02:00+01:00")
    >>> print(Outcome([], [known], events=1268, seconds=0.1).summary)
    0 of 1 known disturbances found, 0 alerts outside them, 1268 events in 0.10 s (79 µs per event)
    """

    alerts: Sequence[DemoAlert]
    known: Sequence[Disturbance]
    events: int
    seconds: float

    @property
    def found(self) -> int:
        """Number of known disturbances in which an alert opened."""
        return len({alert.disturbance for alert in self.alerts} - {None})

    @property
    def outside(self) -> int:
        """Number of alerts that opened outside all known disturbances."""
        return sum(alert.disturbance is None for alert in self.alerts)

    @property
    def event_us(self) -> float:
        """Microseconds per event."""
        return 1e6 * self.seconds / max(1, self.events)

    @property
    def summary(self) -> str:
        """The result in one line."""
        plural = "" if self.outside == 1 else "s"
        return (
            f"{self.found} of {len(self.known)} known disturbances found, "
            f"{self.outside} alert{plural} outside them, "
            f"{self.events} events in {self.seconds:.2f} s ({self.event_us:.0f} µs per event)"
        )


def read_alerts(lines: Iterable[bytes], known: Sequence[Disturbance]) -> list[DemoAlert]:
    """Read the alerts of one target; join each closing message to its opening message.

    Parameters
    ----------
    lines
        Lines of the alerts file of the outbox.
    known
        Known disturbances.
    """
    opened: dict[str, dict[str, Any]] = {}
    ended: dict[str, dict[str, Any]] = {}
    for line in lines:
        message = json.loads(line)
        if message["kind"] == "opened":
            opened[message["id"]] = message
        else:
            ended[message["opening_id"]] = message
    return [_joined(message, ended.get(name), known) for name, message in opened.items()]


def _joined(
    first: dict[str, Any], last: dict[str, Any] | None, known: Sequence[Disturbance]
) -> DemoAlert:
    (target,) = first["observed"]
    low, high = first["interval"][target]
    expert, share = max(first["experts"].items(), key=lambda item: item[1])
    return DemoAlert(
        alert_id=first["id"],
        opened_s=first["time_s"],
        ended_s=last["time_s"] if last else None,
        severity=(last or first)["severity"],
        observed=first["observed"][target],
        expected=first["expected"][target],
        low=low,
        high=high,
        score=first["score"],
        peak=last["peak_score"] if last else first["score"],
        expert=expert,
        share=share,
        disturbance=next((one for one in known if one.contains(first["time_s"])), None),
    )
