"""A linear model of the level and of the last 24 changes, by recursive least squares."""

from streamlstm.kernels.compile import Vector, kernel, part
from streamlstm.kernels.experts.expert import Expert
from streamlstm.kernels.experts.least_squares import (
    FORGETTING_LONG,
    block_size,
    least_squares_forecast,
    least_squares_learn,
)
from streamlstm.kernels.plan import (
    AUTOREGRESSIVE,
    HIDDEN,
    OLDER,
    RECENT,
    T_CHANGES,
    X_GAIN,
    X_OLDER,
)

REGRESSORS = OLDER + RECENT
CHANGES_LEAST = 48  # with fewer changes it overfits


@kernel
def forecast(
    block: Vector, target: Vector, inputs: Vector, output: float, x: Vector, plan: Vector
) -> float:
    """Return w · regressors."""
    return least_squares_forecast(block, part(x, X_OLDER, REGRESSORS))


@kernel
def learn(block: Vector, target: Vector, inputs: Vector, u: float, x: Vector, plan: Vector) -> None:
    """Learn u by recursive least squares."""
    regressors = part(x, X_OLDER, REGRESSORS)
    gain = part(x, X_GAIN + plan[HIDDEN], regressors.size)
    least_squares_learn(block, regressors, u, FORGETTING_LONG, gain)


@kernel
def enable(target: Vector, inputs: Vector, plan: Vector) -> bool:
    """Return whether enough changes were seen."""
    return bool(plan[AUTOREGRESSIVE] and target[T_CHANGES] >= CHANGES_LEAST)


EXPERT = Expert(
    name="linear_24",
    forecast=forecast,
    learn=learn,
    size=lambda hidden, inputs: block_size(REGRESSORS),
    regressors=lambda hidden: REGRESSORS,
    enable=enable,
)
