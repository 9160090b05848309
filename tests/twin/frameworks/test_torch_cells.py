"""The cells beside the LSTM, forward and every gradient, against stored values of PyTorch.

``data/reference/make_torch_cells.py`` made them. Tolerances as in ``test_torch_reference.py``.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.support.lockstep.tapes import Run

FILE = Path(__file__).parents[2] / "data" / "reference" / "torch_cells.json"
REFERENCE = json.loads(FILE.read_text(encoding="utf-8"))
H = 5
EXACT = {np.float64: 1e-10, np.float32: 1e-5}
DTYPES = pytest.mark.parametrize("dtype", EXACT, ids=lambda dtype: dtype.__name__)
CELLS = pytest.mark.parametrize("cell", ["gru", "rnn", "lstm_1997"])


def rows_of(cell, weights, summed):
    """Return torch's weights as our rows of [1 | h | x]; two biases make one if ``summed``."""
    names = ("bias_ih_l0", "bias_hh_l0", "weight_hh_l0", "weight_ih_l0")
    b_x, b_h, of_h, of_x = (np.array(weights[name]) for name in names)
    if cell == "gru":
        blank = np.zeros((H, 1))
        of_h, of_x = np.split(of_h, 3), np.split(of_x, 3)  # r, z, n
        b_h, b_x = np.split(b_h, 3), np.split(b_x, 3)
        bias = [b_h[2], *((a + b if summed else a) for a, b in zip(b_x, b_h, strict=True))]
        bias[3] = b_x[2]
        hidden = [of_h[2], of_h[0], of_h[1], blank * of_h[2]]
        inputs = [blank * of_x[2], *of_x]
        return np.concatenate(
            [np.concatenate(bias)[None], np.concatenate(hidden).T, np.concatenate(inputs).T]
        )
    rows = np.concatenate([(b_x + b_h if summed else b_x)[:, None], of_h, of_x], axis=1)
    if cell == "lstm_1997":
        i, g, o = np.split(rows, 3)
        rows = np.concatenate([i, o, g])
    return rows.T


def readout_of(weights):
    return np.concatenate(
        [np.array(weights["head_bias"])[None], np.array(weights["head_weight"]).T]
    )


def run(cell, dtype):
    stream = REFERENCE[cell]
    W = rows_of(cell, stream["weights"], summed=True)
    return Run(cell, W, readout_of(stream["weights"]), stream, dtype), stream


@DTYPES
@CELLS
def test_forward(cell, dtype):
    ours, theirs = run(cell, dtype)
    c = {"gru": theirs["h"], "rnn": np.zeros_like(theirs["h"])}.get(cell, theirs.get("c"))
    states = np.concatenate([theirs["h"], c], axis=1)
    np.testing.assert_allclose(ours.states, states, EXACT[dtype], EXACT[dtype])
    np.testing.assert_allclose(ours.outputs, theirs["outputs"], EXACT[dtype], EXACT[dtype])


@DTYPES
@CELLS
def test_every_gradient(cell, dtype):
    ours, theirs = run(cell, dtype)
    dW, dV = ours.gradients()
    slopes = theirs["gradients"]
    wanted = rows_of(cell, slopes, summed=False)
    np.testing.assert_allclose(dW, wanted, EXACT[dtype], EXACT[dtype])
    np.testing.assert_allclose(dV, readout_of(slopes), EXACT[dtype], EXACT[dtype])
    assert (np.abs(wanted) > 1e-6).mean() > 0.7  # all but the GRU's quarter that is zero for ever
