"""The readout y = b_y + W_y h, and the losses it is trained with.

The weights are stored as rows of [1 | h], each with O outputs.
"""

from streamlstm.kernels.compile import Vector, kernel

SQUARED, HUBER, ABSOLUTE = 0, 1, 2
LOSSES = {"squared": SQUARED, "huber": HUBER, "absolute": ABSOLUTE}


@kernel
def readout_forward(weights: Vector, h: Vector, y: Vector) -> None:
    """Write the outputs for hidden state ``h``.

    Parameters
    ----------
    weights : ((1 + H) · O,)
    h : (H,)
    y : (O,), out

    Examples
    --------
    >>> import numpy as np
    >>> y = np.zeros(1)
    >>> readout_forward(np.array([1.0, 2.0]), np.array([3.0]), y)
    >>> y.tolist()
    [7.0]
    """
    outputs = y.size
    for o in range(outputs):
        y[o] = weights[o]
    for j in range(h.size):
        for o in range(outputs):
            y[o] += h[j] * weights[(1 + j) * outputs + o]


@kernel
def readout_backward(weights: Vector, h: Vector, dy: Vector, dh: Vector, dweights: Vector) -> None:
    """Add the gradient of one event's outputs to ``dh`` and ``dweights``.

    Parameters
    ----------
    weights, dweights : ((1 + H) · O,)
    h, dh : (H,)
    dy : (O,)
        Loss gradient at the outputs.

    Examples
    --------
    >>> import numpy as np
    >>> dh, dweights = np.zeros(1), np.zeros(2)
    >>> readout_backward(np.array([1.0, 2.0]), np.array([3.0]), np.ones(1), dh, dweights)
    >>> dh.tolist(), dweights.tolist()
    ([2.0], [1.0, 3.0])
    """
    outputs = dy.size
    for o in range(outputs):
        dweights[o] += dy[o]
    for j in range(h.size):
        for o in range(outputs):
            dh[j] += dy[o] * weights[(1 + j) * outputs + o]
            dweights[(1 + j) * outputs + o] += dy[o] * h[j]


@kernel
def loss_gradient(code: int, error: float, limit: float) -> float:
    """Return the derivative of a loss at ``error`` = forecast − target.

    ``SQUARED`` is ½e², without a limit. ``HUBER`` is ½e² within ±``limit`` and linear beyond.
    ``ABSOLUTE`` is |e|.

    Examples
    --------
    >>> loss_gradient(SQUARED, 3.0, 1.0), loss_gradient(HUBER, 3.0, 1.0)
    (3.0, 1.0)
    >>> loss_gradient(ABSOLUTE, -0.5, 1.0)
    -1.0
    """
    if code == SQUARED:
        return error
    if code == HUBER:
        return min(max(error, -limit), limit)
    if error > 0.0:
        return 1.0
    if error < 0.0:
        return -1.0
    return 0.0
