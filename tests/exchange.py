"""A network on its own: run by our kernels over inputs of its own, and made of exact numbers."""

from dataclasses import replace

import numpy as np

from streamlstm import LSTMRegressor
from streamlstm.exchange import ExportedNetwork
from tapes import Run

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


def as_type(network: ExportedNetwork, dtype) -> ExportedNetwork:
    gates, readout = network.gates.astype(dtype), network.readout.astype(dtype)
    return replace(network, gates=gates, readout=readout, state=network.state.astype(dtype))


def ran(network: ExportedNetwork, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return y at every step (steps, O), and the last h and c (2, H), by our kernels."""
    h0, c0 = network.state
    stream = {"inputs": x, "targets": np.zeros((len(x), len(network.output_names)))}
    stream |= {"h0": h0, "c0": c0}
    run = Run(network.cell, network.gates, network.readout, stream, network.gates.dtype.type)
    return np.array(run.outputs), run.states[-1].reshape(2, -1)
