"""Softmax, its cross-entropy, and the mixture of the class probabilities of several experts."""

from streamlstm.kernels.compile import Vector, kernel
from streamlstm.kernels.functions.elementary import exp, log

FLOOR = 0.001  # probability spread over all classes, so that no class has probability 0
LOSS_MEMORY = 0.99
CERTAIN = 0.9  # the network does not learn a label with at least this probability
GAIN_START, GAIN_MIN, GAIN_MAX, GAIN_RATE = 4.0, 0.5, 50.0, 0.05


@kernel
def softmax(scores: Vector, gain: float, p: Vector) -> None:
    """Write p_k = exp(gain · s_k) / Σ exp(gain · s_j), in float64.

    Parameters
    ----------
    scores : (K,)
    gain
        Inverse temperature.
    p : (K,), out

    Examples
    --------
    >>> import numpy as np
    >>> p = np.zeros(2)
    >>> softmax(np.array([1000.0, 1000.0]), 1.0, p)
    >>> p.tolist()
    [0.5, 0.5]
    """
    largest = float(scores[0])
    for k in range(1, p.size):
        largest = max(largest, float(scores[k]))
    total = 0.0
    for k in range(p.size):
        p[k] = exp(gain * (float(scores[k]) - largest))
        total += p[k]
    for k in range(p.size):
        p[k] /= total


@kernel
def cross_entropy_gradient(p: Vector, label: int, dy: Vector) -> None:
    """Write the derivative of −log softmax(y)[label] with respect to y, p − t.

    It is 0 if there is no label, or if the label has a probability of ``CERTAIN`` or more. An
    optimizer that divides by the size of the gradients would otherwise take full steps for labels
    that are predicted already, and saturate the cell.

    Parameters
    ----------
    p : (K,)
        softmax(y).
    label
        Its index; −1 for none.
    dy : (K,), out

    Examples
    --------
    >>> import numpy as np
    >>> dy = np.zeros(2)
    >>> cross_entropy_gradient(np.array([0.25, 0.75]), 1, dy)
    >>> dy.tolist()
    [0.25, -0.25]
    """
    real = dy.dtype.type
    for k in range(dy.size):
        dy[k] = real(0.0)
        if label >= 0 and p[label] < CERTAIN:
            dy[k] = real(p[k] - (1.0 if k == label else 0.0))


@kernel
def mix(losses: Vector, predictions: Vector, mixed: Vector) -> None:
    """Write Σ_e w_e p_e with w ∝ exp(−L), mixed with ``FLOOR`` of the uniform distribution.

    This is the Bayesian mixture of the experts with log-losses discounted over about a hundred
    labels (Cesa-Bianchi & Lugosi 2006, §2.11, §9.2). An expert with an infinite loss has weight 0.

    Parameters
    ----------
    losses : (E,)
    predictions : (E · K,)
    mixed : (K,), out

    Examples
    --------
    >>> import numpy as np
    >>> mixed = np.zeros(2)
    >>> mix(np.array([1.0, 1.0, np.inf]), np.array([1.0, 0.0, 0.5, 0.5, 0.0, 1.0]), mixed)
    >>> mixed.round(6).tolist()
    [0.74975, 0.25025]
    """
    classes = mixed.size
    least = losses[0]
    for e in range(1, losses.size):
        least = min(least, losses[e])
    for k in range(classes):
        mixed[k] = 0.0
    total = 0.0
    for e in range(losses.size):
        if losses[e] < 1e300:  # noqa: PLR2004 - an infinite loss
            weight = exp(least - losses[e])
            total += weight
            for k in range(classes):
                mixed[k] += weight * predictions[e * classes + k]
    for k in range(classes):
        mixed[k] = (1.0 - FLOOR) * (mixed[k] / total) + FLOOR / classes


@kernel
def weigh(losses: Vector, predictions: Vector, classes: int, label: int) -> None:
    """Discount the losses and add −log of each expert's probability of the label, with floor.

    Examples
    --------
    >>> import numpy as np
    >>> losses = np.zeros(2)
    >>> weigh(losses, np.array([1.0, 0.0, 0.0, 1.0]), 2, 0)
    >>> losses.round(3).tolist()
    [0.001, 7.601]
    """
    for e in range(losses.size):
        p = (1.0 - FLOOR) * predictions[e * classes + label] + FLOOR / classes
        losses[e] = LOSS_MEMORY * losses[e] - log(p)


@kernel
def follow_gain(gain: float, scores: Vector, p: Vector, label: int) -> float:
    """Return the inverse temperature after one gradient step on −log softmax(gain · s)[label].

    Its derivative is Σ_k (p_k − t_k) s_k.

    Examples
    --------
    >>> import numpy as np
    >>> round(follow_gain(4.0, np.array([1.0, 0.0]), np.array([0.75, 0.25]), 0), 3)
    4.05
    """
    slope = -float(scores[label])
    for k in range(p.size):
        slope += p[k] * float(scores[k])
    slope = min(max(slope, -1.0), 1.0)
    return min(max(gain - GAIN_RATE * gain * slope, GAIN_MIN), GAIN_MAX)
