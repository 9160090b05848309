"""The named pieces of a classifier's state: views that growth can copy, and a fresh beginning."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from streamlstm.bank.feature_index import FeatureIndex
from streamlstm.bank.settings import Settings, make_plan, tape_rows
from streamlstm.bank.slots.initial_weights import gate_rows, keep_biases, uniform
from streamlstm.bank.slots.pieces import (
    Array,
    begin_upper,
    gate_weights,
    silence,
    slot_pieces,
    tape_views,
    upper_weights,
    write_step,
)
from streamlstm.kernels import layout as at
from streamlstm.kernels.cells import CELLS
from streamlstm.kernels.classification import layout as its
from streamlstm.kernels.classification.layout import class_double_fields, class_single_fields
from streamlstm.kernels.layout import Shape
from streamlstm.kernels.network.softmax import GAIN_START

SPAN = 64.0  # events the slowest unit remembers at first
UNIT_BIAS = 2.0  # random units turn anywhere within two deviations


def make_class_plan(shape: Shape, settings: Settings, experts: Iterable[str]) -> NDArray[np.int64]:
    """Write shape, settings and places into the one array the kernels read.

    Examples
    --------
    >>> plan = make_class_plan(Shape(outputs=3), Settings(), ["logistic"])
    >>> plan[at.OUTPUTS].item(), plan[its.NETWORK].item()
    (3, 0)
    """
    plan = np.zeros(its.PLAN_SIZE, np.int64)
    plan[: at.PLAN_SIZE] = make_plan(shape, settings)
    plan[[at.TARGETS_AT, at.TARGET_SIZE, at.DECISION_AT]] = 0  # a regressor's own
    double = class_double_fields(shape)
    places = {
        at.COLUMNS_AT: "columns",
        its.LOSSES_AT: "losses",
        its.FREQUENCIES_AT: "frequencies",
        its.TRANSITIONS_AT: "transitions",
        its.LOGISTIC_AT: "logistic",
        its.LOGISTIC_SQUARES_AT: "logistic_squares",
        its.RANDOM_P_AT: "random_p",
        its.RANDOM_W_AT: "random_w",
        its.MEMORY_AT: "memory",
        its.MEMORY_SQUARES_AT: "memory_squares",
        its.MOMENTS_AT: "moments",
    }
    for place, name in places.items():
        plan[place] = double[name].offset
    plan[its.PROJECTION_AT] = class_single_fields(shape, tape_rows(shape, settings))[
        "projection"
    ].offset
    plan[its.NETWORK] = not {"lstm", "memory"}.isdisjoint(experts)
    return plan


def class_views(single: Array, double: Array, shape: Shape, window: int) -> dict[str, Array]:
    """Name the pieces of the state, cut so that room for more is always at the end of an axis.

    Examples
    --------
    >>> shape = Shape(inputs=1, hidden=4, outputs=3)
    >>> single = np.zeros(class_single_fields(shape, 8)["end"].offset)
    >>> double = np.zeros(class_double_fields(shape)["end"].offset)
    >>> views = class_views(single, double, shape, 8)
    >>> views["theta.labels"].shape, views["tape.labels"].shape
    ((6, 16), (8, 6))
    """
    pieces = slot_pieces(single, class_single_fields(shape, window))
    found = slot_pieces(double, class_double_fields(shape))
    found |= {name: pieces[name] for name in ("state", "projection")}
    hidden, classes = shape.hidden, shape.outputs
    cut = _cut(1 + shape.recurrent, classes)
    for name in ("theta", "moment1", "moment2"):
        flat, split = pieces[name], (1 + hidden) * classes
        gates = gate_weights(flat, shape)
        found[f"{name}.readout"] = flat[:split].reshape(1 + hidden, classes)
        found |= {f"{name}.{rows}": gates[where] for rows, where in cut.items()}
        if shape.layers > 1:
            found[f"{name}.upper"] = upper_weights(flat, shape)
    if shape.real_time:
        found |= {f"traces.{rows}": pieces["traces"][where] for rows, where in cut.items()}
    for name in ("memory", "memory_squares"):
        whole = found.pop(name)
        of_memory = _cut(1 + hidden, classes).items()
        found |= {f"{name}.{rows}": whole[where] for rows, where in of_memory}
    tape = tape_views(pieces["tape"], shape)
    z = tape.pop("z")[:, : shape.rows]
    found |= {f"tape.{name}": piece for name, piece in tape.items()}
    return found | {f"tape.{rows}": z[:, where] for rows, where in cut.items()}


def _cut(own: int, classes: int) -> dict[str, slice]:
    """Cut rows into those there from the beginning, those of the labels, and of the features."""
    features = own + 2 * classes
    return {
        "own": slice(own),
        "labels": slice(own, features),
        "features": slice(features, None),
    }


def begin_model(
    views: dict[str, Array],
    shape: Shape,
    settings: Settings,
    experts: Iterable[str],
    seed: str,
) -> None:
    """Initialise a model: weights from the seed, long-memory units, and untrained experts."""
    hidden, keep_gate = shape.hidden, CELLS[shape.cell].keep_gate
    gates, above = views["theta.own"], views.get("theta.upper", np.zeros((0, 1, shape.gates)))
    if keep_gate is not None:
        for row in (gates[0], *above[:, 0]):
            row[keep_gate * hidden : (keep_gate + 1) * hidden] = keep_biases(SPAN, hidden)
    gates[1:] = gate_rows(seed, "hidden", shape.recurrent, shape)
    begin_upper(above, shape, seed)
    silence(gates[1:], gates[:0], shape)
    scalars = views["scalars"]
    scalars[[at.BETA1_POWER, at.BETA2_POWER]] = 1.0
    write_step(scalars, settings)
    scalars[[at.LOSS_LIMIT, at.LOSS_DECAY]] = settings.loss_limit, settings.loss_decay
    losses = views["losses"]
    losses[:] = np.inf
    losses[[its.EXPERTS.index(name) for name in experts]] = 0.0
    scalars[its.GAIN] = GAIN_START
    np.fill_diagonal(views["random_p"], 1.0)
    views["projection"][0] = UNIT_BIAS * uniform(seed, "random.bias", its.UNITS)


def begin_class(views: dict[str, Array], shape: Shape, index: int, seed: str) -> None:
    """Give a class its gate weights, and a score no higher than that of the least likely one."""
    rows = views["theta.labels"][2 * index : 2 * index + 2]
    rows[...] = gate_rows(seed, "label", 2, shape)
    silence(rows[:0], rows, shape)
    if index:
        for name in ("theta.readout", "logistic", "memory.own"):
            views[name][0, index] = views[name][0, :index].min()


def begin_features(
    views: dict[str, Array], shape: Shape, first: int, features: FeatureIndex, seed: str
) -> None:
    """Give the feature columns from ``first`` on their period, gate weights and random weights."""
    for j, name in enumerate(features.names):
        if j >= first:
            rows = slice(2 * j, 2 * j + 2)
            views["columns"][j, at.PERIOD] = features.periods[j]
            views["theta.features"][rows] = gate_rows(seed, f"feature.{name}", 2, shape)
            silence(views["theta.features"][:0], views["theta.features"][rows], shape)
            drawn = uniform(seed, f"random.{name}", 2 * its.UNITS)
            views["projection"][1 + 2 * j : 3 + 2 * j] = drawn.reshape(2, -1)
