"""Forecast one event of one stream: the inputs, the experts, and their mixture.

Nothing here changes a slot. An event is ``values``: the feature columns (NaN = missing), then the
targets, which a forecast does not look at.
"""

import math

from streamlstm.kernels import layout as at
from streamlstm.kernels.compile import Vector, kernel, part
from streamlstm.kernels.experts.mixture import mixture_weights
from streamlstm.kernels.experts.periodic import profile
from streamlstm.kernels.experts.seasonal import calendar
from streamlstm.kernels.network.scaler import OUTLIER, encode_columns, standardise
from streamlstm.kernels.regression.experts import forecast_experts, regressors_size

EXPERTS = len(at.EXPERTS)
# Scratch for one target: forecasts and weights of the experts, then their regressors.
WORK_WEIGHTS = EXPERTS
WORK_REGRESSORS = WORK_WEIGHTS + EXPERTS
OLDER_MAX = 2.0  # typical changes: an old outlier does not make the next forecast one


@kernel
def anchor_of(target: Vector, autoregressive: int) -> float:
    """Return what a target is forecast from: its last value, or its mean where that is unseen.

    Examples
    --------
    >>> import numpy as np
    >>> target = np.zeros(at.T_LAGS)
    >>> target[at.T_LAST] = 7.0
    >>> anchor_of(target, 1)
    7.0
    """
    return target[at.T_LAST] if autoregressive else target[at.T_MEAN]  # type: ignore[no-any-return]


@kernel
def scale_of(target: Vector, autoregressive: int) -> float:
    """Return the typical distance of a target from its anchor (root mean square).

    Examples
    --------
    >>> import numpy as np
    >>> target = np.zeros(at.T_LAGS)
    >>> target[at.T_CHANGE_SQUARE] = 4.0
    >>> scale_of(target, 1)
    2.0
    """
    return math.sqrt(target[at.T_CHANGE_SQUARE] if autoregressive else target[at.T_VARIANCE])


@kernel
def encode_inputs(double: Vector, row: Vector, values: Vector, plan: Vector) -> None:
    """Write the inputs of the network: two for each target, then two for each feature column.

    Parameters
    ----------
    double
        The float64 part of the slot; read only.
    row : (TAPE_ROW,), out
        Its inputs are written, the rest stays.
    values : (C + O,)
    plan : (PLAN_SIZE,)
    """
    outputs, columns = plan[at.OUTPUTS], plan[at.COLUMNS]
    real = row.dtype.type
    inputs = part(row, plan[at.INPUTS_AT], plan[at.INPUTS])
    for k in range(outputs):
        target = part(double, plan[at.TARGETS_AT] + k * plan[at.TARGET_SIZE], at.T_TALLY)
        level, change = 0.0, 0.0
        if plan[at.AUTOREGRESSIVE]:
            level = standardise(target[at.T_LAST] - target[at.T_MEAN], target[at.T_VARIANCE])
            change = standardise(target[at.T_LAGS], target[at.T_CHANGE_SQUARE])
        inputs[2 * k] = real(level)
        inputs[2 * k + 1] = real(change)
    state_of_columns = part(double, plan[at.COLUMNS_AT], columns * at.COLUMN)
    encode_columns(part(inputs, 2 * outputs, 2 * columns), state_of_columns, values, columns)


@kernel
def regressors(target: Vector, h: Vector, values: Vector, x: Vector, plan: Vector) -> None:
    """Write the regressors of the experts, at the places ``X_…`` of :mod:`streamlstm.kernels.plan`.

    - seasonal: [1, calendar, level, last change], or a first number of 0 where there is no time;
    - periodic: [change of the periods before, its last error], 0 while no period is known;
    - older and recent: [older changes, 1, level, the last changes, h], of which each expert reads
      its own range.

    Parameters
    ----------
    target : (TARGET_SIZE,)
    h : (H,)
    values : (C + O,)
    x : (:func:`~streamlstm.kernels.regression.experts.regressors_size`,), out
    plan : (PLAN_SIZE,)
    """
    older, recent = part(x, at.X_OLDER, at.OLDER), part(x, at.X_RECENT, at.RECENT + h.size)
    for j in range(at.OLDER):
        older[j] = 0.0
    recent[0] = 1.0
    for j in range(1, at.RECENT):
        recent[j] = 0.0
    periodic = part(x, at.X_PERIODIC, at.PERIODIC)
    periodic[0] = periodic[1] = 0.0
    if plan[at.AUTOREGRESSIVE]:
        recent[1] = standardise(target[at.T_LAST] - target[at.T_MEAN], target[at.T_VARIANCE])
        square = target[at.T_CHANGE_SQUARE]
        scale = 1.0 / math.sqrt(square) if square > 0.0 else 0.0
        for j in range(at.LAGS):
            recent[2 + j] = min(max(target[at.T_LAGS + j] * scale, -OUTLIER), OUTLIER)
        for j in range(at.OLDER):
            change = target[at.T_LAGS + at.LAGS + j] * scale
            older[j] = min(max(change, -OLDER_MAX), OLDER_MAX)
        if target[at.T_PERIOD] > 0.0:
            kept = min(int(target[at.T_CHANGES]), at.HISTORY)
            changes, period = part(target, at.T_LAGS, kept), int(target[at.T_PERIOD])
            missed = changes[0] - profile(part(changes, 1, kept - 1), period)
            periodic[0] = min(max(profile(changes, period) * scale, -OUTLIER), OUTLIER)
            periodic[1] = min(max(missed * scale, -OUTLIER), OUTLIER)
    for j in range(h.size):
        recent[at.RECENT + j] = float(h[j])
    x[at.X_SEASONAL] = 0.0
    if plan[at.HOUR_COLUMN] >= 0:
        hour, weekday = values[plan[at.HOUR_COLUMN]], values[plan[at.WEEKDAY_COLUMN]]
        if not (math.isnan(hour) or math.isnan(weekday)):
            seasonal = part(x, at.X_SEASONAL, at.SEASONAL)
            seasonal[0] = 1.0
            calendar(part(seasonal, 1, at.SEASONAL - 3), hour, weekday)
            seasonal[at.SEASONAL - 2] = recent[1]
            seasonal[at.SEASONAL - 1] = recent[2]


@kernel
def forecast_target(
    target: Vector,
    inputs: Vector,
    h: Vector,
    output: float,
    values: Vector,
    work: Vector,
    plan: Vector,
) -> float:
    """Forecast one target by the mixture of the experts, in the unit of the target.

    Parameters
    ----------
    target : (TARGET_SIZE,)
        The float64 state of the target; read only.
    inputs : (inputs in use,)
        Of the network.
    h : (H,)
    output
        Of the network.
    values : (C + O,)
    work : (:func:`work_size`,), out
        The experts' forecasts in units of the scale, their weights, their regressors.
    plan : (PLAN_SIZE,)
    """
    x = part(work, WORK_REGRESSORS, work.size - WORK_REGRESSORS)
    regressors(target, h, values, x, plan)
    forecasts, weights = part(work, 0, EXPERTS), part(work, WORK_WEIGHTS, EXPERTS)
    forecast_experts(forecasts, target, inputs, output, x, plan)
    mixture_weights(part(target, at.T_LOSSES, EXPERTS), weights)
    mixed = 0.0
    for e in range(EXPERTS):
        forecasts[e] = min(max(forecasts[e], -OUTLIER), OUTLIER)
        mixed += weights[e] * forecasts[e]
    autoregressive = plan[at.AUTOREGRESSIVE]
    return anchor_of(target, autoregressive) + scale_of(target, autoregressive) * mixed


def work_size(hidden: int) -> int:
    """Count the float64 numbers :func:`forecast_target` and its learning need to work in.

    Examples
    --------
    >>> work_size(16)
    105
    """
    return WORK_REGRESSORS + regressors_size(hidden)
