"""Where the network of an estimator lies."""

from collections.abc import Hashable, Iterable
from typing import Any

from streamlstm import estimators
from streamlstm.bank.classes.model import ClassModel
from streamlstm.bank.explain.network_view import network_of
from streamlstm.bank.feature_index import spell
from streamlstm.bank.slots.pieces import gate_weights, upper_weights
from streamlstm.estimators import LSTMClassifier, LSTMMultiTargetRegressor
from streamlstm.estimators.shared.watching import Watching
from streamlstm.kernels.layout import Shape


class Slot:
    """Where the network of an estimator lies: views, valid until it grows; the lowest layer first.

    Parameters
    ----------
    model
        An estimator of streamlstm.

    Raises
    ------
    TypeError
        If it is none.
    ValueError
        If it has no network: before its first event, or for want of an expert that needs one.

    Examples
    --------
    >>> from streamlstm import LSTMRegressor
    >>> slot = Slot(LSTMRegressor(hidden_size=8, layers=3))
    >>> slot.readout.shape, slot.gates.shape, slot.upper.shape, slot.state.shape
    ((9, 1), (11, 32), (2, 17, 32), (3, 2, 8))
    """

    def __init__(self, model: Any) -> None:
        name = type(model).__name__
        if not isinstance(model, _ours()):
            raise TypeError(f"{name} is no estimator of streamlstm")
        self.output_names = tuple(map(spell, _outputs(model)))
        if not self.output_names:
            raise ValueError(f"{name} has no network before its first event")
        inside, self.pieces = network_of(model)
        if isinstance(inside, ClassModel) and {"lstm", "memory"}.isdisjoint(inside.experts):
            raise ValueError(f"none of the experts {inside.experts} has a network")
        self.shape: Shape = inside.shape
        self.autoregressive: bool = inside.settings.autoregressive
        self.feature_names: list[str] = inside.features.names
        hidden, outputs = self.shape.hidden, self.shape.outputs
        self.inputs = 2 * outputs + 2 * len(self.feature_names)
        theta, state = self.pieces["theta"], self.pieces["state"]
        self.readout = theta[: (1 + hidden) * outputs].reshape(1 + hidden, outputs)
        self.gates = gate_weights(theta, self.shape)[: 1 + self.shape.recurrent + self.inputs]
        self.upper = upper_weights(theta, self.shape)[::-1]
        self.state = state.reshape(-1, 2, hidden)[::-1]


def _ours() -> tuple[type, ...]:
    return tuple(getattr(estimators, name) for name in estimators.__all__)


def _outputs(model: Any) -> Iterable[Hashable]:
    """Name targets or classes, once they are known."""
    if isinstance(model, LSTMClassifier):
        return model._model.classes
    if isinstance(model, LSTMMultiTargetRegressor):
        return model._place
    return model._targets if isinstance(model, Watching) else ("target",)
