"""The network as PyTorch keeps it, there and back; PyTorch itself is not needed.

The gates of ``torch.nn.LSTM`` are i, f, g, o where ours are i, f, o, g, one below the other where
ours stand side by side; those of its GRU are r, z, n. It has two biases where we have one.
"""

import json
import os
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file
from safetensors.numpy import save as save_pieces

from streamlstm.bank.slots import Array
from streamlstm.exchange.blocks import Gates, Layout, join_gates, split_gates
from streamlstm.exchange.exported import export_network, exported
from streamlstm.exchange.files import File, replace_file
from streamlstm.exchange.slot import Slot
from streamlstm.kernels import shape as at

LAYOUTS = {
    "lstm": Layout((0, 1, 3, 2), (0, 1, 3, 2)),
    "gru": Layout((1, 2, 3), (1, 2, 0)),
    "rnn": Layout((0,), (0,)),
}
GATES = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")  # of a cell without _l0
READOUT = ("readout.weight", "readout.bias")
STATE = ("h0", "c0")


def layout_of(cell: str) -> Layout:
    """Return which of our blocks PyTorch's are.

    Raises
    ------
    ValueError
        For a cell that PyTorch does not have.
    """
    if cell not in LAYOUTS:
        raise ValueError(f"PyTorch has no cell {cell!r}; it has {', '.join(LAYOUTS)}")
    return LAYOUTS[cell]


def export_torch(model: Any, path: File | None = None) -> dict[str, NDArray[Any]]:
    """Return the network of an estimator under the names of PyTorch, as NumPy arrays.

    Parameters
    ----------
    model
        An estimator of streamlstm, of a cell that PyTorch has.
    path
        A safetensors file to write besides; its metadata name inputs and outputs.

    Returns
    -------
    dict
        ``weight_ih_l0``, ``weight_hh_l0``, ``bias_ih_l0``, ``bias_hh_l0`` as ``torch.nn.LSTM`` (or
        ``GRU``, ``RNN``) has them; ``readout.weight`` (O, H) and ``readout.bias`` (O,) as
        ``torch.nn.Linear``; ``h0`` and, for the LSTM, ``c0`` (1, H), where the stream now is;
        ``input_offset``, ``input_scale``, ``output_offset`` and ``output_scale`` as
        :class:`~streamlstm.exchange.exported.ExportedNetwork` says.

    Raises
    ------
    TypeError
        If it is no estimator of streamlstm.
    ValueError
        For a cell that PyTorch does not have, or a model without a network.

    Examples
    --------
    >>> from streamlstm import LSTMRegressor
    >>> weights = export_torch(LSTMRegressor(hidden_size=8))
    >>> weights["weight_ih_l0"].shape, weights["readout.weight"].shape, weights["h0"].shape
    ((32, 2), (1, 8), (1, 8))
    """
    network = export_network(model)
    gates = split_gates(network.gates, network.hidden, layout_of(network.cell))
    weights: dict[str, NDArray[Any]] = dict(zip(GATES, gates, strict=True))
    weights |= {"readout.weight": network.readout[1:].T.copy(), "readout.bias": network.readout[0]}
    weights |= {"h0": network.state[:1]} | (
        {"c0": network.state[1:]} if network.cell == "lstm" else {}
    )
    weights |= {"input_offset": network.input_offset, "input_scale": network.input_scale}
    weights |= {"output_offset": network.output_offset, "output_scale": network.output_scale}
    if path is not None:
        names = {"inputs": network.input_names, "outputs": network.output_names}
        metadata = {"cell": network.cell} | {k: json.dumps(v) for k, v in names.items()}
        replace_file(path, save_pieces(weights, metadata=metadata))
    return weights


def import_torch(model: Any, weights: Mapping[str, Any] | File) -> None:
    """Give an estimator the weights of a PyTorch network; what it cannot take changes nothing.

    The model must have met its features, targets or classes, so that it has as many inputs and
    outputs. Its scales and its experts stay; the optimizer and the tape begin anew.

    Parameters
    ----------
    model
        An estimator of streamlstm, of a cell that PyTorch has.
    weights
        A state dict of ``torch.nn.LSTM``, ``LSTMCell`` or their like of GRU and RNN, as tensors or
        arrays, or a safetensors file of one. Biases that are not there are 0. ``readout.weight``
        and ``readout.bias`` are taken where they are there; ``h0`` and ``c0`` too, and else the
        memory begins at 0. Other names are passed over.

    Raises
    ------
    TypeError
        If it is no estimator of streamlstm.
    ValueError
        For a weight that is missing, not finite, or of another shape, naming it; for a second
        layer or direction; for a file that is no safetensors file.

    Examples
    --------
    >>> from streamlstm import LSTMRegressor
    >>> teacher, model = LSTMRegressor(seed=1), LSTMRegressor(seed=2)
    >>> for n in range(100):
    ...     teacher.learn_one({}, n % 3)
    >>> import_torch(model, export_torch(teacher))
    >>> import_torch(model, {"weight_ih_l0": np.zeros((64, 5))})
    Traceback (most recent call last):
        ...
    ValueError: weight_ih_l0 must be (64, 2), for 4 gates of 16 units and the inputs target, target
    change; got (64, 5)
    """
    slot = Slot(model)
    layout = layout_of(slot.shape.cell)
    given = _given(weights)
    gates = join_gates(_gates(given, slot, layout), layout)
    readout, state = _readout(given, slot), _state(given, slot)
    slot.gates[...] = gates
    slot.readout[...] = readout
    slot.pieces["state"][...] = state
    for name in ("moment1", "moment2", "tape"):
        slot.pieces[name][...] = 0.0
    scalars = slot.pieces["scalars"]
    scalars[[at.TAPE_HEAD, at.TAPE_LENGTH, at.PHASE]] = 0.0
    scalars[[at.BETA1_POWER, at.BETA2_POWER]] = 1.0


def _given(weights: Mapping[str, Any] | File) -> dict[str, Any]:
    """Read weights, those of a cell under its names without a layer."""
    if not isinstance(weights, Mapping):
        path = os.fspath(weights)
        try:
            weights = load_file(path)
        except SafetensorError as error:
            raise ValueError(f"{path}: no safetensors file: {error}") from error
    named = {
        f"{name}_l0" if f"{name}_l0" in GATES else name: value for name, value in weights.items()
    }
    for name in named:
        if name.startswith(("weight_", "bias_")) and name not in GATES:
            raise ValueError(f"{name} has no place: the network has one layer and one direction")
    return named


def _taken(given: dict[str, Any], name: str, shape: tuple[int, ...], why: str) -> Array:
    """Return one weight in float64, of the shape it must have."""
    if name not in given:
        raise ValueError(f"{name} is missing; it must be {shape}, {why}")
    found = np.asarray(given[name], np.float64)
    if found.shape != shape:
        raise ValueError(f"{name} must be {shape}, {why}; got {found.shape}")
    if not (np.abs(found) <= np.finfo(np.float32).max).all():
        raise ValueError(f"{name} must be finite in float32")
    return found


def _gates(given: dict[str, Any], slot: Slot, layout: Layout) -> Gates:
    hidden, gates = slot.shape.hidden, len(layout.of_x)
    units = f"for {gates} gates of {hidden} units"
    names = ", ".join(exported(slot).input_names)
    rows = gates * hidden
    nothing = {name: np.zeros(rows) for name in GATES[2:]}
    return Gates(
        _taken(given, "weight_ih_l0", (rows, slot.inputs), f"{units} and the inputs {names}"),
        _taken(given, "weight_hh_l0", (rows, hidden), units),
        *(_taken(nothing | given, name, (rows,), units) for name in GATES[2:]),
    )


def _readout(given: dict[str, Any], slot: Slot) -> Array:
    """Return the readout's rows of [1 | h]; those that are there where no others are given."""
    if given.keys().isdisjoint(READOUT):
        return slot.readout
    hidden, outputs = slot.shape.hidden, slot.shape.outputs
    why = f"for the outputs {', '.join(slot.output_names)}"
    weight = _taken(given, "readout.weight", (outputs, hidden), why)
    return np.vstack([_taken(given, "readout.bias", (outputs,), why), weight.T])


def _state(given: dict[str, Any], slot: Slot) -> Array:
    """Return h and c; the GRU's c is its h, and the plain cell has none."""
    hidden = slot.shape.hidden
    none = np.zeros((1, hidden))
    h, c = (_taken({name: none} | given, name, (1, hidden), "a layer") for name in STATE)
    return np.vstack([h, {"gru": h, "rnn": none}.get(slot.shape.cell, c)])
