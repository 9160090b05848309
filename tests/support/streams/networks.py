"""A network on its own: run by our kernels over inputs of its own, and made of exact numbers."""

from dataclasses import replace

import numpy as np

from streamlstm import LSTMRegressor
from streamlstm.bank.slots.pieces import tape_views
from streamlstm.io import ExportedNetwork
from streamlstm.io.network_slot import Slot
from streamlstm.io.torch_layout import gate_names
from streamlstm.kernels import layout as at
from tests.support.lockstep.tapes import Run
from tests.support.streams.seeded import uniform

STEPS, HIDDEN = 1000, 5
EXACT = {np.float64: 1e-10, np.float32: 1e-5}  # as in test_torch_reference.py; errors die away


def exchange_inputs(inputs: int) -> np.ndarray:
    """Waves that do not repeat, as large as inputs come."""
    return 5.0 * np.sin(np.outer(np.arange(STEPS), 0.1 + 0.37 * np.arange(inputs)))


def model_of(cell: str, **parameters) -> LSTMRegressor:
    """Return a regressor that has learnt a little, of two features."""
    model = LSTMRegressor(hidden_size=HIDDEN, cell=cell, learning_rate=0.03, **parameters)
    for n in range(60):
        model.learn_one({"a": n % 3, "b": n % 5}, n % 7)
    return model


def torch_weights(cell: str, layers: int) -> dict[str, np.ndarray]:
    """Return layers, a readout and a state for ``model_of``, under PyTorch's names."""
    rows = {"lstm": 4, "gru": 3, "rnn": 1}[cell] * HIDDEN
    sizes = {"readout.weight": (1, HIDDEN), "readout.bias": (1,), "h0": (layers, HIDDEN)}
    for layer in range(layers):
        shapes = (rows, HIDDEN if layer else 6), (rows, HIDDEN), (rows,), (rows,)
        sizes |= zip(gate_names(layer), shapes, strict=True)
    if cell == "lstm":
        sizes["c0"] = (layers, HIDDEN)
    drawn = (
        (uniform(seed, *size) / 2).astype(np.float32) for seed, size in enumerate(sizes.values())
    )
    return dict(zip(sizes, drawn, strict=True))


def as_type(network: ExportedNetwork, dtype) -> ExportedNetwork:
    names = ("gates", "upper", "readout", "state")
    return replace(network, **{name: getattr(network, name).astype(dtype) for name in names})


def ran(network: ExportedNetwork, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return y at every step (steps, O), and the last h and c (2L, H), layer by layer."""
    last, targets = [], np.zeros((len(x), len(network.output_names)))
    states = network.state.reshape(-1, 2, network.hidden)
    for rows, (h0, c0) in zip((network.gates, *network.upper), states, strict=True):
        stream = {"inputs": x, "targets": targets, "h0": h0, "c0": c0}
        run = Run(network.cell, rows, network.readout, stream, network.gates.dtype.type)
        last.append(run.states[-1].reshape(2, -1))
        x = np.array(run.states)[:, : network.hidden]
    return np.array(run.outputs), np.concatenate(last)


def inputs_of(model) -> np.ndarray:
    """Read the inputs of the last event from the tape."""
    slot = Slot(model)
    row = int(slot.pieces["scalars"][at.TAPE_HEAD])
    z = tape_views(slot.pieces["tape"], slot.shape)["z"][row]
    return z[1 + slot.shape.recurrent :][: slot.inputs].copy()
