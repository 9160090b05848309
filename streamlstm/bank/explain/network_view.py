"""The network of a model: its weights, its memory, and what its tape keeps of the last events."""

from typing import Any, NamedTuple

import numpy as np

from streamlstm.bank.bank import Bank
from streamlstm.bank.classes.model import ClassModel
from streamlstm.bank.slots.pieces import Array, gate_weights, slot_pieces, tape_views, upper_weights
from streamlstm.kernels import layout as at
from streamlstm.kernels.classification.layout import class_double_fields, class_single_fields
from streamlstm.kernels.layout import Shape

KEY = "model"  # what an estimator calls the one stream of its bank


class Layer(NamedTuple):
    """What is to be seen of one layer.

    ``weights`` are (rows, G), rows [1 | h | inputs], and ``state`` is (2, H), h and c: both views.
    The rest is what the tape keeps of the events the gradient reaches, oldest first, each piece
    (events, ...) and a copy; z = [1 | h before | inputs].
    """

    weights: Array
    state: Array
    z: Array
    gates: Array
    c_prev: Array
    tanh_c: Array


def network_of(model: Any, key: str = KEY) -> tuple[Bank | ClassModel, dict[str, Array]]:
    """Find who holds the network of an estimator, and its pieces by name: views, until it grows.

    Parameters
    ----------
    model
        An estimator of streamlstm, or a :class:`~streamlstm.Bank`.
    key
        Which stream of a bank.

    Raises
    ------
    TypeError
        For anything else, or a detector that does not know yet what it watches.

    Examples
    --------
    >>> from streamlstm import LSTMRegressor
    >>> network_of(LSTMRegressor(hidden_size=8, layers=2))[1]["state"].shape
    (4, 8)
    """
    holder = getattr(model, "_bank", getattr(model, "_model", model))
    if isinstance(holder, Bank):
        return holder, holder.views(key)
    if isinstance(holder, ClassModel):  # its own views are cut for growth
        shape, window = holder.shape, holder.settings.window
        pieces = slot_pieces(holder.single, class_single_fields(shape, window))
        return holder, pieces | slot_pieces(holder.double, class_double_fields(shape))
    raise TypeError(
        "expected a model of streamlstm (a detector after its first event) or a Bank; "
        f"got {type(model).__name__}"
    )


def workings_of(model: Any, key: str = KEY) -> tuple[Shape, list[Layer]]:
    """Give the shape of the network :func:`network_of` finds, and its layers, lowest first.

    Parameters
    ----------
    model, key
        As there.

    Examples
    --------
    >>> from streamlstm import LSTMRegressor
    >>> model = LSTMRegressor(hidden_size=8, layers=2)
    >>> for y in (1.0, 2.0, 4.0):
    ...     model.learn_one({}, y)
    >>> [layer.c_prev.shape for layer in workings_of(model)[1]]
    [(3, 8), (3, 8)]
    """
    holder, pieces = network_of(model, key)
    shape, theta = holder.shape, pieces["theta"]
    head, length = pieces["scalars"][[at.TAPE_HEAD, at.TAPE_LENGTH]].astype(int).tolist()
    rows = np.arange(head - length + 1, head + 1) % len(pieces["tape"])
    tape = tape_views(pieces["tape"], shape)
    weights = [gate_weights(theta, shape), *upper_weights(theta, shape)[::-1]]
    states = pieces["state"].reshape(shape.layers, 2, shape.hidden)[::-1]
    layers = []
    for n in range(shape.layers):
        mark = f".{n}" if n else ""
        names = (f"{name}{mark}" for name in ("z", "gates", "c_prev", "tanh_c"))
        kept = (np.ascontiguousarray(tape[name][rows]) for name in names)
        layers.append(Layer(weights[n], states[n], *kept))
    return shape, layers
