"""Exchange of a network with PyTorch, in its layout; PyTorch itself is not required.

The gates of ``torch.nn.LSTM`` are i, f, g, o, stacked in rows; here i, f, o, g, in columns.
The gates of its GRU are r, z, n. PyTorch has two biases per gate, streamlstm one.
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

from streamlstm.bank.slots.pieces import Array
from streamlstm.io.files import File, replace_file
from streamlstm.io.gate_blocks import Gates, Layout, join_gates, split_gates
from streamlstm.io.network import export_network, exported
from streamlstm.io.network_slot import Slot
from streamlstm.kernels import layout as at

LAYOUTS = {
    "lstm": Layout((0, 1, 3, 2), (0, 1, 3, 2)),
    "gru": Layout((1, 2, 3), (1, 2, 0)),
    "rnn": Layout((0,), (0,)),
}
GATES = (
    "weight_ih",
    "weight_hh",
    "bias_ih",
    "bias_hh",
)  # of a cell; with the suffix _l0, ... of a layer
READOUT = ("readout.weight", "readout.bias")
STATE = ("h0", "c0")


def gate_names(layer: int) -> tuple[str, ...]:
    """Return PyTorch's names of the gate weights of a layer; 0 is the lowest."""
    return tuple(f"{name}_l{layer}" for name in GATES)


def layout_of(cell: str) -> Layout:
    """Return the block order of PyTorch for a cell.

    Raises
    ------
    ValueError
        If PyTorch does not have the cell.
    """
    if cell not in LAYOUTS:
        raise ValueError(f"PyTorch has no cell {cell!r}; it has {', '.join(LAYOUTS)}")
    return LAYOUTS[cell]


def export_torch(model: Any, path: File | None = None) -> dict[str, NDArray[Any]]:
    """Return the network of an estimator under the names of PyTorch, as NumPy arrays.

    Parameters
    ----------
    model
        An estimator of streamlstm with a cell that PyTorch has.
    path
        A safetensors file to write as well; its metadata names inputs and outputs.

    Returns
    -------
    dict
        ``weight_ih_l0``, ``weight_hh_l0``, ``bias_ih_l0``, ``bias_hh_l0`` and, of the layers above,
        ``_l1`` to ``_l{L − 1}``, as ``torch.nn.LSTM`` (or ``GRU``, ``RNN``) has them;
        ``readout.weight`` (O, H) and ``readout.bias`` (O,) as ``torch.nn.Linear``; ``h0`` and, for
        the LSTM, ``c0`` (L, H), where the stream now is; ``input_offset``, ``input_scale``,
        ``output_offset`` and ``output_scale`` as
        :class:`~streamlstm.io.network.ExportedNetwork` says.

    Raises
    ------
    TypeError
        If ``model`` is not an estimator of streamlstm.
    ValueError
        If PyTorch does not have the cell, or the model has no network.

    Examples
    --------
    >>> from streamlstm import LSTMRegressor
    >>> weights = export_torch(LSTMRegressor(hidden_size=8))
    >>> weights["weight_ih_l0"].shape, weights["readout.weight"].shape, weights["h0"].shape
    ((32, 2), (1, 8), (1, 8))
    """
    network = export_network(model)
    layout = layout_of(network.cell)
    weights: dict[str, NDArray[Any]] = {}
    for layer, rows in enumerate((network.gates, *network.upper)):
        gates = split_gates(rows, network.hidden, layout)
        weights |= zip(gate_names(layer), gates, strict=True)
    weights |= {"readout.weight": network.readout[1:].T.copy(), "readout.bias": network.readout[0]}
    for first, name in enumerate(STATE if network.cell == "lstm" else STATE[:1]):
        weights[name] = network.state[first::2].copy()
    weights |= {"input_offset": network.input_offset, "input_scale": network.input_scale}
    weights |= {"output_offset": network.output_offset, "output_scale": network.output_scale}
    if path is not None:
        names = {"inputs": network.input_names, "outputs": network.output_names}
        metadata = {"cell": network.cell} | {k: json.dumps(v) for k, v in names.items()}
        replace_file(path, save_pieces(weights, metadata=metadata))
    return weights


def import_torch(model: Any, weights: Mapping[str, Any] | File) -> None:
    """Load the weights of a PyTorch network into an estimator; an error leaves it unchanged.

    The model must have the same number of layers, inputs and outputs, so it must have seen its
    features, targets or classes. Its scales and experts are kept; the optimizer and the tape are
    reset.

    Parameters
    ----------
    model
        An estimator of streamlstm with a cell that PyTorch has.
    weights
        A state dict of ``torch.nn.LSTM``, ``LSTMCell`` or their like of GRU and RNN, as tensors or
        arrays, or a safetensors file of one. Missing biases are 0. ``readout.weight`` and
        ``readout.bias`` are optional. ``h0`` and ``c0`` are the state, 0 if missing. Other names
        are ignored.

    Raises
    ------
    TypeError
        If ``model`` is not an estimator of streamlstm.
    ValueError
        If a weight is missing, not finite or of another shape; the message names it. If there are
        too many layers or a second direction, or the file is not a safetensors file.

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
    given = _given(weights, slot.shape.layers)
    layers = range(slot.shape.layers)
    gates = [join_gates(_gates(given, slot, layout, layer), layout) for layer in layers]
    readout, state = _readout(given, slot), _state(given, slot)
    for ours, theirs in zip((slot.gates, *slot.upper), gates, strict=True):
        ours[...] = theirs
    slot.readout[...] = readout
    slot.state[...] = state
    for name in ("moment1", "moment2", "tape"):
        slot.pieces[name][...] = 0.0
    scalars = slot.pieces["scalars"]
    scalars[[at.TAPE_HEAD, at.TAPE_LENGTH, at.PHASE]] = 0.0
    scalars[[at.BETA1_POWER, at.BETA2_POWER]] = 1.0


def _given(weights: Mapping[str, Any] | File, layers: int) -> dict[str, Any]:
    """Return weights by name; those of a cell, without a layer, get the names of layer 0."""
    if not isinstance(weights, Mapping):
        path = os.fspath(weights)
        try:
            weights = load_file(path)
        except SafetensorError as error:
            raise ValueError(f"{path}: not a safetensors file: {error}") from error
    named = {f"{name}_l0" if name in GATES else name: value for name, value in weights.items()}
    known = {name for layer in range(layers) for name in gate_names(layer)}
    for name in named:
        if name.startswith(("weight_", "bias_")) and name not in known:
            raise ValueError(f"{name} has no place: the network has layers={layers}, one direction")
    return named


def _taken(given: dict[str, Any], name: str, shape: tuple[int, ...], why: str) -> Array:
    """Return a weight in float64 after checking its shape."""
    if name not in given:
        raise ValueError(f"{name} is missing; it must be {shape}, {why}")
    found = np.asarray(given[name], np.float64)
    if found.shape != shape:
        raise ValueError(f"{name} must be {shape}, {why}; got {found.shape}")
    if not (np.abs(found) <= np.finfo(np.float32).max).all():
        raise ValueError(f"{name} must be finite in float32")
    return found


def _gates(given: dict[str, Any], slot: Slot, layout: Layout, layer: int) -> Gates:
    hidden, gates = slot.shape.hidden, len(layout.of_x)
    units = f"for {gates} gates of {hidden} units"
    rows, inputs, below = gates * hidden, hidden, "the layer below"
    if layer == 0:
        inputs, below = slot.inputs, f"the inputs {', '.join(exported(slot).input_names)}"
    of_x, of_h, *biases = gate_names(layer)
    nothing = {name: np.zeros(rows) for name in biases}
    return Gates(
        _taken(given, of_x, (rows, inputs), f"{units} and {below}"),
        _taken(given, of_h, (rows, hidden), units),
        *(_taken(nothing | given, name, (rows,), units) for name in biases),
    )


def _readout(given: dict[str, Any], slot: Slot) -> Array:
    """Return the rows [1 | h] of the readout; the current ones if none are given."""
    if given.keys().isdisjoint(READOUT):
        return slot.readout
    hidden, outputs = slot.shape.hidden, slot.shape.outputs
    why = f"for the outputs {', '.join(slot.output_names)}"
    weight = _taken(given, "readout.weight", (outputs, hidden), why)
    return np.vstack([_taken(given, "readout.bias", (outputs,), why), weight.T])


def _state(given: dict[str, Any], slot: Slot) -> Array:
    """Return h and c of each layer; c is h for the GRU and 0 for the plain cell."""
    size = slot.shape.layers, slot.shape.hidden
    none = np.zeros(size)
    h, c = (_taken({name: none} | given, name, size, "a row a layer") for name in STATE)
    return np.stack([h, {"gru": h, "rnn": none}.get(slot.shape.cell, c)], axis=1)
