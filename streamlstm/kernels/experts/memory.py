"""A linear model of the last changes and of the state h of the network, by least squares."""

from streamlstm.kernels.compile import Vector, kernel, part
from streamlstm.kernels.experts.expert import Expert
from streamlstm.kernels.experts.least_squares import (
    FORGETTING_LONG,
    block_size,
    least_squares_forecast,
    least_squares_learn,
)
from streamlstm.kernels.plan import HIDDEN, RECENT, X_GAIN, X_RECENT


@kernel
def forecast(
    block: Vector, target: Vector, inputs: Vector, output: float, x: Vector, plan: Vector
) -> float:
    """Return w · regressors."""
    return least_squares_forecast(block, part(x, X_RECENT, RECENT + plan[HIDDEN]))


@kernel
def learn(block: Vector, target: Vector, inputs: Vector, u: float, x: Vector, plan: Vector) -> None:
    """Learn u by recursive least squares."""
    regressors = part(x, X_RECENT, RECENT + plan[HIDDEN])
    gain = part(x, X_GAIN + plan[HIDDEN], regressors.size)
    least_squares_learn(block, regressors, u, FORGETTING_LONG, gain)


EXPERT = Expert(
    name="memory",
    forecast=forecast,
    learn=learn,
    size=lambda hidden, inputs: block_size(RECENT + hidden),
    regressors=lambda hidden: RECENT + hidden,
)
