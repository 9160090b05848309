"""Where each piece of a classifier lies: the slot of a regressor with one output a class, and more.

The network is laid out as :mod:`streamlstm.kernels.layout` says, with the classes as its outputs;
the two inputs of each say whether it was the last label, and the one before. There is room for the
classes and columns in use and no more: a new one moves everything (see ``bank/classes/model.py``).
"""

from functools import cache
from itertools import count

from streamlstm.kernels import layout as at
from streamlstm.kernels.layout import Field, Shape, _pack, single_fields

FREQUENCIES, TRANSITIONS, LOGISTIC, RANDOM, LSTM, MEMORY = range(6)
EXPERTS = ("frequencies", "transitions", "logistic", "random_features", "lstm", "memory")
LOSSES = -(-len(EXPERTS) // 8) * 8  # whole cache lines
UNITS = 100  # random features: a bias, and 99 units

# Scalars of the classifier, after those of the network: labels as index + 1, 0 for none.
SCALARS = at.SCALARS + 4
LAST_LABEL, LABEL_BEFORE, LABELLED, GAIN = range(at.SCALARS, SCALARS)
# The plan goes on where that of the network ends.
_plan = count(at.PLAN_SIZE)
NETWORK, LOSSES_AT, FREQUENCIES_AT, TRANSITIONS_AT, PROJECTION_AT = (next(_plan) for _ in "." * 5)
LOGISTIC_AT, LOGISTIC_SQUARES_AT, RANDOM_P_AT, RANDOM_W_AT = (next(_plan) for _ in "." * 4)
MEMORY_AT, MEMORY_SQUARES_AT, MOMENTS_AT = (next(_plan) for _ in "." * 3)
PLAN_SIZE = next(_plan)


@cache
def class_single_fields(shape: Shape, window: int) -> dict[str, Field]:
    """Lay out the float32 part: the network's, then the random projection, rows [1 | inputs].

    Examples
    --------
    >>> class_single_fields(Shape(inputs=3), 16)["projection"].shape
    (7, 100)
    """
    fields = dict(single_fields(shape, window))
    start, rows = fields.pop("end").offset, 1 + 2 * shape.inputs
    fields["projection"] = Field(start, (rows, UNITS))
    fields["end"] = Field(start + rows * UNITS, ())
    return fields


@cache
def class_double_fields(shape: Shape) -> dict[str, Field]:
    """Lay out the float64 part: scalars, then what each expert knows, then the columns.

    Examples
    --------
    >>> class_double_fields(Shape(outputs=3))["random_w"].shape
    (3, 100)
    """
    classes, rows = shape.outputs, 1 + 2 * shape.inputs
    memory = 1 + shape.hidden + shape.network_inputs
    pieces: dict[str, tuple[int, ...]] = {
        "scalars": (SCALARS,),
        "losses": (LOSSES,),
        "random_p": (UNITS, UNITS),
        "moments": (shape.hidden, 3),
        "frequencies": (classes,),
        "transitions": (classes, classes),
        "random_w": (classes, UNITS),
        "logistic": (rows, classes),
        "logistic_squares": (rows, classes),
        "memory": (memory, classes),
        "memory_squares": (memory, classes),
        "columns": (shape.inputs, at.COLUMN),
    }
    return _pack(pieces, 8)
