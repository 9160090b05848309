"""The network of a model: its weights, its state, and the activations stored on its tape."""

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np

from streamlstm.bank.bank import Bank
from streamlstm.bank.classes.model import ClassModel
from streamlstm.bank.slots.pieces import Array, gate_weights, slot_pieces, tape_views, upper_weights
from streamlstm.kernels import layout as at
from streamlstm.kernels.classification.layout import class_double_fields, class_single_fields
from streamlstm.kernels.layout import Shape


class Layer(NamedTuple):
    """Weights, state and stored activations of one layer.

    ``weights`` is (rows, G), with rows [1 | h | inputs], and ``state`` is (2, H), h and c; both are
    views. The other arrays are copies of the tape, (events, ...), oldest event first, with
    z = [1 | previous h | inputs].
    """

    weights: Array
    state: Array
    z: Array
    gates: Array
    c_prev: Array
    tanh_c: Array


@runtime_checkable
class HasNetwork(Protocol):
    """A model that contains a network."""

    def _network(self) -> tuple[Bank | ClassModel, str]:
        """Return the bank or class model that holds the network, and the key of its stream."""
        ...

    def _output_names(self) -> Sequence[Hashable]:
        """Return the names of targets or classes; empty while they are unknown."""
        ...


def network_of(model: Any, key: str | None = None) -> tuple[Bank | ClassModel, dict[str, Array]]:
    """Return the object that holds the network of a model, and its pieces by name.

    The pieces are views, valid until the model grows.

    Parameters
    ----------
    model
        An estimator of streamlstm, or a :class:`~streamlstm.Bank`.
    key : str, default None
        Stream of a bank; ignored for an estimator.

    Raises
    ------
    TypeError
        If ``model`` is something else.
    ValueError
        If ``model`` has no network yet, or is a bank and ``key`` is missing.

    Examples
    --------
    >>> from streamlstm import LSTMRegressor
    >>> network_of(LSTMRegressor(hidden_size=8, layers=2))[1]["state"].shape
    (4, 8)
    """
    if isinstance(model, Bank):
        if key is None:
            raise ValueError("key must name a stream of the bank")
        return model, model.views(key)
    if not isinstance(model, HasNetwork):
        raise TypeError(
            f"expected an estimator of streamlstm or a Bank; got {type(model).__name__}"
        )
    holder, own_key = model._network()
    if isinstance(holder, Bank):
        return holder, holder.views(own_key)
    shape, window = holder.shape, holder.tape_rows  # its own views are split for growth
    pieces = slot_pieces(holder.single, class_single_fields(shape, window))
    return holder, pieces | slot_pieces(holder.double, class_double_fields(shape))


def layers_of(model: Any, key: str | None = None) -> tuple[Shape, list[Layer]]:
    """Return the shape of a model's network, and its layers, lowest first.

    Parameters
    ----------
    model, key
        As in :func:`network_of`.

    Examples
    --------
    >>> from streamlstm import LSTMRegressor
    >>> model = LSTMRegressor(hidden_size=8, layers=2)
    >>> for y in (1.0, 2.0, 4.0):
    ...     model.learn_one({}, y)
    >>> [layer.c_prev.shape for layer in layers_of(model)[1]]
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
        suffix = f".{n}" if n else ""
        names = (f"{name}{suffix}" for name in ("z", "gates", "c_prev", "tanh_c"))
        kept = (np.ascontiguousarray(tape[name][rows]) for name in names)
        layers.append(Layer(weights[n], states[n], *kept))
    return shape, layers
