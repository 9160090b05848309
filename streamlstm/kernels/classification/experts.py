"""The cheap experts of a classifier: counts, transitions, logistic regression, least squares.

Each predicts the probability of every class, and learns from the label. A class that appears late
starts in the state it would have if it had existed from the start without an event: its counts are
0, and its least squares has seen targets of 0 only.
"""

import math

from streamlstm.kernels.compile import Vector, kernel, part
from streamlstm.kernels.experts.least_squares import FORGETTING, covariance_step, dot

COUNT_MAX = 1000.0  # events a count remembers
LOGISTIC_RATE = 0.3
SQUARE_START = 1.0
TRACE_MAX = 10.0  # forgetting stops where P has grown this many times beyond its initial value


@kernel
def count_prediction(counts: Vector, prior: Vector, weight: float, p: Vector) -> None:
    """Write p_k = (n_k + weight · prior_k) / (Σ n + weight), for discounted counts n.

    Examples
    --------
    >>> import numpy as np
    >>> p = np.zeros(2)
    >>> count_prediction(np.array([3.0, 0.0]), np.array([0.5, 0.5]), 1.0, p)
    >>> p.tolist()
    [0.875, 0.125]
    """
    total = weight
    for k in range(p.size):
        total += counts[k]
    for k in range(p.size):
        p[k] = (counts[k] + weight * prior[k]) / total


@kernel
def count_label(counts: Vector, label: int) -> None:
    """Count a label; all counts fade so that they never sum to more than ``COUNT_MAX``.

    Examples
    --------
    >>> import numpy as np
    >>> counts = np.array([999.0, 1.0])
    >>> count_label(counts, 1)
    >>> counts.round(3).tolist()
    [998.001, 1.999]
    """
    total = 0.0
    for k in range(counts.size):
        total += counts[k]
    keep = min(1.0, (COUNT_MAX - 1.0) / total) if total > 0.0 else 1.0
    for k in range(counts.size):
        counts[k] *= keep
    counts[label] += 1.0


@kernel
def linear_scores(weights: Vector, x: Vector, scores: Vector) -> None:
    """Write s_k = Σ_r x_r W_rk, for weights in rows of x.

    Examples
    --------
    >>> import numpy as np
    >>> scores = np.zeros(2)
    >>> linear_scores(np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 10.0]), scores)
    >>> scores.tolist()
    [31.0, 42.0]
    """
    classes = scores.size
    for k in range(classes):
        scores[k] = 0.0
    for r in range(x.size):
        if x[r] != 0.0:
            row = part(weights, r * classes, classes)
            for k in range(classes):
                scores[k] += x[r] * row[k]


@kernel
def logistic_learn(weights: Vector, squares: Vector, x: Vector, p: Vector, label: int) -> None:
    """Take a step down the cross-entropy, each weight at its own rate (AdaGrad, Duchi et al. 2011).

    Parameters
    ----------
    weights, squares : (R · K,), in and out
        Weights in rows of x, and the sums of their squared gradients.
    x : (R,)
    p : (K,)
        What the regression said.
    label

    Examples
    --------
    >>> import numpy as np
    >>> weights, squares = np.zeros(2), np.zeros(2)
    >>> logistic_learn(weights, squares, np.ones(1), np.array([0.5, 0.5]), 1)
    >>> bool(weights[1] == -weights[0] > 0)
    True
    """
    classes = p.size
    for r in range(x.size):
        if x[r] != 0.0:
            row, square = part(weights, r * classes, classes), part(squares, r * classes, classes)
            for k in range(classes):
                g = (p[k] - (1.0 if k == label else 0.0)) * x[r]
                square[k] += g * g
                row[k] -= LOGISTIC_RATE * g / math.sqrt(SQUARE_START + square[k])


@kernel
def least_squares_scores(weights: Vector, x: Vector, scores: Vector) -> None:
    """Write s_k = w_k · x, for weights as one row a class.

    Examples
    --------
    >>> import numpy as np
    >>> scores = np.zeros(2)
    >>> least_squares_scores(np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 10.0]), scores)
    >>> scores.tolist()
    [21.0, 43.0]
    """
    for k in range(scores.size):
        scores[k] = dot(part(weights, k * x.size, x.size), x)


@kernel
def least_squares_label(
    p: Vector, weights: Vector, x: Vector, scores: Vector, label: int, gain: Vector
) -> None:
    """Learn one label by recursive least squares with forgetting; all classes share one P.

    Targets are 1 for the label and 0 for every other class. P is updated as by
    :func:`~streamlstm.kernels.experts.least_squares.covariance_step`.

    Parameters
    ----------
    p : (n²,), in and out
    weights : (K · n,), in and out
    x : (n,)
    scores : (K,)
        As :func:`least_squares_scores` left them.
    label
    gain : (at least n,)
        Room to work in.

    Examples
    --------
    >>> import numpy as np
    >>> p, weights, x, scores = np.ones(1), np.zeros(2), np.ones(1), np.zeros(2)
    >>> for _ in range(99):
    ...     least_squares_scores(weights, x, scores)
    ...     least_squares_label(p, weights, x, scores, 1, np.zeros(1))
    >>> weights.round(2).tolist()
    [0.0, 0.99]
    """
    n = x.size
    for i in range(n):  # P x by rows; the regressor's experts sum it by columns
        gain[i] = dot(part(p, i * n, n), x)
    total = covariance_step(p, x, gain, FORGETTING, TRACE_MAX)
    if total > 0.0:
        for k in range(scores.size):
            step = ((1.0 if k == label else 0.0) - scores[k]) / total
            row = part(weights, k * n, n)
            for i in range(n):
                row[i] += gain[i] * step
