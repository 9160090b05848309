"""Several steps ahead: a slot moves on as if its own forecasts had come true; nothing is learnt."""

from streamlstm.kernels import layout as at
from streamlstm.kernels.compile import Vector, kernel, part
from streamlstm.kernels.network.forward import forward
from streamlstm.kernels.regression.events import ACCEPTED
from streamlstm.kernels.regression.forecast import encode_inputs, forecast_target


@kernel
def expect(target: Vector, y: float) -> None:
    """Let ``y`` be the last value of a target, as if observed; no scale learns from it.

    Examples
    --------
    >>> import numpy as np
    >>> target = np.zeros(at.T_TALLY)
    >>> for y in (4.0, 7.0):
    ...     expect(target, y)
    >>> target[at.T_LAST].item(), target[at.T_LAGS : at.T_LAGS + 2].tolist()
    (7.0, [3.0, 4.0])
    """
    for j in range(at.HISTORY - 1, 0, -1):
        target[at.T_LAGS + j] = target[at.T_LAGS + j - 1]
    target[at.T_LAGS] = y - target[at.T_LAST]
    target[at.T_CHANGES] += 1.0
    target[at.T_LAST] = y


@kernel
def roll_forward(
    singles: Vector,
    doubles: Vector,
    scratch: Vector,
    work: Vector,
    slots: Vector,
    values: Vector,
    results: Vector,
    plan: Vector,
) -> None:
    """Forecast each event, then let the memory of its slot move on by what was forecast.

    Parameters are those of :func:`~streamlstm.kernels.regression.events.run_events`, the slots
    being copies made for this: weights, scales and experts stay as they are; h and c, the
    last values and the last changes move. Targets are not looked at, and no more than 1 + O
    results are written.
    """
    hidden, outputs, row_size = plan[at.HIDDEN], plan[at.OUTPUTS], plan[at.TAPE_ROW]
    columns, size, memory = plan[at.COLUMNS], plan[at.TARGET_SIZE], plan[at.STATE]
    row, h = part(scratch, 0, row_size), part(scratch, row_size, hidden)
    out = part(scratch, row_size, memory + outputs)
    for n in range(slots.size):
        single, double, event, result = singles[slots[n]], doubles[slots[n]], values[n], results[n]
        result[0] = ACCEPTED
        encode_inputs(double, row, event, plan)
        forward(single, row, out, plan)
        inputs = part(row, plan[at.INPUTS_AT], plan[at.INPUTS])
        for k in range(outputs):
            target = part(double, plan[at.TARGETS_AT] + k * size, size)
            output = float(out[memory + k])
            result[1 + k] = forecast_target(target, inputs, h, output, event, work, plan)
            expect(target, result[1 + k])
        state = part(single, plan[at.STATE_AT], memory)
        for j in range(memory):
            state[j] = out[j]
        kept = part(double, plan[at.COLUMNS_AT], columns * at.COLUMN)
        for j in range(columns):
            if event[j] == event[j]:  # NaN is missing, and not equal to itself
                kept[j * at.COLUMN + at.LAST] = event[j]
