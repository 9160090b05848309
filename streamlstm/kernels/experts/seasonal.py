"""A linear model of daily and weekly harmonics, where the events have a time."""

from streamlstm.kernels.compile import Vector, kernel, part
from streamlstm.kernels.experts.expert import Expert
from streamlstm.kernels.experts.least_squares import (
    FORGETTING,
    block_size,
    least_squares_forecast,
    least_squares_learn,
)
from streamlstm.kernels.functions.elementary import sine_cosine
from streamlstm.kernels.plan import HIDDEN, HOUR_COLUMN, SEASONAL, X_GAIN, X_SEASONAL


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
def forecast(
    block: Vector, target: Vector, inputs: Vector, output: float, x: Vector, plan: Vector
) -> float:
    """Return w · regressors."""
    if x[X_SEASONAL] > 0.0:
        return least_squares_forecast(block, part(x, X_SEASONAL, SEASONAL))
    return 0.0


@kernel
def learn(block: Vector, target: Vector, inputs: Vector, u: float, x: Vector, plan: Vector) -> None:
    """Learn u by recursive least squares."""
    if x[X_SEASONAL] > 0.0:
        regressors = part(x, X_SEASONAL, SEASONAL)
        gain = part(x, X_GAIN + plan[HIDDEN], regressors.size)
        least_squares_learn(block, regressors, u, FORGETTING, gain)


@kernel
def enable(target: Vector, inputs: Vector, plan: Vector) -> bool:
    """Return whether a time feature has a column."""
    return bool(plan[HOUR_COLUMN] >= 0)


EXPERT = Expert(
    name="seasonal",
    forecast=forecast,
    learn=learn,
    size=lambda hidden, inputs: block_size(SEASONAL),
    regressors=lambda hidden: SEASONAL,
    enable=enable,
)
