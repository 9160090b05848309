"""Predict one event: the scores of the network, and the probabilities of every expert.

Nothing here changes a slot.
"""

import math

from streamlstm.kernels import layout as at
from streamlstm.kernels.cells.lstm import add_rows
from streamlstm.kernels.classification import layout as its
from streamlstm.kernels.classification.experts import (
    count_prediction,
    least_squares_scores,
    linear_scores,
)
from streamlstm.kernels.compile import Vector, kernel, part
from streamlstm.kernels.functions.elementary import tanh_in_place
from streamlstm.kernels.layout import Shape
from streamlstm.kernels.network.scaler import encode_columns, standardise
from streamlstm.kernels.network.softmax import softmax

EXPERTS = len(its.EXPERTS)
UNIT_SPREAD = 2.0  # how steep the random units are, for inputs of size one


@kernel
def encode_event(double: Vector, inputs: Vector, values: Vector, plan: Vector) -> None:
    """Write the inputs of the network: the last two labels, then two for each feature column.

    Parameters
    ----------
    double
        The float64 part of the slot; read only.
    inputs : (INPUTS,), out
    values : (C + 1,)
    plan : (PLAN_SIZE,)
    """
    classes, columns = plan[at.OUTPUTS], plan[at.COLUMNS]
    real = inputs.dtype.type
    for k in range(2 * classes):
        inputs[k] = real(0.0)
    if plan[at.AUTOREGRESSIVE]:
        last, before = int(double[its.LAST_LABEL]), int(double[its.LABEL_BEFORE])
        if last > 0:
            inputs[2 * (last - 1)] = real(1.0)
        if before > 0:
            inputs[2 * (before - 1) + 1] = real(1.0)
    state = part(double, plan[at.COLUMNS_AT], columns * at.COLUMN)
    encode_columns(part(inputs, 2 * classes, 2 * columns), state, values, columns)


@kernel
def random_features(single: Vector, inputs: Vector, units: Vector, x: Vector, plan: Vector) -> None:
    """Write [1 | tanh(b + A x)] for fixed random A and b (Huang, Zhu & Siew 2006).

    Parameters
    ----------
    single
        The float32 part of the slot; read only.
    inputs : (2C,)
    units : (UNITS,), out
        The same in float32.
    x : (UNITS,), out
    plan : (PLAN_SIZE,)
    """
    columns = plan[at.COLUMNS]
    real = single.dtype.type
    for j in range(its.UNITS):
        units[j] = real(0.0)
    rows = part(single, plan[its.PROJECTION_AT] + its.UNITS, 2 * columns * its.UNITS)
    add_rows(units, inputs, rows)
    scale = real(UNIT_SPREAD / math.sqrt(max(columns, 1)))
    for j in range(its.UNITS):
        units[j] = scale * units[j] + single[plan[its.PROJECTION_AT] + j]
    tanh_in_place(units)
    x[0] = 1.0
    for j in range(1, its.UNITS):
        x[j] = float(units[j])


@kernel
def form_predictions(
    single: Vector, double: Vector, row: Vector, out: Vector, work: Vector, plan: Vector
) -> None:
    """Write the probabilities of every expert for an event; the slot does not change.

    Parameters
    ----------
    single, double
        The two parts of a slot; read only.
    row : (TAPE_ROW,)
        With the inputs of the event.
    out : (2HL + K + UNITS + 2C,), in and out
        The new h and c, the scores of the network; then scratch.
    work : (:func:`class_work_size`,), out
        Opinions of the experts; scores and regressors of those that have any.
    plan : (PLAN_SIZE,)
    """
    hidden, classes, columns = plan[at.HIDDEN], plan[at.OUTPUTS], plan[at.COLUMNS]
    scores_at, x_at = EXPERTS * classes, (EXPERTS + 2) * classes
    prior = part(work, scores_at, classes)
    for k in range(classes):
        prior[k] = 1.0 / classes
    frequencies = part(work, 0, classes)
    counts = part(double, plan[its.FREQUENCIES_AT], classes)
    count_prediction(counts, prior, 1.0, frequencies)
    last = int(double[its.LAST_LABEL])
    prediction = part(work, its.TRANSITIONS * classes, classes)
    if last > 0:
        counts = part(double, plan[its.TRANSITIONS_AT] + (last - 1) * classes, classes)
        count_prediction(counts, frequencies, 1.0, prediction)
    else:
        for k in range(classes):
            prediction[k] = frequencies[k]
    state, inputs_at = plan[at.STATE], plan[at.INPUTS_AT]
    inputs = part(row, inputs_at + 2 * classes, 2 * columns)
    x = part(work, x_at, 1 + 2 * columns)
    x[0] = 1.0
    for j in range(columns):
        x[1 + 2 * j] = float(inputs[2 * j])
        cyclic = double[plan[at.COLUMNS_AT] + j * at.COLUMN + at.PERIOD] > 0.0
        x[2 + 2 * j] = float(inputs[2 * j + 1]) if cyclic else 0.0
    scores = part(work, scores_at, classes)
    linear_scores(part(double, plan[its.LOGISTIC_AT], x.size * classes), x, scores)
    softmax(scores, 1.0, part(work, its.LOGISTIC * classes, classes))
    units = part(out, state + classes, its.UNITS)
    levels = part(out, state + classes + its.UNITS, 2 * columns)
    for j in range(2 * columns):
        levels[j] = single.dtype.type(x[1 + j])
    random = part(work, x_at + x.size, its.UNITS)
    random_features(single, levels, units, random, plan)
    scores = part(work, scores_at + classes, classes)
    weights = part(double, plan[its.RANDOM_W_AT], classes * its.UNITS)
    least_squares_scores(weights, random, scores)
    softmax(scores, double[its.GAIN], part(work, its.RANDOM * classes, classes))
    if not plan[its.NETWORK]:
        return
    scores = part(work, scores_at, classes)
    for k in range(classes):
        scores[k] += float(out[state + k])
    softmax(scores, 1.0, part(work, its.LSTM * classes, classes))
    memory = part(work, x_at + x.size + its.UNITS, 1 + hidden + plan[at.INPUTS])
    memory[0] = 1.0
    for j in range(hidden):
        place = plan[its.MOMENTS_AT] + 3 * j
        memory[1 + j] = standardise(float(out[j]) - double[place + 1], double[place + 2])
    for j in range(1 + hidden, memory.size):
        memory[j] = float(row[inputs_at + j - 1 - hidden])
    linear_scores(part(double, plan[its.MEMORY_AT], memory.size * classes), memory, scores)
    softmax(scores, 1.0, part(work, its.MEMORY * classes, classes))


def class_work_size(shape: Shape) -> int:
    """Count the float64 numbers the experts need to work in.

    Examples
    --------
    >>> class_work_size(Shape(inputs=1, outputs=2, hidden=4))
    230
    """
    regressors = 1 + 2 * shape.inputs + its.UNITS
    regressors += 1 + shape.hidden + shape.network_inputs
    return (EXPERTS + 2) * shape.outputs + regressors + its.UNITS
