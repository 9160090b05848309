"""The mixture: exponential weights by discounted losses (Cesa-Bianchi & Lugosi 2006, §2.11)."""

import math

from streamlstm.kernels.compile import Vector, kernel
from streamlstm.kernels.functions.elementary import exp

LOSS_MAX = 5.0
LOSS_MEMORY = 0.99
SHARPNESS = 0.5


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
