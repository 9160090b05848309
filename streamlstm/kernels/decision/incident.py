"""Scores from errors, and alerts from scores.

The standardised error of an event is the largest among its targets, where the error of each target
is divided by its typical error.
"""

import math

from streamlstm.kernels import layout as at
from streamlstm.kernels.compile import Vector, kernel
from streamlstm.kernels.decision.calibration import (
    LN10,
    RATE_MIN,
    SCORE_MAX,
    SURPRISE_MAX,
    calibrate,
    standardised_error_at,
    tail_score,
)
from streamlstm.kernels.functions.elementary import log

NO_VERDICT, OPENED, CLOSED = 0.0, 1.0, 2.0
OUT_OF_RANGE = 0.05


@kernel
def learnable(decision: Vector) -> bool:
    """Return whether the calibration may learn the next event.

    Expected events and events within an alert are not learnt, since a disturbance would otherwise
    hide the next one. After an alert has lasted as long as a warm-up, its events are learnt: they
    are the new normal behaviour of the stream.

    Examples
    --------
    >>> import numpy as np
    >>> decision = np.zeros(at.D_LARGEST)
    >>> decision[at.D_OPEN], decision[at.D_WARM_UP] = 1.0, 64.0
    >>> learnable(decision)
    False
    """
    if decision[at.D_EXPECTED] > 0.0:
        return False
    return decision[at.D_OPEN] == 0.0 or bool(decision[at.D_EVENTS] >= decision[at.D_WARM_UP])


@kernel
def out_of_range(target: Vector, y: float) -> float:
    """Return a score for a value beyond the range seen so far by more than 5 % of it, else 0.

    After n values the next one is a new extreme with probability 1/n. Beyond the margin the
    probability falls in proportion to the distance.

    Examples
    --------
    >>> import numpy as np
    >>> target = np.zeros(at.T_LAGS)
    >>> target[at.T_SEEN], target[at.T_LOW], target[at.T_HIGH] = 1000.0, 0.0, 1.0
    >>> out_of_range(target, 1.04), round(float(out_of_range(target, 1.5)), 6)
    (0.0, 4.0)
    """
    low, high = target[at.T_LOW], target[at.T_HIGH]
    margin = OUT_OF_RANGE * (high - low)
    excess = max(low - margin - y, y - high - margin)
    if not (target[at.T_SEEN] > 0.0 and excess > 0.0):
        return 0.0
    ratio = min(1.0 + excess / margin, SURPRISE_MAX) if margin > 0.0 else SURPRISE_MAX
    return min((log(target[at.T_SEEN]) + log(ratio)) / LN10, SCORE_MAX)


@kernel
def standardised_error_of(target: Vector, y: float, forecast: float) -> float:
    """Return the error of a forecast in units of the target's typical error; 0 where y is missing.

    Examples
    --------
    >>> import numpy as np
    >>> target = np.zeros(at.T_LAGS)
    >>> target[at.T_ERRORS], target[at.T_ERROR] = 9.0, 2.0
    >>> standardised_error_of(target, 5.0, 1.0), standardised_error_of(target, float("nan"), 1.0)
    (2.0, 0.0)
    """
    if math.isnan(y) or target[at.T_ERRORS] < 1.0:
        return 0.0
    error = abs(y - forecast)
    typical = target[at.T_ERROR]
    if error <= typical * SURPRISE_MAX:
        return error / typical if typical > 0.0 else 0.0
    return SURPRISE_MAX


@kernel
def track_error(target: Vector, y: float, forecast: float, typical: bool) -> None:
    """Update the range of a target by one event and, if it is ``typical``, the typical error.

    Examples
    --------
    >>> import numpy as np
    >>> target = np.zeros(at.T_LAGS)
    >>> track_error(target, 1.0, 0.0, True)  # the first value has no forecast
    >>> target[at.T_SEEN] = 1.0
    >>> track_error(target, 3.0, 1.0, True)
    >>> target[at.T_ERROR].item(), target[at.T_LOW].item(), target[at.T_HIGH].item()
    (2.0, 1.0, 3.0)
    """
    if target[at.T_SEEN] == 0.0:
        target[at.T_LOW] = y
        target[at.T_HIGH] = y
        return
    target[at.T_LOW] = min(target[at.T_LOW], y)
    target[at.T_HIGH] = max(target[at.T_HIGH], y)
    if not typical:
        return
    error = abs(y - forecast)
    if target[at.T_ERROR] > 0.0:
        error = min(error, 10.0 * target[at.T_ERROR])
    target[at.T_ERRORS] += 1.0
    rate = max(1.0 / target[at.T_ERRORS], RATE_MIN)
    target[at.T_ERROR] += rate * (error - target[at.T_ERROR])


@kernel
def decide(decision: Vector, score: float) -> float:
    """Advance the alert state of a stream by one event; return the alert event.

    An alert opens where the score reaches the threshold. It closes after ``resolve_after``
    consecutive events below the threshold, and no other alert opens in the following ``cooldown``
    events. Expected and muted events do not open an alert.

    Examples
    --------
    >>> import numpy as np
    >>> decision = np.zeros(at.D_LARGEST)
    >>> decision[at.D_THRESHOLD], decision[at.D_RESOLVE_AFTER] = 3.0, 2.0
    >>> [decide(decision, score) for score in (1.0, 4.0, 0.0, 0.0, 4.0)]
    [0.0, 1.0, 0.0, 2.0, 1.0]
    """
    odd = score >= decision[at.D_THRESHOLD]
    silent = decision[at.D_EXPECTED] > 0.0 or decision[at.D_MUTED] > 0.0
    decision[at.D_EXPECTED] = max(decision[at.D_EXPECTED] - 1.0, 0.0)
    decision[at.D_MUTED] = max(decision[at.D_MUTED] - 1.0, 0.0)
    if decision[at.D_OPEN] > 0.0:
        decision[at.D_EVENTS] += 1.0
        decision[at.D_PEAK] = max(decision[at.D_PEAK], score)
        decision[at.D_BELOW] = 0.0 if odd else decision[at.D_BELOW] + 1.0
        if decision[at.D_BELOW] < decision[at.D_RESOLVE_AFTER]:
            return NO_VERDICT
        decision[at.D_OPEN] = 0.0
        decision[at.D_COOLING] = decision[at.D_COOLDOWN]
        return CLOSED
    if decision[at.D_COOLING] > 0.0:
        decision[at.D_COOLING] -= 1.0
        return NO_VERDICT
    if not odd or silent:
        return NO_VERDICT
    decision[at.D_OPEN] = 1.0
    decision[at.D_EVENTS] = 1.0
    decision[at.D_BELOW] = 0.0
    decision[at.D_PEAK] = score
    return OPENED


@kernel
def judge(
    decision: Vector,
    result: Vector,
    outputs: int,
    standardised_error: float,
    beyond: float,
    learn: int,
) -> None:
    """Score an event, write its interval and, if the event is learnt, update the alert state.

    Parameters
    ----------
    decision : in and out
        Calibration and alert state of the stream; changed only if the event is learnt.
    result : (5 + 9O,), in and out
        In: the typical error of each target, in place of its half-width.
        Out: alert event, score, number of events and peak score of the alert, half-widths of the
        interval beyond which an alert would open.
    outputs
        Targets, O.
    standardised_error
        The largest among the targets.
    beyond
        Score of the event by :func:`out_of_range`.
    learn
        Whether the event is learnt.
    """
    radius = standardised_error_at(decision, decision[at.D_THRESHOLD])
    for k in range(outputs):
        result[5 + outputs + k] = min(radius * result[5 + outputs + k], 1e30)
    score = 0.0
    if decision[at.D_SEEN] >= decision[at.D_WARM_UP]:
        score = max(tail_score(decision, standardised_error), beyond)
    result[1 + outputs], result[2 + outputs] = NO_VERDICT, score
    if learn:
        odd = score >= decision[at.D_THRESHOLD]
        if learnable(decision) and not (odd and decision[at.D_COOLING] > 0.0):
            calibrate(decision, min(standardised_error, radius) if odd else standardised_error)
        result[1 + outputs] = decide(decision, score)
    result[3 + outputs], result[4 + outputs] = decision[at.D_EVENTS], decision[at.D_PEAK]
