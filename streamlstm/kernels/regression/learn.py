"""What one event teaches: the experts, the scales, the optimizer's step."""

import math

from streamlstm.kernels import layout as at
from streamlstm.kernels.compile import Vector, kernel, part
from streamlstm.kernels.experts.mixture import mixture_learn
from streamlstm.kernels.experts.periodic import track_period
from streamlstm.kernels.functions.readout import loss_gradient
from streamlstm.kernels.network.optimizer import (
    ADAM,
    SGD,
    adam_step,
    clip_scale,
    decay,
    norm_square,
    sgd_step,
)
from streamlstm.kernels.network.scaler import OUTLIER, VALUE_MAX, track, track_square
from streamlstm.kernels.regression.experts import learn_experts
from streamlstm.kernels.regression.forecast import (
    EXPERTS,
    WORK_REGRESSORS,
    anchor_of,
    scale_of,
)

RATE_LEAST = 0.25  # share of the learning rate that no decay takes


@kernel
def acceptable(values: Vector, columns: int) -> bool:
    """Return whether an event can be learnt: one target at least, and no value beyond 1e30.

    What is missing is NaN; what is infinite is refused.

    Examples
    --------
    >>> import numpy as np
    >>> acceptable(np.array([np.nan, 1.0]), 1), acceptable(np.array([np.inf, 1.0]), 1)
    (True, False)
    """
    observed = 0
    for j in range(values.size):
        if abs(values[j]) > VALUE_MAX:
            return False
        if j >= columns and not math.isnan(values[j]):
            observed += 1
    return observed > 0


@kernel
def track_target(target: Vector, y: float) -> None:
    """Learn the scale of a target from one value, and remember its last changes.

    Examples
    --------
    >>> import numpy as np
    >>> target = np.zeros(at.T_TALLY)
    >>> for y in (1.0, 4.0):
    ...     track_target(target, y)
    >>> target[at.T_LAST].item(), target[at.T_LAGS].item()
    (4.0, 3.0)
    """
    if target[at.T_SEEN] > 0.0:
        change = y - target[at.T_LAST]
        track_square(part(target, at.T_CHANGES, 2), change)
        for j in range(at.HISTORY - 1, 0, -1):
            target[at.T_LAGS + j] = target[at.T_LAGS + j - 1]
        target[at.T_LAGS] = change
    track(part(target, at.T_SEEN, 3), y)
    target[at.T_LAST] = y


@kernel
def learn_target(
    target: Vector,
    y: float,
    inputs: Vector,
    output: float,
    loss_limit: float,
    work: Vector,
    plan: Vector,
) -> float:
    """Let a target's scale and its experts learn ``y``; return the loss gradient at the output.

    Parameters
    ----------
    target : (TARGET_SIZE,), in and out
    y
        What was observed.
    inputs : (inputs in use,)
        What the network saw.
    output
        What the LSTM's readout said.
    loss_limit
        Where the Huber loss turns straight.
    work
        As :func:`~streamlstm.kernels.regression.forecast.forecast_target` left it.
    plan : (PLAN_SIZE,)
    """
    autoregressive = plan[at.AUTOREGRESSIVE]
    anchor, seen = anchor_of(target, autoregressive), target[at.T_SEEN]
    track_target(target, y)
    scale = scale_of(target, autoregressive)
    if not (seen > 0.0 and scale > 0.0):
        return 0.0
    u = min(max((y - anchor) / scale, -OUTLIER), OUTLIER)
    mixture_learn(part(target, at.T_LOSSES, EXPERTS), part(work, 0, EXPERTS), u)
    x = part(work, WORK_REGRESSORS, work.size - WORK_REGRESSORS)
    learn_experts(target, inputs, u, x, plan)
    if autoregressive:
        changes, tally = part(target, at.T_LAGS, at.HISTORY), part(target, at.T_TALLY, at.PERIODS)
        target[at.T_PERIOD] = track_period(changes, tally, target[at.T_PERIOD], scale)
    return loss_gradient(plan[at.LOSS], output - u, loss_limit)


@kernel
def optimizer_step(single: Vector, double: Vector, dtheta: Vector, plan: Vector) -> None:
    """Clip ``dtheta`` and take one step of the optimizer; a gradient that is not finite is dropped.

    Parameters
    ----------
    single, double
        The two parts of a slot, in and out.
    dtheta : (THETA,), in and out
        Scaled in place when it is clipped.
    plan : (PLAN_SIZE,)
    """
    size = plan[at.THETA]
    theta, code = part(single, 0, size), plan[at.OPTIMIZER]
    moment1, moment2 = (
        part(single, plan[at.MOMENT1_AT], size),
        part(single, plan[at.MOMENT2_AT], size),
    )
    square = norm_square(dtheta)
    double[at.LAST_NORM] = math.sqrt(square)
    scale = clip_scale(square, double[at.CLIP_NORM])
    if scale == 0.0:
        return
    factor = single.dtype.type(scale)
    for i in range(size):
        dtheta[i] *= factor
    double[at.UPDATES] += 1.0
    fallen = 1.0 / (1.0 + double[at.RATE_DECAY] * double[at.UPDATES])
    rate = double[at.LEARNING_RATE] * max(fallen, RATE_LEAST)
    if code == SGD:
        sgd_step(theta, dtheta, rate)
        return
    beta1 = double[at.BETA1] if code == ADAM else 0.0
    beta2 = double[at.BETA2]
    double[at.BETA1_POWER] = decay(double[at.BETA1_POWER], beta1)
    double[at.BETA2_POWER] = decay(double[at.BETA2_POWER], beta2)
    root = math.sqrt(1.0 - double[at.BETA2_POWER])
    rate *= root / (1.0 - double[at.BETA1_POWER])
    epsilon = double[at.EPSILON] * root
    adam_step(theta, dtheta, moment1, moment2, beta1, beta2, rate, epsilon)
