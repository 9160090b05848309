"""What the demo's run put into its outbox, held against what is known of the data."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from streamlstm.demo.trace import Disturbance


@dataclass(frozen=True)
class DemoAlert:
    """One alert: the message that opened it, with what the message of its end adds.

    Parameters
    ----------
    alert_id
        As the outbox has it.
    opened_s, ended_s
        Times, seconds since 1970 UTC; the second is None while it is open.
    severity
        Of the highest score known.
    observed, expected, low, high
        At the event that opened it; an alert opens outside of low to high.
    score, peak
        Of that event, and the highest.
    expert
        Whom the forecast of that event trusted most.
    share
        How far.
    disturbance
        The known one in which it opened, if any.
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
        In the order in which they opened.
    known
        The disturbances.
    events
        How many were learnt.
    seconds
        How long it took, from the first record to the last commit.

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
        """How many known disturbances an alert opened in."""
        return len({alert.disturbance for alert in self.alerts} - {None})

    @property
    def outside(self) -> int:
        """How many alerts opened outside all of them."""
        return sum(alert.disturbance is None for alert in self.alerts)

    @property
    def event_us(self) -> float:
        """Microseconds for each event."""
        return 1e6 * self.seconds / max(1, self.events)

    @property
    def summary(self) -> str:
        """Everything in one line."""
        plural = "" if self.outside == 1 else "s"
        return (
            f"{self.found} of {len(self.known)} known disturbances found, "
            f"{self.outside} alert{plural} outside them, "
            f"{self.events} events in {self.seconds:.2f} s ({self.event_us:.0f} µs per event)"
        )


def read_alerts(lines: Iterable[bytes], known: Sequence[Disturbance]) -> list[DemoAlert]:
    """Read the alerts of one target, each message of an end joined to that of its beginning.

    Parameters
    ----------
    lines
        Of the outbox's alerts file.
    known
        To say in which one each alert opened.
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
        disturbance=next((one for one in known if one.holds(first["time_s"])), None),
    )
