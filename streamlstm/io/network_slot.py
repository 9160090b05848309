"""Views of the network of an estimator."""

from typing import Any

from streamlstm.bank.explain.network_view import HasNetwork, network_of
from streamlstm.bank.feature_index import spell
from streamlstm.bank.slots.pieces import gate_weights, upper_weights
from streamlstm.kernels.layout import Shape


class Slot:
    """Views of the network of an estimator, valid until it grows; the lowest layer comes first.

    Parameters
    ----------
    model
        An estimator of streamlstm.

    Raises
    ------
    TypeError
        If ``model`` is not an estimator of streamlstm.
    ValueError
        If it has no network, because no event was learnt yet or no expert needs one.

    Examples
    --------
    >>> from streamlstm import LSTMRegressor
    >>> slot = Slot(LSTMRegressor(hidden_size=8, layers=3))
    >>> slot.readout.shape, slot.gates.shape, slot.upper.shape, slot.state.shape
    ((9, 1), (11, 32), (2, 17, 32), (3, 2, 8))
    """

    def __init__(self, model: Any) -> None:
        name = type(model).__name__
        if not isinstance(model, HasNetwork):
            raise TypeError(f"{name} is not an estimator of streamlstm")
        self.output_names = tuple(map(spell, model._output_names()))
        if not self.output_names:
            raise ValueError(f"{name} has no network before its first event")
        holder, self.pieces = network_of(model)
        self.shape: Shape = holder.shape
        self.autoregressive: bool = holder.settings.autoregressive
        self.feature_names: list[str] = holder.features.names
        hidden, outputs = self.shape.hidden, self.shape.outputs
        self.inputs = 2 * outputs + 2 * len(self.feature_names)
        theta, state = self.pieces["theta"], self.pieces["state"]
        self.readout = theta[: (1 + hidden) * outputs].reshape(1 + hidden, outputs)
        self.gates = gate_weights(theta, self.shape)[: 1 + self.shape.recurrent + self.inputs]
        self.upper = upper_weights(theta, self.shape)[::-1]
        self.state = state.reshape(-1, 2, hidden)[::-1]
