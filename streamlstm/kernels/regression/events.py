"""The door to the compiled floor: a batch of events, forecast and (if asked) learnt, in order.

A batch names a slot for each event. Events are taken one after another, so how a journal is cut
into batches cannot be seen in the result.
"""

import math

from streamlstm.kernels import layout as at
from streamlstm.kernels.compile import Vector, kernel, part
from streamlstm.kernels.decision.incident import (
    judge,
    learnable,
    out_of_range,
    standardised_error_of,
    track_error,
)
from streamlstm.kernels.network.forward import forward
from streamlstm.kernels.network.scaler import track_columns
from streamlstm.kernels.network.tbptt import backward_through_time
from streamlstm.kernels.regression.forecast import (
    EXPERTS,
    WORK_WEIGHTS,
    encode_inputs,
    forecast_target,
)
from streamlstm.kernels.regression.learn import acceptable, learn_target, optimizer_step

REFUSED, ACCEPTED = 0.0, 1.0


@kernel
def advance(single: Vector, double: Vector, out: Vector, head: int, plan: Vector) -> bool:
    """Move the memory and the counts one event on; return whether an update is due."""
    state = part(single, plan[at.STATE_AT], plan[at.STATE])
    for j in range(state.size):
        state[j] = out[j]
    double[at.TAPE_HEAD] = float(head)
    double[at.TAPE_LENGTH] = min(double[at.TAPE_LENGTH] + 1.0, float(plan[at.WINDOW]))
    double[at.ACCEPTED] += 1.0
    double[at.PHASE] += 1.0
    if double[at.PHASE] < float(plan[at.UPDATE_EVERY]):
        return False
    double[at.PHASE] = 0.0
    return True


@kernel
def refuse(result: Vector) -> None:
    """Write the result of an event that is not learnt.

    Examples
    --------
    >>> import numpy as np
    >>> result = np.ones(2)
    >>> refuse(result)
    >>> result.tolist()
    [0.0, nan]
    """
    result[0] = REFUSED
    for k in range(1, result.size):
        result[k] = float("nan")


@kernel
def run_events(
    singles: Vector,
    doubles: Vector,
    scratch: Vector,
    work: Vector,
    slots: Vector,
    values: Vector,
    results: Vector,
    plan: Vector,
) -> None:
    """Forecast each event and, where the plan says ``LEARN``, learn it before the next.

    Parameters
    ----------
    singles : (slots, single size)
    doubles : (slots, double size) float64
    scratch : (tape row + 2HL + O + theta + :func:`~streamlstm.kernels.network.tbptt.scratch_size`,)
    work : (:func:`~streamlstm.kernels.regression.forecast.work_size`,) float64
    slots : (n,) int64
    values : (n, C + O) float64
        Feature columns (NaN = missing), then targets.
    results : (n, 1 + O) float64, or (n, 5 + (3 + E) O) where it has ``DETECT``, out
        ``ACCEPTED`` or ``REFUSED``, each target's forecast; alert event, score, events and peak
        score of the alert; half-width, surprise and weights of each target. NaN where refused.
    plan : (PLAN_SIZE,) int64
    """
    hidden, outputs, row_size = plan[at.HIDDEN], plan[at.OUTPUTS], plan[at.TAPE_ROW]
    columns, learn, size = plan[at.COLUMNS], plan[at.LEARN], plan[at.TARGET_SIZE]
    state, theta = plan[at.STATE], plan[at.THETA]
    out, h = part(scratch, row_size, state + outputs), part(scratch, row_size, hidden)
    used = row_size + state + outputs + theta
    dtheta, rest = part(scratch, used - theta, theta), part(scratch, used, scratch.size - used)
    for n in range(slots.size):
        single, double, event, result = singles[slots[n]], doubles[slots[n]], values[n], results[n]
        head, row, result[0] = 0, part(scratch, 0, row_size), ACCEPTED
        if learn:
            if not acceptable(event, columns):
                refuse(result)
                continue
            head = (int(double[at.TAPE_HEAD]) + 1) % plan[at.WINDOW]
            row = part(single, plan[at.TAPE_AT] + head * row_size, row_size)
        encode_inputs(double, row, event, plan)
        forward(single, row, out, plan)
        inputs = part(row, plan[at.INPUTS_AT], plan[at.INPUTS])
        largest, beyond, limit = 0.0, 0.0, double[at.LOSS_LIMIT]
        decision = part(double, plan[at.DECISION_AT], at.D_LARGEST + at.LARGEST)
        for k in range(outputs):
            target, y = part(double, plan[at.TARGETS_AT] + k * size, size), event[columns + k]
            output = float(out[state + k])
            forecast = result[1 + k] = forecast_target(target, inputs, h, output, event, work, plan)
            if plan[at.DETECT]:
                own = standardised_error_of(target, y, forecast)
                result[5 + outputs + k], result[5 + 2 * outputs + k] = target[at.T_ERROR], own
                for e in range(EXPERTS):
                    result[5 + 3 * outputs + k * EXPERTS + e] = work[WORK_WEIGHTS + e]
                largest, beyond = max(largest, own), max(beyond, out_of_range(target, y))
            if learn:
                gradient = 0.0
                if not math.isnan(y):
                    if plan[at.DETECT]:
                        track_error(target, y, forecast, learnable(decision))
                    gradient = learn_target(target, y, inputs, output, limit, work, plan)
                row[plan[at.ROW_DY] + k] = row.dtype.type(gradient)
        if plan[at.DETECT]:
            judge(decision, result, outputs, largest, beyond, learn)
        if learn:
            track_columns(part(double, plan[at.COLUMNS_AT], columns * at.COLUMN), event, columns)
            if advance(single, double, out, head, plan):
                backward_through_time(single, double, dtheta, rest, plan)
                optimizer_step(single, double, dtheta, plan)
