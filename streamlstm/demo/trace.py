"""What the demo remembers of a run: every event and what was made of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from streamlstm.bank import BatchResult
from streamlstm.stages import Event


@dataclass(frozen=True)
class Disturbance:
    """A stretch of the data that is known to be odd; the detector never learns of it.

    Parameters
    ----------
    start, end
        Its first and last hour, as the data writes them.

    Examples
    --------
    >>> fault = Disturbance("2022-03-24T08:00+01:00", "2022-03-25T02:00+01:00")
    >>> fault.name, fault.holds(fault.start_s), fault.holds(fault.end_s + 1.0)
    ('24 March', True, False)
    """

    start: str
    end: str

    @property
    def start_s(self) -> float:
        """Its first hour, seconds since 1970 UTC."""
        return datetime.fromisoformat(self.start).timestamp()

    @property
    def end_s(self) -> float:
        """Its last hour, seconds since 1970 UTC."""
        return datetime.fromisoformat(self.end).timestamp()

    @property
    def name(self) -> str:
        """The day on which it begins."""
        return f"{datetime.fromisoformat(self.start):%-d %B}"

    def holds(self, time_s: float) -> bool:
        """Say whether a time lies in it."""
        return self.start_s <= time_s <= self.end_s


DISTURBANCES = (
    Disturbance("2022-03-24T08:00+01:00", "2022-03-25T02:00+01:00"),
    Disturbance("2022-03-29T07:00+02:00", "2022-03-29T22:00+02:00"),
    Disturbance("2022-04-03T06:00+02:00", "2022-04-03T07:00+02:00"),
    Disturbance("2022-04-27T15:00+02:00", "2022-04-28T07:00+02:00"),
)
"""Read off the data by eye, before any detector saw it."""


@dataclass(frozen=True)
class Rules:
    """What the run was told about alerts, and how to write its times.

    Parameters
    ----------
    threshold
        The score at which an alert opens.
    warm_up
        Events without a score.
    resolve_after
        Sound events that end an alert.
    zone
        Of the clocks beside the pipe.
    """

    threshold: float
    warm_up: int
    resolve_after: int
    zone: tzinfo


@dataclass
class Trace:
    """One stream with one target, event by event.

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

    def observe(self, events: Sequence[Event], judged: BatchResult) -> None:
        """Take a batch down; it is a learner's observer."""
        self.time_s += [event.time_s or 0.0 for event in events]
        self.observed += [event.targets[0] for event in events]
        self.forecast += judged.forecast[:, 0].tolist()
        self.half_width += judged.half_width[:, 0].tolist()
        self.score += judged.score.tolist()
        self.weights += judged.expert_weights[:, 0].tolist()

    def between(self, start_s: float, end_s: float) -> "Trace":
        """Cut out the events of a stretch of time."""
        chosen = [n for n, time_s in enumerate(self.time_s) if start_s <= time_s <= end_s]
        return Trace(*([column[n] for n in chosen] for column in vars(self).values()))
