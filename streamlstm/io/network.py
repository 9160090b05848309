"""Export of the network of an estimator without its experts: cell, readout, state and scales."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlstm.bank.slots.pieces import Array
from streamlstm.io.network_slot import Slot
from streamlstm.kernels import layout as at
from streamlstm.kernels.network.scaler import CLOCK


@dataclass(frozen=True)
class ExportedNetwork:
    """A copy of the network of an estimator in its current state.

    It has I inputs, L layers of H units, R recurrent rows (H, but 1 for the eLSTM), G gate columns
    (4H for the LSTM) and O outputs. An input is ``clip((raw − offset) · scale, −5, 5)``, and 0 if
    the raw value is missing. A forecast is ``offset + scale · clip(y, −10, 10)`` of an output y.

    Parameters
    ----------
    cell
        The recurrent cell, as the parameter of the estimator.
    gates : (1 + R + I, G)
        Rows of [1 | h | inputs], blocks in the order of the cell (:mod:`streamlstm.kernels.cells`).
    upper : (L − 1, 1 + 2H, G)
        The same for each upper layer, from the second on; its inputs are the h of the one below.
    readout : (1 + H, O)
        Rows of [1 | h], the h of the highest layer.
    state : (2L, H)
        The running h and c of each layer, from the first up.
    input_names
        Name of each input.
    input_offset, input_scale : (I,)
    output_names
        Names of targets or classes.
    output_offset, output_scale : (O,)
        The offset is the last target if the model is autoregressive, otherwise its mean. For a
        classifier, whose outputs are logits, they are 0 and 1.

    Examples
    --------
    >>> from streamlstm import LSTMRegressor
    >>> model = LSTMRegressor(hidden_size=8)
    >>> model.learn_one({"load": 3.0}, 5.0)
    >>> network = export_network(model)
    >>> network.input_names
    ('target', 'target change', 'load', 'load change')
    >>> network.gates.shape, network.output_offset.tolist()
    ((13, 32), [5.0])
    """

    cell: str
    gates: Array
    upper: Array
    readout: Array
    state: Array
    input_names: tuple[str, ...]
    input_offset: NDArray[np.float64]
    input_scale: NDArray[np.float64]
    output_names: tuple[str, ...]
    output_offset: NDArray[np.float64]
    output_scale: NDArray[np.float64]

    @property
    def hidden(self) -> int:
        """Units of the cell, H."""
        return int(self.state.shape[1])


def export_network(model: Any) -> ExportedNetwork:
    """Return a copy of the network inside an estimator.

    Parameters
    ----------
    model
        An estimator of streamlstm whose targets or classes are known.

    Raises
    ------
    TypeError
        If ``model`` is not an estimator of streamlstm.
    ValueError
        If it has no network, because no event was learnt yet or no expert needs one.

    Examples
    --------
    >>> from streamlstm import LSTMRegressor
    >>> export_network(LSTMRegressor(hidden_size=8)).state.shape
    (2, 8)
    """
    return exported(Slot(model))


def exported(slot: Slot) -> ExportedNetwork:
    """Return a copy of the network in a slot.

    Examples
    --------
    >>> from streamlstm import LSTMRegressor
    >>> exported(Slot(LSTMRegressor(hidden_size=8))).output_names
    ('target',)
    """
    names, offsets, scales = zip(*_target_inputs(slot), *_feature_inputs(slot), strict=True)
    offset, scale = _output_scales(slot)
    return ExportedNetwork(
        cell=slot.shape.cell,
        gates=slot.gates.copy(),
        upper=slot.upper.copy(),
        readout=slot.readout.copy(),
        state=np.concatenate(slot.state),
        input_names=names,
        input_offset=np.array(offsets),
        input_scale=np.array(scales),
        output_names=slot.output_names,
        output_offset=offset,
        output_scale=scale,
    )


def _scale(variance: float) -> float:
    """Return the inverse standard deviation; 0 if nothing has varied yet."""
    return 1.0 / math.sqrt(variance) if variance > 0.0 else 0.0


def _target_inputs(slot: Slot) -> Iterator[tuple[str, float, float]]:
    """Yield name, offset and scale of the first inputs, two per target or class."""
    for k, name in enumerate(slot.output_names):
        if "targets" not in slot.pieces:  # a classifier: 1 or 0
            yield f"{name} last", 0.0, float(slot.autoregressive)
            yield f"{name} before", 0.0, float(slot.autoregressive)
            continue
        target = slot.pieces["targets"][k].tolist() if slot.autoregressive else [0.0] * at.T_LAGS
        yield name, target[at.T_MEAN], _scale(target[at.T_VARIANCE])
        yield f"{name} change", 0.0, _scale(target[at.T_CHANGE_SQUARE])


def _feature_inputs(slot: Slot) -> Iterator[tuple[str, float, float]]:
    """Yield name, offset and scale of the two inputs of each feature column."""
    columns = slot.pieces["columns"].tolist()
    for name, column in zip(slot.feature_names, columns, strict=False):
        if column[at.PERIOD] > 0.0:
            yield f"{name} sine", 0.0, 1.0
            yield f"{name} cosine", 0.0, 1.0
            continue
        yield name, column[at.MEAN], _scale(column[at.VARIANCE])
        clock = column[at.PERIOD] == CLOCK
        yield f"{name} change", 0.0, 0.0 if clock else _scale(column[at.CHANGE_SQUARE])


def _output_scales(slot: Slot) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return offset and scale of the forecasts."""
    if "targets" not in slot.pieces:
        return np.zeros(slot.shape.outputs), np.ones(slot.shape.outputs)
    targets = slot.pieces["targets"].astype(np.float64)
    start, square = (
        (at.T_LAST, at.T_CHANGE_SQUARE) if slot.autoregressive else (at.T_MEAN, at.T_VARIANCE)
    )
    return targets[:, start], np.sqrt(targets[:, square])
