"""A linear expert on all that the network sees: the features, and the last value and change.

Recursive least squares with a diagonal P, so that each weight has a variance of its own and only
the error in common: a decoupled Kalman filter (Puskorius & Feldkamp 1994) of one weight a group.
Cost and room grow with the number of inputs instead of its square, and a new feature appends one.
"""

from streamlstm.kernels.compile import Vector, kernel, part
from streamlstm.kernels.experts.expert import Expert
from streamlstm.kernels.experts.least_squares import FORGETTING, clip_error
from streamlstm.kernels.plan import COLUMNS, OUTPUTS

VARIANCE_MAX = 10.0  # forgetting stops where a weight is this uncertain: its input is quiet


@kernel
def features_forecast(block: Vector, x: Vector) -> float:
    """Return Σ w x.

    Parameters
    ----------
    block : (2 + 2n,)
        Variance of the error and its count; variance and weight of each input.
    x : (n,)

    Examples
    --------
    >>> import numpy as np
    >>> features_forecast(np.array([0.0, 0.0, 1.0, 3.0]), np.array([2.0]))
    6.0
    """
    total = 0.0
    for j in range(x.size):
        total += block[3 + 2 * j] * x[j]
    return total


@kernel
def features_learn(block: Vector, x: Vector, target: float) -> None:
    """Learn one event; an input that is 0 leaves its weight as it is.

    Parameters
    ----------
    block : (2 + 2n,), in and out
    x : (n,)
    target

    Examples
    --------
    >>> import numpy as np
    >>> block = np.array([0.0, 0.0, 1.0, 0.0])
    >>> for _ in range(50):
    ...     features_learn(block, np.ones(1), 2.0)
    >>> round(block[3].item(), 1)
    2.0
    """
    error = clip_error(part(block, 0, 2), target - features_forecast(block, x))
    total = FORGETTING
    for j in range(x.size):
        total += block[2 + 2 * j] * x[j] * x[j]
    for j in range(x.size):
        gain = block[2 + 2 * j] * x[j]
        block[3 + 2 * j] += gain * error / total
        variance = (block[2 + 2 * j] - gain * gain / total) / FORGETTING
        block[2 + 2 * j] = min(variance, VARIANCE_MAX)


@kernel
def forecast(
    block: Vector, target: Vector, inputs: Vector, output: float, x: Vector, plan: Vector
) -> float:
    """Return Σ w x over the inputs of the network."""
    return features_forecast(block, inputs)


@kernel
def learn(block: Vector, target: Vector, inputs: Vector, u: float, x: Vector, plan: Vector) -> None:
    """Learn u, where there are features."""
    if plan[COLUMNS] > 0:
        features_learn(block, inputs, u)


@kernel
def enable(target: Vector, inputs: Vector, plan: Vector) -> bool:
    """Return whether any feature was observed."""
    if plan[COLUMNS] > 0:
        for j in range(2 * plan[OUTPUTS], inputs.size):
            if inputs[j] != 0.0:
                return True
    return False


EXPERT = Expert(
    name="linear_features",
    forecast=forecast,
    learn=learn,
    size=lambda hidden, inputs: 2 + 2 * inputs,
    enable=enable,
)
