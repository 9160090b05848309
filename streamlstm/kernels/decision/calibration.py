"""Tail probability of a standardised error, calibrated on the past of its stream.

Below the K-th largest standardised error the distribution is exponential. Above it, it is a Pareto
tail whose exponent is estimated from those K (Hill 1975). The score, −log₁₀ of the probability,
therefore does not saturate.
"""

from streamlstm.kernels import layout as at
from streamlstm.kernels.compile import Vector, kernel, part
from streamlstm.kernels.functions.elementary import exp, log

SCORE_MAX = 300.0
SURPRISE_MAX = 1e12
TAIL_SHARE, TAIL_LEAST = 0.01, 20
TAIL_FLOOR = 0.02  # keeps the exponent finite where the largest errors are all equal
LN10 = 2.302585092994046
RATE_MIN = 0.001


@kernel
def tail_size(seen: float) -> int:
    """Return the number of largest errors the tail is fitted to: 1 % of all, 20 to 100.

    Examples
    --------
    >>> tail_size(5.0), tail_size(1000.0), tail_size(5000.0), tail_size(1e6)
    (5, 20, 50, 100)
    """
    share = min(max(int(TAIL_SHARE * seen), TAIL_LEAST), at.LARGEST)
    return min(share, int(seen))


@kernel
def tail_shift(decision: Vector) -> float:
    """Return the shift added to errors before ratios are taken: a third of their mean."""
    return max(float(decision[at.D_MEAN]) / 3.0, 1e-6)


@kernel
def tail_score(decision: Vector, standardised_error: float) -> float:
    """Return −log₁₀ P(standardised error at least this large), from 0 to 300.

    Parameters
    ----------
    decision
        Calibration of the stream.
    standardised_error
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
    if standardised_error <= edge:
        return base * float(standardised_error) / edge if edge > 0.0 else 0.0
    shift = tail_shift(decision)
    steep = float(decision[at.D_TAIL]) + TAIL_FLOOR
    return min(
        base + log((standardised_error + shift) / (edge + shift)) / (LN10 * steep), SCORE_MAX
    )


@kernel
def standardised_error_at(decision: Vector, score: float) -> float:
    """Return the standardised error that has this score: the inverse of :func:`tail_score`.

    Examples
    --------
    >>> import numpy as np
    >>> decision = np.zeros(at.D_LARGEST + at.LARGEST)
    >>> for n in range(1000):
    ...     calibrate(decision, (n * 0.618034) % 1.0)
    >>> round(float(tail_score(decision, standardised_error_at(decision, 3.0))), 9)
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
def calibrate(decision: Vector, standardised_error: float) -> None:
    """Update the calibration by one error: the mean, the largest errors, the tail exponent.

    Parameters
    ----------
    decision : in and out
        The ``LARGEST`` largest errors are kept in descending order.
    standardised_error
        0 or more.

    Examples
    --------
    >>> import numpy as np
    >>> decision = np.zeros(at.D_LARGEST + at.LARGEST)
    >>> for error in (1.0, 3.0, 2.0):
    ...     calibrate(decision, error)
    >>> decision[at.D_LARGEST : at.D_LARGEST + 3].tolist()
    [3.0, 2.0, 1.0]
    """
    before = tail_size(decision[at.D_SEEN])
    decision[at.D_SEEN] += 1.0
    seen, mean = decision[at.D_SEEN], decision[at.D_MEAN]
    bounded = min(standardised_error, 10.0 * mean) if mean > 0.0 else standardised_error
    decision[at.D_MEAN] += max(1.0 / seen, RATE_MIN) * (bounded - mean)
    largest = part(decision, at.D_LARGEST, at.LARGEST)
    place = int(min(seen, float(at.LARGEST))) - 1
    if seen > at.LARGEST and not standardised_error > largest[place]:
        place = at.LARGEST
    else:
        while place > 0 and largest[place - 1] < standardised_error:
            largest[place] = largest[place - 1]
            place -= 1
        largest[place] = standardised_error
    count = tail_size(seen)
    if place < count or count != before:
        shift = tail_shift(decision)
        total = 0.0
        for i in range(count):
            total += log((largest[i] + shift) / (largest[count - 1] + shift))
        decision[at.D_TAIL] = total / count
