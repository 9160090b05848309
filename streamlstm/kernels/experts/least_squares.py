"""Recursive least squares with forgetting (Haykin 2002, ch. 9), shared by several experts.

A block holds P (n²), the weights w (n), the running variance of the error and its count.
"""

import math

from streamlstm.kernels.compile import Vector, kernel, part

FORGETTING = 0.999
FORGETTING_LONG = 0.996  # of the experts with many lags, which smooth series need
TRACE_MAX = 1000.0  # forgetting stops where P has grown this many times beyond its initial value
ERROR_DEVIATIONS = 4.0


def block_size(regressors: int) -> int:
    """Return the size of a block.

    Examples
    --------
    >>> block_size(3)
    14
    """
    return regressors * regressors + regressors + 2


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
def least_squares_reset(block: Vector, n: int) -> None:
    """Reset a least-squares block: P = I; weights, variance and count 0.

    Examples
    --------
    >>> import numpy as np
    >>> block = np.ones(4)
    >>> least_squares_reset(block, 1)
    >>> block.tolist()
    [1.0, 0.0, 0.0, 0.0]
    """
    for i in range(block.size):
        block[i] = 0.0
    for i in range(n):
        block[i * n + i] = 1.0


@kernel
def clip_error(tail: Vector, error: float) -> float:
    """Clip ``error`` to four of its standard deviations, and update the deviation.

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
def covariance_step(p: Vector, x: Vector, gain: Vector, memory: float, trace_max: float) -> float:
    """Update the covariance of recursive least squares; return the denominator of the step.

    Forgetting stops while tr P is above ``trace_max`` · n, so that inputs without variance cannot
    make P overflow. P is reset to I where rounding has cost it its positive sign.

    Parameters
    ----------
    p : (n²,), in and out
    x : (n,)
    gain : (at least n,)
        P x. The callers sum it in different orders, and each order has its own bits.
    memory
        Forgetting factor λ.
    trace_max
        Times that P may grow beyond its initial value.

    Returns
    -------
    float
        λ + xᵀ P x, by which P x is divided to step the weights; 0 after a reset, with no step.

    Examples
    --------
    >>> import numpy as np
    >>> p = np.ones(1)
    >>> covariance_step(p, np.ones(1), np.ones(1), 1.0, 1000.0), p.tolist()
    (2.0, [0.5])
    """
    n = x.size
    trace = 0.0
    for i in range(n):
        trace += p[i * n + i]
    forgetting = memory if trace <= trace_max * n else 1.0
    total = forgetting + dot(part(gain, 0, n), x)
    if not total >= forgetting:
        least_squares_reset(part(p, 0, n * n), n)
        return 0.0
    shrink = 1.0 / forgetting
    for i in range(n):
        row = part(p, i * n, n)
        factor = gain[i] / total
        for j in range(n):
            row[j] = (row[j] - factor * gain[j]) * shrink
    return total


@kernel
def least_squares_learn(
    block: Vector, x: Vector, target: float, memory: float, gain: Vector
) -> None:
    """Learn one event by recursive least squares with forgetting (Haykin 2002, ch. 9).

    P starts at I and w at 0. An error counts for at most four of its deviations.

    Parameters
    ----------
    block : (n² + n + 2,), in and out
        P, then w, then the running variance of the error and its count.
    x : (n,)
    target
    memory
        Forgetting factor λ.
    gain : (at least n,)
        Scratch.

    Examples
    --------
    >>> import numpy as np
    >>> block, x = np.zeros(4), np.ones(1)
    >>> least_squares_reset(block, 1)
    >>> for _ in range(50):
    ...     least_squares_learn(block, x, 2.0, 0.999, np.zeros(1))
    >>> round(block[1].item(), 1)
    2.0
    """
    n = x.size
    w = part(block, n * n, n)
    error = clip_error(part(block, n * n + n, 2), target - dot(w, x))
    for i in range(n):
        gain[i] = 0.0
    for i in range(n):  # P x by columns, because P is symmetric: sums side by side
        row = part(block, i * n, n)
        for j in range(n):
            gain[j] += row[j] * x[i]
    total = covariance_step(part(block, 0, n * n), x, gain, memory, TRACE_MAX)
    if total > 0.0:
        step = error / total
        for i in range(n):
            w[i] += gain[i] * step


@kernel
def least_squares_forecast(block: Vector, x: Vector) -> float:
    """Return w · x.

    Parameters
    ----------
    block : (n² + n + 2 or more,)
    x : (n,)

    Examples
    --------
    >>> import numpy as np
    >>> least_squares_forecast(np.array([1.0, 3.0, 0.0, 0.0]), np.array([2.0]))
    6.0
    """
    return dot(part(block, x.size * x.size, x.size), x)
