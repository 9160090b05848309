"""Records every event of a run with its forecast and score."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from streamlstm.bank import BatchResult
from streamlstm.stages import Event


@dataclass(frozen=True)
class Disturbance:
    """A time range that is known to be anomalous; the detector does not use it.

    Parameters
    ----------
    start, end
        First and last hour, in ISO 8601.

    Examples
    --------
    >>> fault = Disturbance("2022-03-24T08:00+01:00", "2022-03-25T02:00+01:00")
    >>> fault.name, fault.contains(fault.start_s), fault.contains(fault.end_s + 1.0)
    ('24 March', True, False)
    """

    start: str
    end: str

    @property
    def start_s(self) -> float:
        """First hour, in seconds since 1970 UTC."""
        return datetime.fromisoformat(self.start).timestamp()

    @property
    def end_s(self) -> float:
        """Last hour, in seconds since 1970 UTC."""
        return datetime.fromisoformat(self.end).timestamp()

    @property
    def name(self) -> str:
        """Day on which it begins."""
        return f"{datetime.fromisoformat(self.start):%-d %B}"

    def contains(self, time_s: float) -> bool:
        """Return whether it contains a time."""
        return self.start_s <= time_s <= self.end_s


DISTURBANCES = (
    Disturbance("2022-03-24T08:00+01:00", "2022-03-25T02:00+01:00"),
    Disturbance("2022-03-29T07:00+02:00", "2022-03-29T22:00+02:00"),
    Disturbance("2022-04-03T06:00+02:00", "2022-04-03T07:00+02:00"),
    Disturbance("2022-04-27T15:00+02:00", "2022-04-28T07:00+02:00"),
)
"""Labelled by eye before any detector ran on the data."""


@dataclass(frozen=True)
class Rules:
    """Settings of the alerts, and the time zone of the charts.

    Parameters
    ----------
    threshold
        Score at which an alert opens.
    warm_up
        Number of events without a score.
    resolve_after
        Number of normal events after which an alert closes.
    zone
        Time zone of the data.
    """

    threshold: float
    warm_up: int
    resolve_after: int
    zone: tzinfo


@dataclass
class Trace:
    """The events of one stream with one target.

    Examples
    --------
    >>> from streamlstm.daemon.learners.bank import BankLearner
    >>> trace = Trace()
    >>> learner = BankLearner((), ("flow",), clock=False, hidden_size=8, memory_max_bytes=1 << 20)
    >>> learner.observer = trace.observe
    >>> learner.process([Event("a", 0.0, None, (), (1.0,)), Event("a", 60.0, None, (), (2.0,))])
    []
    >>> trace.observed, trace.forecast
    ([1.0, 2.0], [0.0, 1.0])
    """

    time_s: list[float] = field(default_factory=list)
    observed: list[float] = field(default_factory=list)
    forecast: list[float] = field(default_factory=list)
    half_width: list[float] = field(default_factory=list)
    score: list[float] = field(default_factory=list)
    weights: list[list[float]] = field(default_factory=list)

    def observe(self, events: Sequence[Event], result: BatchResult) -> None:
        """Append a batch; used as the observer of a learner."""
        self.time_s += [event.time_s or 0.0 for event in events]
        self.observed += [event.targets[0] for event in events]
        self.forecast += result.forecast[:, 0].tolist()
        self.half_width += result.half_width[:, 0].tolist()
        self.score += result.score.tolist()
        self.weights += result.expert_weights[:, 0].tolist()

    def between(self, start_s: float, end_s: float) -> "Trace":
        """Return the events of a time range."""
        chosen = [n for n, time_s in enumerate(self.time_s) if start_s <= time_s <= end_s]
        return Trace(*([column[n] for n in chosen] for column in vars(self).values()))
