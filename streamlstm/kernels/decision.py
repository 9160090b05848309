"""From errors to a score, and from scores to alerts.

The surprise of an event is its largest error among the targets, each in units of its own typical
error. The score is −log₁₀ of how probable a surprise at least as large is, by the stream's own
past: below the K-th largest surprise ever seen an exponential law, above it a Pareto tail with the
exponent of Hill (1975) fitted to those K. It never saturates.
"""

import math

from streamlstm.kernels import shape as at
from streamlstm.kernels.compile import Vector, kernel, part
from streamlstm.kernels.elementary import exp, log

NO_VERDICT, OPENED, CLOSED = 0.0, 1.0, 2.0
SCORE_MAX = 300.0
SURPRISE_MAX = 1e12
TAIL_SHARE, TAIL_LEAST = 0.01, 20
TAIL_FLOOR = 0.02  # keeps the exponent finite where the largest surprises are all alike
OUT_OF_RANGE = 0.05
LN10 = 2.302585092994046
RATE_MIN = 0.001


@kernel
def tail_size(seen: float) -> int:
    """Return how many of the largest surprises the tail is fitted to: 1 % of all, 20 to 100.

    Examples
    --------
    >>> tail_size(5.0), tail_size(1000.0), tail_size(5000.0), tail_size(1e6)
    (5, 20, 50, 100)
    """
    share = min(max(int(TAIL_SHARE * seen), TAIL_LEAST), at.LARGEST)
    return min(share, int(seen))


@kernel
def tail_shift(decision: Vector) -> float:
    """Return what keeps the logarithm of a ratio of small surprises sane: a third of their mean."""
    return max(float(decision[at.D_MEAN]) / 3.0, 1e-6)


@kernel
def tail_score(decision: Vector, surprise: float) -> float:
    """Return −log₁₀ P(surprise at least this large), from 0 to 300.

    Parameters
    ----------
    decision
        Calibration of the stream.
    surprise
        0 or more.

    Examples
    --------
    >>> import numpy as np
    >>> decision = np.zeros(at.D_LARGEST + at.LARGEST)
    >>> for n in range(1000):
    ...     calibrate(decision, (n * 0.618034) % 1.0)
    >>> bool(1.9 < tail_score(decision, 1.0) < 2.1 < 9 < tail_score(decision, 5.0))
    True
    """
    seen = decision[at.D_SEEN]
    if seen < 1.0:
        return 0.0
    count = tail_size(seen)
    edge, base = float(decision[at.D_LARGEST + count - 1]), log(seen / count) / LN10
    if surprise <= edge:
        return base * float(surprise) / edge if edge > 0.0 else 0.0
    shift = tail_shift(decision)
    steep = float(decision[at.D_TAIL]) + TAIL_FLOOR
    return min(base + log((surprise + shift) / (edge + shift)) / (LN10 * steep), SCORE_MAX)


@kernel
def surprise_at(decision: Vector, score: float) -> float:
    """Return the surprise that would be given ``score``: the inverse of :func:`tail_score`.

    Examples
    --------
    >>> import numpy as np
    >>> decision = np.zeros(at.D_LARGEST + at.LARGEST)
    >>> for n in range(1000):
    ...     calibrate(decision, (n * 0.618034) % 1.0)
    >>> round(float(tail_score(decision, surprise_at(decision, 3.0))), 9)
    3.0
    """
    seen = decision[at.D_SEEN]
    if seen < 1.0:
        return SURPRISE_MAX
    count = tail_size(seen)
    edge, base = float(decision[at.D_LARGEST + count - 1]), log(seen / count) / LN10
    if score < base:
        return edge * score / base
    shift = tail_shift(decision)
    steep = float(decision[at.D_TAIL]) + TAIL_FLOOR
    return min((edge + shift) * exp((score - base) * LN10 * steep) - shift, SURPRISE_MAX)


@kernel
def calibrate(decision: Vector, surprise: float) -> None:
    """Let the calibration learn one surprise: its mean, the largest ever, the tail's exponent.

    Parameters
    ----------
    decision : in and out
        The ``LARGEST`` largest surprises are kept in falling order.
    surprise
        0 or more.

    Examples
    --------
    >>> import numpy as np
    >>> decision = np.zeros(at.D_LARGEST + at.LARGEST)
    >>> for surprise in (1.0, 3.0, 2.0):
    ...     calibrate(decision, surprise)
    >>> decision[at.D_LARGEST : at.D_LARGEST + 3].tolist()
    [3.0, 2.0, 1.0]
    """
    before = tail_size(decision[at.D_SEEN])
    decision[at.D_SEEN] += 1.0
    seen, mean = decision[at.D_SEEN], decision[at.D_MEAN]
    bounded = min(surprise, 10.0 * mean) if mean > 0.0 else surprise
    decision[at.D_MEAN] += max(1.0 / seen, RATE_MIN) * (bounded - mean)
    largest = part(decision, at.D_LARGEST, at.LARGEST)
    place = int(min(seen, float(at.LARGEST))) - 1
    if seen > at.LARGEST and not surprise > largest[place]:
        place = at.LARGEST
    else:
        while place > 0 and largest[place - 1] < surprise:
            largest[place] = largest[place - 1]
            place -= 1
        largest[place] = surprise
    count = tail_size(seen)
    if place < count or count != before:
        shift = tail_shift(decision)
        total = 0.0
        for i in range(count):
            total += log((largest[i] + shift) / (largest[count - 1] + shift))
        decision[at.D_TAIL] = total / count


@kernel
def calm(decision: Vector) -> bool:
    """Return whether the next event may teach what is normal.

    Not one that was announced, and not one within an alert: a disturbance would else hide the
    next. But an alert that has lasted as long as a warm-up is no disturbance, it is how the
    stream is now.

    Examples
    --------
    >>> import numpy as np
    >>> decision = np.zeros(at.D_LARGEST)
    >>> decision[at.D_OPEN], decision[at.D_WARM_UP] = 1.0, 64.0
    >>> calm(decision)
    False
    """
    if decision[at.D_EXPECTED] > 0.0:
        return False
    return decision[at.D_OPEN] == 0.0 or bool(decision[at.D_EVENTS] >= decision[at.D_WARM_UP])


@kernel
def out_of_range(target: Vector, y: float) -> float:
    """Return a score for a value beyond the range seen so far by more than 5 % of it, else 0.

    The next value is a new extreme with probability 1/n; one beyond the margin is rarer in
    proportion.

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
def surprise_of(target: Vector, y: float, forecast: float) -> float:
    """Return the error of a forecast in units of the target's typical error; 0 where y is missing.

    Examples
    --------
    >>> import numpy as np
    >>> target = np.zeros(at.T_LAGS)
    >>> target[at.T_ERRORS], target[at.T_ERROR] = 9.0, 2.0
    >>> surprise_of(target, 5.0, 1.0), surprise_of(target, float("nan"), 1.0)
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
    """Learn the range of a target from one event and, where it was ``typical``, its usual error.

    Examples
    --------
    >>> import numpy as np
    >>> target = np.zeros(at.T_LAGS)
    >>> track_error(target, 1.0, 0.0, True)  # the first value was not forecast at all
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
    """Move the state of a stream's alert one event on; return the verdict.

    An alert opens where the score reaches the threshold, ends after ``quiet`` events in a row
    below it, and is followed by ``rest`` events in which none opens. Expected and muted events
    open none.

    Examples
    --------
    >>> import numpy as np
    >>> decision = np.zeros(at.D_LARGEST)
    >>> decision[at.D_THRESHOLD], decision[at.D_QUIET_LENGTH] = 3.0, 2.0
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
        decision[at.D_QUIET] = 0.0 if odd else decision[at.D_QUIET] + 1.0
        if decision[at.D_QUIET] < decision[at.D_QUIET_LENGTH]:
            return NO_VERDICT
        decision[at.D_OPEN] = 0.0
        decision[at.D_REST] = decision[at.D_REST_LENGTH]
        return CLOSED
    if decision[at.D_REST] > 0.0:
        decision[at.D_REST] -= 1.0
        return NO_VERDICT
    if not odd or silent:
        return NO_VERDICT
    decision[at.D_OPEN] = 1.0
    decision[at.D_EVENTS] = 1.0
    decision[at.D_QUIET] = 0.0
    decision[at.D_PEAK] = score
    return OPENED


@kernel
def judge(
    decision: Vector, result: Vector, outputs: int, surprise: float, beyond: float, learn: int
) -> None:
    """Score an event, write its interval and, where it is learnt, decide about an alert.

    Parameters
    ----------
    decision : in and out
        Calibration and alert of the stream; changed only where the event is learnt.
    result : (3 + 9O,), in and out
        In: the typical error of each target where its half-width shall stand.
        Out: verdict, score, half-width of the interval beyond which an alert would open.
    outputs
        Targets, O.
    surprise
        The largest among the targets.
    beyond
        What :func:`out_of_range` made of the event.
    learn
        Whether the event is learnt.
    """
    radius = surprise_at(decision, decision[at.D_THRESHOLD])
    for k in range(outputs):
        result[3 + outputs + k] = min(radius * result[3 + outputs + k], 1e30)
    score = 0.0
    if decision[at.D_SEEN] >= decision[at.D_WARM_UP]:
        score = max(tail_score(decision, surprise), beyond)
    result[1 + outputs], result[2 + outputs] = NO_VERDICT, score
    if learn:
        odd = score >= decision[at.D_THRESHOLD]
        if calm(decision) and not (odd and decision[at.D_REST] > 0.0):
            calibrate(decision, min(surprise, radius) if odd else surprise)
        result[1 + outputs] = decide(decision, score)
