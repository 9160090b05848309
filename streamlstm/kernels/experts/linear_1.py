"""A linear model of the level and of the last change, by recursive least squares."""

from streamlstm.kernels.compile import Vector, kernel, part
from streamlstm.kernels.experts.expert import Expert
from streamlstm.kernels.experts.least_squares import (
    FORGETTING,
    block_size,
    least_squares_forecast,
    least_squares_learn,
)
from streamlstm.kernels.plan import HIDDEN, X_GAIN, X_RECENT

REGRESSORS = 3  # bias, level, the last change


@kernel
def forecast(
    block: Vector, target: Vector, inputs: Vector, output: float, x: Vector, plan: Vector
) -> float:
    """Return w · regressors."""
    return least_squares_forecast(block, part(x, X_RECENT, REGRESSORS))


@kernel
def learn(block: Vector, target: Vector, inputs: Vector, u: float, x: Vector, plan: Vector) -> None:
    """Learn u by recursive least squares."""
    regressors = part(x, X_RECENT, REGRESSORS)
    gain = part(x, X_GAIN + plan[HIDDEN], regressors.size)
    least_squares_learn(block, regressors, u, FORGETTING, gain)


EXPERT = Expert(
    name="linear_1",
    forecast=forecast,
    learn=learn,
    size=lambda hidden, inputs: block_size(REGRESSORS),
    regressors=lambda hidden: REGRESSORS,
    past_targets=True,
)
