"""Forward, every gradient and every optimizer against stored values of an independent framework.

``data/reference/make_torch_reference.py`` made the values. Its gates are i, f, g, o where ours
are i, f, o, g; its two biases add up to our one, so each of them has our gradient. float64 agrees
to 1e-10 (orders of summation differ), float32 to 1e-5 (6e-8 an operation, 5e-7 a tanh, 12 events).
"""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from streamlstm.kernels.functions.readout import LOSSES
from streamlstm.kernels.network import optimizer as optim
from tests.support.lockstep.tapes import Run

FILE = Path(__file__).parents[2] / "data" / "reference" / "torch_lstm.json"
REFERENCE = json.loads(FILE.read_text(encoding="utf-8"))
LSTM, OPTIMIZERS = REFERENCE["lstm"], REFERENCE["optimizers"]
HIDDEN = 5
EXACT = {np.float64: 1e-10, np.float32: 1e-5}
DTYPES = pytest.mark.parametrize("dtype", EXACT, ids=lambda dtype: dtype.__name__)


def gates_of(weights):
    """Return torch's gate weights as rows of [1 | h | x], gates i, f, o, g."""
    bias = np.array(weights["bias_ih_l0"]) + weights["bias_hh_l0"]
    columns = (bias[:, None], weights["weight_hh_l0"], weights["weight_ih_l0"])
    i, f, g, o = np.split(np.concatenate(columns, axis=1), 4)
    return np.concatenate([i, f, o, g]).T


def readout_of(weights):
    return np.concatenate(
        [np.array(weights["head_bias"])[None], np.array(weights["head_weight"]).T]
    )


def same_rows(weights):
    """Say that both of torch's biases have the one gradient."""
    np.testing.assert_allclose(weights["bias_ih_l0"], weights["bias_hh_l0"], 1e-12)
    half = weights | {"bias_hh_l0": [0.0] * 4 * HIDDEN}
    return gates_of(half)


def run(dtype, loss):
    weights = LSTM["weights"]
    W, V = gates_of(weights), readout_of(weights)
    return Run("lstm", W, V, LSTM, dtype, loss, LSTM["delta"])


@DTYPES
def test_forward(dtype):
    ours, tolerance = run(dtype, "squared"), EXACT[dtype]
    h_and_c = np.concatenate([LSTM["h"], LSTM["c"]], axis=1)
    np.testing.assert_allclose(ours.states, h_and_c, tolerance, tolerance)
    np.testing.assert_allclose(ours.outputs, LSTM["outputs"], tolerance, tolerance)


@DTYPES
@pytest.mark.parametrize("loss", LOSSES)
def test_every_gradient(loss, dtype):
    theirs, tolerance = LSTM["losses"][loss]["gradients"], EXACT[dtype]
    dW, dV = run(dtype, loss).gradients()
    np.testing.assert_allclose(dW, same_rows(theirs), tolerance, tolerance)
    np.testing.assert_allclose(dV, readout_of(theirs), tolerance, tolerance)


@DTYPES
@pytest.mark.parametrize("name", optim.OPTIMIZERS)
def test_every_step_of_the_optimizer(name, dtype):
    theta = np.array(OPTIMIZERS["start"], dtype)
    moment1, moment2 = np.zeros_like(theta), np.zeros_like(theta)
    rate, beta1 = OPTIMIZERS["rate"], 0.9 if name == "adam" else 0.0
    theirs = OPTIMIZERS["theta"][name]
    for t, gradient in enumerate(np.array(OPTIMIZERS["gradients"], dtype), start=1):
        if name == "sgd":
            optim.sgd_step(theta, gradient, rate)
        else:
            root = math.sqrt(1 - 0.999**t)
            step = rate * root / (1 - beta1**t)
            optim.adam_step(theta, gradient, moment1, moment2, beta1, 0.999, step, 1e-8 * root)
        np.testing.assert_allclose(theta, theirs[t - 1], EXACT[dtype], EXACT[dtype])


@DTYPES
def test_clipping(dtype):
    """Theirs divides by the norm plus 1e-6, which is as far apart as this may be."""
    gradient = np.array(OPTIMIZERS["gradients"][0], dtype)
    factor = optim.clip_scale(optim.norm_square(gradient), 1.0)
    np.testing.assert_allclose(gradient * factor, OPTIMIZERS["clipped_to_1"], 2e-6)
