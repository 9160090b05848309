"""The network of a model: its weights, its memory, and what its tape keeps of the last events."""

from typing import Any, NamedTuple

import numpy as np

from streamlstm.bank.bank import Bank
from streamlstm.bank.class_model import ClassModel
from streamlstm.bank.plan import tape_rows
from streamlstm.bank.slots import Array, slot_pieces, tape_views
from streamlstm.kernels import shape as at
from streamlstm.kernels.shape import Shape, single_fields

KEY = "model"  # what an estimator calls the one stream of its bank


class Workings(NamedTuple):
    """What is to be seen of a network.

    ``state`` is (2, H): h and c. ``tape`` holds the events the gradient reaches, oldest first, each
    piece (events, ...) and a copy: z = [1 | h before | inputs], gates, c_prev, tanh_c, dy.
    """

    shape: Shape
    theta: Array
    state: Array
    tape: dict[str, Array]


def workings_of(model: Any, key: str = KEY) -> Workings:
    """Find the network of an estimator, or of a stream in a bank.

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
    ValueError
        For a network of several layers.

    Examples
    --------
    >>> from streamlstm import LSTMRegressor
    >>> model = LSTMRegressor(hidden_size=8)
    >>> for y in (1.0, 2.0, 4.0):
    ...     model.learn_one({}, y)
    >>> workings_of(model).tape["c_prev"].shape
    (3, 8)
    """
    holder = getattr(model, "_bank", getattr(model, "_model", model))
    if isinstance(holder, Bank):
        slot = holder.slots[key]
        single, double = holder.singles[slot], holder.doubles[slot]
    elif isinstance(holder, ClassModel):
        single, double = holder.single, holder.double
    else:
        raise TypeError(
            "expected a model of streamlstm (a detector after its first event) or a Bank; "
            f"got {type(model).__name__}"
        )
    shape, window = holder.shape, tape_rows(holder.shape, holder.settings)
    if shape.layers > 1:
        raise ValueError(f"one can look inside a network of one layer; this has {shape.layers}")
    pieces = slot_pieces(single, single_fields(shape, window))
    head, length = int(double[at.TAPE_HEAD]), int(double[at.TAPE_LENGTH])
    rows = np.arange(head - length + 1, head + 1) % window
    tape = tape_views(pieces["tape"], shape)
    kept = {name: np.ascontiguousarray(piece[rows]) for name, piece in tape.items()}
    return Workings(shape, pieces["theta"], pieces["state"], kept)
