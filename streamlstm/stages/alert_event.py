"""What a learner reports when an alert opens or closes."""

from collections.abc import Sequence
from typing import Literal

import msgspec

AlertKind = Literal["opened", "closed"]
CloseReason = Literal["resolved", "acknowledged", "reset", "forgotten"]


class AlertEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An alert opened or closed: what a learner reports about it.

    Sequences have one number for each target, in the order of the schema. They are empty where a
    command closed the alert, because no event belongs to it.

    Parameters
    ----------
    kind : str
        ``opened`` or ``closed``.
    score : float
        Score of the event: −log₁₀ of the probability of an event at least as unusual.
    peak_score : float
        Highest score of the alert so far.
    events : int, default 1
        Number of events of the alert so far.
    forecast : tuple of float
        Forecasts; NaN where the learner has none.
    half_width : tuple of float
        Half the width of the prediction intervals.
    standardised_error : tuple of float
        Errors in units of the typical error of each target.
    weights : dict of str to float
        Weight of each expert in the forecast of the target with the largest standardised error.
    reason : str, optional
        Why the alert closed: ``resolved``, ``acknowledged``, ``reset`` or ``forgotten``.
    index : int, default 0
        Index of the event in its batch.

    Examples
    --------
    >>> AlertEvent(kind="opened", score=4.0, peak_score=4.0, forecast=(1.0,)).events
    1
    """

    kind: AlertKind
    score: float
    peak_score: float
    events: int = 1
    forecast: Sequence[float] = ()
    half_width: Sequence[float] = ()
    standardised_error: Sequence[float] = ()
    weights: dict[str, float] = {}
    reason: CloseReason | None = None
    index: int = 0
