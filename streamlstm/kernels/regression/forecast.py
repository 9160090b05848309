"""Forecast one event of one stream: the inputs, the experts, and their mixture.

Nothing here changes a slot. An event is ``values``: the feature columns (NaN = missing), then the
targets, which a forecast does not look at.
"""

import math

from streamlstm.kernels import layout as at
from streamlstm.kernels.compile import Vector, kernel, part
from streamlstm.kernels.experts.least_squares import calendar, dot, mixture_weights
from streamlstm.kernels.experts.linear_features import features_forecast
from streamlstm.kernels.experts.period import profile
from streamlstm.kernels.network.scaler import OUTLIER, encode_columns, standardise

EXPERTS = len(at.EXPERTS)
# Room to work in, for one target: forecasts and weights of the experts, regressors of the seasonal
# expert and of the periodic one, regressors of the linear ones, and a gain.
WORK_WEIGHTS = EXPERTS
WORK_SEASONAL = WORK_WEIGHTS + EXPERTS
WORK_PERIODIC = WORK_SEASONAL + at.SEASONAL
WORK_REGRESSORS = WORK_PERIODIC + at.PERIODIC
WORK_RECENT = WORK_REGRESSORS + at.OLDER
OLDER_MAX = 2.0  # typical changes: what was odd long ago is not to make the next forecast odd


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
def regressors(target: Vector, h: Vector, values: Vector, work: Vector, plan: Vector) -> None:
    """Write what the linear experts look at.

    ``[older changes, 1, level, the last changes, h]``: the long expert sees all but h, the memory's
    readout what follows the older changes, the short one the first three of that. ``[1, calendar,
    level, last change]`` for the seasonal one; its first number is 0 where the event has no
    calendar. ``[change of the periods before, how far off that was last]`` for the periodic one; 0
    while no period is known.
    """
    older, x = part(work, WORK_REGRESSORS, at.OLDER), part(work, WORK_RECENT, at.RECENT + h.size)
    for j in range(at.OLDER):
        older[j] = 0.0
    x[0] = 1.0
    for j in range(1, at.RECENT):
        x[j] = 0.0
    periodic = part(work, WORK_PERIODIC, at.PERIODIC)
    periodic[0] = periodic[1] = 0.0
    if plan[at.AUTOREGRESSIVE]:
        x[1] = standardise(target[at.T_LAST] - target[at.T_MEAN], target[at.T_VARIANCE])
        square = target[at.T_CHANGE_SQUARE]
        scale = 1.0 / math.sqrt(square) if square > 0.0 else 0.0
        for j in range(at.LAGS):
            x[2 + j] = min(max(target[at.T_LAGS + j] * scale, -OUTLIER), OUTLIER)
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
        x[at.RECENT + j] = float(h[j])
    work[WORK_SEASONAL] = 0.0
    if plan[at.HOUR_COLUMN] >= 0:
        hour, weekday = values[plan[at.HOUR_COLUMN]], values[plan[at.WEEKDAY_COLUMN]]
        if not (math.isnan(hour) or math.isnan(weekday)):
            seasonal = part(work, WORK_SEASONAL, at.SEASONAL)
            seasonal[0] = 1.0
            calendar(part(seasonal, 1, at.SEASONAL - 3), hour, weekday)
            seasonal[at.SEASONAL - 2] = x[1]
            seasonal[at.SEASONAL - 1] = x[2]


@kernel
def features_at(hidden: int) -> int:
    """Return where a target's block of the expert on features begins: after the memory's.

    Examples
    --------
    >>> features_at(16) == at.T_MEMORY + 30 * 30 + 30 + 2
    True
    """
    size = at.RECENT + hidden
    return at.T_MEMORY + size * size + size + 2


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
    """Forecast one target by the mixture, in the target's own unit.

    Parameters
    ----------
    target : (TARGET_SIZE,)
        The float64 state of the target; read only.
    inputs : (inputs in use,)
        What the network sees.
    h : (H,)
    output
        What the LSTM's readout says.
    values : (C + O,)
    work : (:func:`work_size`,), out
        The experts' forecasts in units of the scale, their weights, their regressors.
    plan : (PLAN_SIZE,)
    """
    regressors(target, h, values, work, plan)
    forecasts, weights = part(work, 0, EXPERTS), part(work, WORK_WEIGHTS, EXPERTS)
    x = part(work, WORK_RECENT, at.RECENT + h.size)
    w_short = part(target, at.T_SHORT + at.SHORT * at.SHORT, at.SHORT)
    w_long = part(target, at.T_LONG + at.LONG * at.LONG, at.LONG)
    w_season = part(target, at.T_SEASONAL + at.SEASONAL * at.SEASONAL, at.SEASONAL)
    forecasts[at.PERSISTENCE] = 0.0
    forecasts[at.LINEAR_SHORT] = dot(w_short, x)
    forecasts[at.LINEAR_LONG] = dot(w_long, part(work, WORK_REGRESSORS, at.LONG))
    forecasts[at.LSTM] = output
    forecasts[at.MEMORY] = dot(part(target, at.T_MEMORY + x.size * x.size, x.size), x)
    forecasts[at.SEASON] = 0.0
    if work[WORK_SEASONAL] > 0.0:
        forecasts[at.SEASON] = dot(w_season, part(work, WORK_SEASONAL, at.SEASONAL))
    w_periodic = part(target, at.T_PERIODIC + at.PERIODIC * at.PERIODIC, at.PERIODIC)
    forecasts[at.PROFILE] = dot(w_periodic, part(work, WORK_PERIODIC, at.PERIODIC))
    features = part(target, features_at(h.size), 2 + 2 * inputs.size)
    forecasts[at.FEATURES] = features_forecast(features, inputs)
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
    memory = at.RECENT + hidden
    return WORK_RECENT + memory + max(at.LONG, memory)
