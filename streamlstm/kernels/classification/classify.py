"""The door of the classifier: events, asked about or learnt, one after another.

An event is ``values``: the feature columns (NaN = missing), then the index of its label, NaN where
it has none. Such an event still moves the memory and the scales.
"""

import math

import numpy as np

from streamlstm.kernels import layout as at
from streamlstm.kernels.classification import layout as its
from streamlstm.kernels.classification.experts import (
    count_label,
    least_squares_label,
    logistic_learn,
)
from streamlstm.kernels.classification.predictions import (
    EXPERTS,
    encode_event,
    form_predictions,
)
from streamlstm.kernels.compile import Vector, kernel, part
from streamlstm.kernels.layout import Shape, single_fields, tape_row_fields
from streamlstm.kernels.network.forward import forward
from streamlstm.kernels.network.scaler import VALUE_MAX, track, track_columns
from streamlstm.kernels.network.softmax import cross_entropy_gradient, follow_gain, mix, weigh
from streamlstm.kernels.network.tbptt import backward_through_time
from streamlstm.kernels.regression.events import ACCEPTED, REFUSED, advance
from streamlstm.kernels.regression.learn import optimizer_step

WARM_UP = 200.0  # labels that the other experts learn before the network learns the residual


@kernel
def learn_label(double: Vector, work: Vector, label: int, plan: Vector) -> None:
    """Let the experts, and the weights between them, learn a label.

    Parameters
    ----------
    double
        The float64 part of the slot, in and out.
    work
        As :func:`form_predictions` left it.
    label
        Index of the class.
    plan : (PLAN_SIZE,)
    """
    hidden, classes, columns = plan[at.HIDDEN], plan[at.OUTPUTS], plan[at.COLUMNS]
    scores_at, x_at = EXPERTS * classes, (EXPERTS + 2) * classes
    losses = part(double, plan[its.LOSSES_AT], EXPERTS)
    weigh(losses, part(work, 0, EXPERTS * classes), classes, label)
    count_label(part(double, plan[its.FREQUENCIES_AT], classes), label)
    last = int(double[its.LAST_LABEL])
    if last > 0:
        place = plan[its.TRANSITIONS_AT] + (last - 1) * classes
        count_label(part(double, place, classes), label)
    double[its.LABEL_BEFORE], double[its.LAST_LABEL] = last, label + 1.0
    double[its.LABELLED] += 1.0
    x, size = part(work, x_at, 1 + 2 * columns), (1 + 2 * columns) * classes
    weights = part(double, plan[its.LOGISTIC_AT], size)
    squares = part(double, plan[its.LOGISTIC_SQUARES_AT], size)
    logistic_learn(weights, squares, x, part(work, its.LOGISTIC * classes, classes), label)
    random = part(work, x_at + x.size, its.UNITS)
    memory = part(work, x_at + x.size + its.UNITS, 1 + hidden + plan[at.INPUTS])
    gain = part(work, x_at + x.size + its.UNITS + memory.size, its.UNITS)
    scores = part(work, scores_at + classes, classes)
    p = part(double, plan[its.RANDOM_P_AT], its.UNITS * its.UNITS)
    weights = part(double, plan[its.RANDOM_W_AT], classes * its.UNITS)
    least_squares_label(p, weights, random, scores, label, gain)
    prediction = part(work, its.RANDOM * classes, classes)
    double[its.GAIN] = follow_gain(double[its.GAIN], scores, prediction, label)
    if plan[its.NETWORK]:
        size = memory.size * classes
        weights = part(double, plan[its.MEMORY_AT], size)
        squares = part(double, plan[its.MEMORY_SQUARES_AT], size)
        logistic_learn(weights, squares, memory, part(work, its.MEMORY * classes, classes), label)


@kernel
def classify_events(
    single: Vector,
    double: Vector,
    scratch: Vector,
    work: Vector,
    values: Vector,
    results: Vector,
    plan: Vector,
) -> None:
    """Say how probable each class is and, where the plan says ``LEARN``, learn each event.

    Parameters
    ----------
    single, double
        The two parts of a slot, in and out.
    scratch : (:func:`class_scratch_size`,)
    work : (:func:`class_work_size`,) float64
    values : (n, C + 1) float64
    results : (n, 1 + K) float64, out
        ``ACCEPTED`` or ``REFUSED``; the probabilities, as they were before the label was seen.
    plan : (PLAN_SIZE,) int64
    """
    hidden, classes, columns = plan[at.HIDDEN], plan[at.OUTPUTS], plan[at.COLUMNS]
    row_size, learn = plan[at.TAPE_ROW], plan[at.LEARN]
    out_size = plan[at.STATE] + classes + its.UNITS + 2 * columns
    out, theta_at = part(scratch, row_size, out_size), row_size + out_size
    dtheta, rest_at = part(scratch, theta_at, plan[at.THETA]), theta_at + plan[at.THETA]
    rest = part(scratch, rest_at, scratch.size - rest_at)
    losses, predictions = (
        part(double, plan[its.LOSSES_AT], EXPERTS),
        part(work, 0, EXPERTS * classes),
    )
    for n in range(values.shape[0]):
        event, result = values[n], results[n]
        result[0] = ACCEPTED
        for j in range(columns):
            if abs(event[j]) > VALUE_MAX:
                result[0] = REFUSED
        if result[0] == REFUSED:
            continue
        head, row = 0, part(scratch, 0, row_size)
        if learn:
            head = (int(double[at.TAPE_HEAD]) + 1) % plan[at.WINDOW]
            row = part(single, plan[at.TAPE_AT] + head * row_size, row_size)
        encode_event(double, part(row, plan[at.INPUTS_AT], plan[at.INPUTS]), event, plan)
        if plan[its.NETWORK]:
            forward(single, row, out, plan)
        form_predictions(single, double, row, out, work, plan)
        mix(losses, predictions, part(result, 1, classes))
        if not learn:
            continue
        label = -1
        if not math.isnan(event[columns]):
            label = int(event[columns])
            learn_label(double, work, label, plan)
        track_columns(part(double, plan[at.COLUMNS_AT], columns * at.COLUMN), event, columns)
        if not plan[its.NETWORK]:
            double[at.ACCEPTED] += 1.0
            continue
        for j in range(hidden):
            track(part(double, plan[its.MOMENTS_AT] + 3 * j, 3), np.float64(out[j]))
        taught = label if double[its.LABELLED] > WARM_UP else -1
        prediction = part(work, its.LSTM * classes, classes)
        cross_entropy_gradient(prediction, taught, part(row, plan[at.ROW_DY], classes))
        if advance(single, double, out, head, plan):
            backward_through_time(single, double, dtheta, rest, plan)
            optimizer_step(single, double, dtheta, plan)


def class_scratch_size(shape: Shape, window: int) -> int:
    """Count the numbers the network needs to work in, without those of its gradient.

    Examples
    --------
    >>> class_scratch_size(Shape(inputs=1, outputs=2, hidden=4), 3)
    378
    """
    fields = single_fields(shape, window)
    out = 2 * shape.hidden * shape.layers + shape.outputs + its.UNITS + 2 * shape.inputs
    return tape_row_fields(shape)["end"].offset + out + fields["theta"].shape[0]
