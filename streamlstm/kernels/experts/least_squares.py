"""Recursive least squares, what its experts look at, and the mixture that weighs them.

Every expert forecasts u = (y − anchor) / s: the change of the target since its last value in units
of the typical change (or its distance from the mean, where the last target may not be used). So an
expert that knows nothing says 0, which is persistence.
"""

import math

from streamlstm.kernels.compile import Vector, kernel, part
from streamlstm.kernels.functions.elementary import exp, sine_cosine

FORGETTING = 0.999
FORGETTING_LONG = 0.996  # of the experts with many lags: a smooth curve asks for it
TRACE_MAX = 1000.0  # forgetting stops where P has grown this many times beyond where it began
ERROR_DEVIATIONS = 4.0
LOSS_MAX = 5.0
LOSS_MEMORY = 0.99
SHARPNESS = 0.5


@kernel
def dot(a: Vector, b: Vector) -> float:
    """Return Σ a b in float64, as four interleaved sums.

    Examples
    --------
    >>> import numpy as np
    >>> dot(np.ones(5), np.arange(5.0))
    10.0
    """
    s0 = s1 = s2 = s3 = 0.0
    whole = a.size - a.size % 4
    for i in range(0, whole, 4):
        s0 += a[i] * b[i]
        s1 += a[i + 1] * b[i + 1]
        s2 += a[i + 2] * b[i + 2]
        s3 += a[i + 3] * b[i + 3]
    for i in range(whole, a.size):
        s0 += a[i] * b[i]
    return (s0 + s1) + (s2 + s3)


@kernel
def least_squares_forget(block: Vector, n: int) -> None:
    """Set a least-squares block back to its beginning: P = I, and variance and count 0.

    Examples
    --------
    >>> import numpy as np
    >>> block = np.ones(4)
    >>> least_squares_forget(block, 1)
    >>> block.tolist()
    [1.0, 0.0, 0.0, 0.0]
    """
    for i in range(block.size):
        block[i] = 0.0
    for i in range(n):
        block[i * n + i] = 1.0


@kernel
def clip_error(tail: Vector, error: float) -> float:
    """Return ``error`` within four of its deviations, and learn the deviation from it.

    Parameters
    ----------
    tail : (2,), in and out
        Running variance of the error, and its count.
    error

    Examples
    --------
    >>> import numpy as np
    >>> tail = np.zeros(2)
    >>> clip_error(tail, 1.0), clip_error(tail, 9.0), tail.tolist()
    (1.0, 4.0, [41.0, 2.0])
    """
    tail[1] += 1.0
    square = error * error
    if tail[0] > 0.0:
        limit = ERROR_DEVIATIONS * math.sqrt(tail[0])
        error = min(max(error, -limit), limit)
        square = min(square, 100.0 * tail[0])
    tail[0] += max(1.0 / tail[1], 0.001) * (square - tail[0])
    return error


@kernel
def least_squares_learn(
    block: Vector, x: Vector, target: float, memory: float, gain: Vector
) -> None:
    """Learn one event by recursive least squares with forgetting (Haykin 2002, ch. 9).

    P starts at I and w at 0. An error counts for at most four of its deviations; forgetting
    stops while tr P is above ``TRACE_MAX`` · n, so that quiet inputs cannot blow P up.

    Parameters
    ----------
    block : (n² + n + 2,), in and out
        P, then w, then the running variance of the error and its count.
    x : (n,)
    target
    memory
        Forgetting factor λ.
    gain : (at least n,)
        Room to work in.

    Examples
    --------
    >>> import numpy as np
    >>> block, x = np.zeros(4), np.ones(1)
    >>> least_squares_forget(block, 1)
    >>> for _ in range(50):
    ...     least_squares_learn(block, x, 2.0, 0.999, np.zeros(1))
    >>> round(block[1].item(), 1)
    2.0
    """
    n = x.size
    w = part(block, n * n, n)
    tail = part(block, n * n + n, 2)
    error = clip_error(tail, target - dot(w, x))
    trace = 0.0
    for i in range(n):
        gain[i] = 0.0
        trace += block[i * n + i]
    for i in range(n):  # P x by columns, for P is symmetric: sums side by side, not one long one
        row = part(block, i * n, n)
        for j in range(n):
            gain[j] += row[j] * x[i]
    forgetting = memory if trace <= TRACE_MAX * n else 1.0
    total = forgetting + dot(part(gain, 0, n), x)
    if not total >= forgetting:  # P has lost its positive sign to rounding: begin again
        least_squares_forget(part(block, 0, n * n), n)
        return
    step = error / total
    shrink = 1.0 / forgetting
    for i in range(n):
        w[i] += gain[i] * step
        row = part(block, i * n, n)
        factor = gain[i] / total
        for j in range(n):
            row[j] = (row[j] - factor * gain[j]) * shrink


@kernel
def calendar(x: Vector, hour: float, weekday: float) -> None:
    """Write the calendar's regressors: four daily harmonics and two weekly ones.

    Parameters
    ----------
    x : (12,), out
    hour
        Hour of day, 0 ≤ hour < 24.
    weekday
        Day of week with its fraction, 0 ≤ weekday < 7.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.zeros(12)
    >>> calendar(x, 6.0, 0.0)
    >>> x.round(6).tolist()[:4]
    [1.0, 0.0, 0.0, -1.0]
    """
    for k in range(4):
        x[2 * k], x[2 * k + 1] = sine_cosine((k + 1) * hour / 24.0)
    for k in range(2):
        x[8 + 2 * k], x[9 + 2 * k] = sine_cosine((k + 1) * weekday / 7.0)


@kernel
def mixture_weights(losses: Vector, weights: Vector) -> None:
    """Write the experts' weights, w ∝ exp(−η L); an expert of infinite loss has none.

    Exponentially weighted forecaster with discounted losses (Cesa-Bianchi & Lugosi 2006, §2.11).

    Examples
    --------
    >>> import numpy as np
    >>> weights = np.zeros(3)
    >>> mixture_weights(np.array([1.0, 1.0, np.inf]), weights)
    >>> weights.tolist()
    [0.5, 0.5, 0.0]
    """
    least = losses[0]
    for e in range(1, weights.size):
        least = min(least, losses[e])
    total = 0.0
    for e in range(weights.size):
        weights[e] = exp(-SHARPNESS * (losses[e] - least)) if losses[e] < math.inf else 0.0
        total += weights[e]
    for e in range(weights.size):
        weights[e] /= total


@kernel
def mixture_learn(losses: Vector, forecasts: Vector, target: float) -> None:
    """Discount the experts' losses and add this event's, each at most ``LOSS_MAX``.

    Examples
    --------
    >>> import numpy as np
    >>> losses = np.zeros(2)
    >>> mixture_learn(losses, np.array([1.0, 100.0]), 2.0)
    >>> losses.tolist()
    [1.0, 5.0]
    """
    for e in range(forecasts.size):
        losses[e] = LOSS_MEMORY * losses[e] + min(abs(forecasts[e] - target), LOSS_MAX)
