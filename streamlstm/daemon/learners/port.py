"""The port between the daemon and what learns: a batch of events in, the few verdicts out."""

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

from streamlstm.stages.event import Event


class AlertEvent(msgspec.Struct, frozen=True):
    """That an alert opened or ended, and the numbers that say why.

    Parameters
    ----------
    index : int
        Place of the event in its batch.
    opened : bool
        True where the alert opened, False where it ended.
    score : float
        Of this event, at least the threshold where an alert opened.
    events : int
        How long the alert has lasted.
    peak : float
        Largest score of the alert.
    forecast, half_width, surprise : tuple of float
        Of each target.
    weights : dict
        How much each expert counted in the forecast of the target that surprised most.

    Examples
    --------
    >>> AlertEvent(0, True, 4.0, 1, 4.0, (1.0,), (0.5,), (9.0,), {"lstm": 1.0}).opened
    True
    """

    index: int
    opened: bool
    score: float
    events: int
    peak: float
    forecast: tuple[float, ...]
    half_width: tuple[float, ...]
    standardised_error: tuple[float, ...]
    weights: dict[str, float]


class Learner(Protocol):
    """Models of many streams, one a key. What it does is a function of the calls alone.

    No clock, no chance that is not seeded by the stream, and nothing that depends on how events
    are cut into batches.
    """

    @property
    def streams_max(self) -> int:
        """How many streams it can hold at once, at least 1."""
        ...

    @property
    def threshold(self) -> float:
        """The score at which an alert opens."""
        ...

    def description(self) -> dict[str, Any]:
        """List what shapes the state; models of another description cannot be restored."""
        ...

    def process(self, events: Sequence[Event]) -> list[AlertEvent]:
        """Score each event, then learn it, in order. At most `streams_max` streams a batch."""
        ...

    def opened_at(self, key: str) -> int:
        """Say at which offset the newest alert of a stream opened."""
        ...

    def mark_opened(self, key: str, offset: int) -> None:
        """Note at which offset the alert of a stream opened."""
        ...

    def suppress(self, key: str, *, expected: int = 0, muted: int = 0) -> None:
        """Let no alert open in the next events; expected ones do not teach what is normal."""
        ...

    def end_alert(self, key: str) -> tuple[int, float] | None:
        """End the alert of a stream; return its events and peak score, None if none was open."""
        ...

    def snapshot(self, key: str, next_offset: int, commands: int) -> bytes:
        """Give the state of a stream as bytes."""
        ...

    def restore(self, payload: bytes) -> int:
        """Bring a stream back; return the ``controls`` its snapshot was given."""
        ...

    def open(self, key: str) -> object:
        """Make sure of a stream; one not known begins afresh."""
        ...

    def forget(self, key: str) -> None:
        """Drop a stream."""
        ...
