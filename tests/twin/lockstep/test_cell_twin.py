"""Each kernel of the network equals its naive twin, on random numbers of many shapes.

float64: the order of summation differs, which costs a few units in the last place of sums of about
thirty terms. float32: 6e-8 an operation, 5e-7 a tanh.
"""

import numpy as np
import pytest

from streamlstm.kernels.cells import lstm
from streamlstm.kernels.functions import readout as ours
from streamlstm.kernels.functions.readout import LOSSES
from streamlstm.kernels.network import optimizer as optim
from tests.support.streams.seeded import normal, uniform
from tests.support.twins.naive import (
    Optimizer,
    Step,
    cell,
    gradients,
    loss_gradient,
    norm,
    readout,
)

DTYPES = pytest.mark.parametrize(
    ("dtype", "tolerance"), [(np.float64, 1e-13), (np.float32, 5e-6)], ids=["float64", "float32"]
)
SHAPES = pytest.mark.parametrize("hidden", [1, 2, 3, 8, 16])
SEEDS = pytest.mark.parametrize("seed", [1, 2, 3])


def forward(hidden, inputs, seed, dtype):
    """Run our cell; return its weights, what it was given and what it wrote."""
    W = uniform(seed, 1 + hidden + inputs, 4 * hidden).astype(dtype)
    z = np.concatenate([[1.0], normal(seed + 10, hidden + inputs)]).astype(dtype)
    c_prev = normal(seed + 20, hidden).astype(dtype)
    gates, tanh_c, state = (np.full(n * hidden, np.nan, dtype) for n in (4, 1, 2))
    lstm.cell_forward(W.ravel(), z, c_prev, gates, tanh_c, state)
    return W, z, c_prev, gates, tanh_c, state


@DTYPES
@SHAPES
@pytest.mark.parametrize("inputs", [0, 2, 7])
@SEEDS
def test_cell_forward(hidden, inputs, seed, dtype, tolerance):
    W, z, c_prev, gates, tanh_c, state = forward(hidden, inputs, seed, dtype)
    x, h_prev = z[1 + hidden :].tolist(), z[1 : 1 + hidden].tolist()
    _, i, f, o, g, c, h = cell(W.tolist(), h_prev, c_prev.tolist(), x)
    np.testing.assert_allclose(gates, [*i, *f, *o, *g], 0, tolerance)
    np.testing.assert_allclose(tanh_c, np.tanh(c), 0, tolerance)
    np.testing.assert_allclose(state, [*h, *c], tolerance, tolerance)


@DTYPES
@SHAPES
@SEEDS
def test_cell_backward(hidden, seed, dtype, tolerance):
    """One event on a twin's tape, with a readout that hands ``dh`` on unchanged."""
    _, _, c_prev, gates, tanh_c, state = forward(hidden, 1, seed, dtype)
    dh = normal(seed + 30, hidden).astype(dtype)
    dc, delta = np.zeros(hidden, dtype), np.full(4 * hidden, np.nan, dtype)
    lstm.cell_backward(gates, c_prev, tanh_c, dh, dc, delta)
    V = [[0.0] * hidden] + [[float(j == k) for k in range(hidden)] for j in range(hidden)]
    i, f, o, g = gates.astype(float).reshape(4, hidden).tolist()
    c, h = state[hidden:].tolist(), state[:hidden].tolist()
    step = Step([1.0], i, f, o, g, c_prev.tolist(), c, h, [], dh.tolist())
    W = [[0.0] * (4 * hidden) for _ in range(1 + hidden)]
    dW, _ = gradients([step], W, V, 1, 0.0)  # the bias row of dW is delta itself
    np.testing.assert_allclose(delta, dW[0], tolerance, tolerance)


@DTYPES
@SHAPES
@SEEDS
def test_dc_goes_on_through_the_forget_gate(hidden, seed, dtype, tolerance):
    _, _, c_prev, gates, tanh_c, _ = forward(hidden, 1, seed, dtype)
    dh, dc = normal(seed + 30, hidden).astype(dtype), normal(seed + 40, hidden).astype(dtype)
    dc_before, delta = dc.tolist(), np.zeros(4 * hidden, dtype)
    lstm.cell_backward(gates, c_prev, tanh_c, dh, dc, delta)
    i, f, o, g = gates.astype(float).reshape(4, hidden)
    d = dc_before + dh * o * (1 - tanh_c.astype(float) ** 2)
    np.testing.assert_allclose(dc, d * f, tolerance, tolerance)
    np.testing.assert_allclose(delta[:hidden], d * g * i * (1 - i), tolerance, tolerance)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dc_that_is_nearly_denormal_ends(dtype):
    one, zero = np.ones(1, dtype), np.zeros(1, dtype)
    dc, delta = np.zeros(1, dtype), np.zeros(4, dtype)
    for given, left in ((3e-30, 1.5e-30), (1e-30, 0.0), (-1e-30, 0.0), (-3e-30, -1.5e-30)):
        dc[0] = given
        lstm.cell_backward(np.full(4, 0.5, dtype), one, zero, zero, dc, delta)
        np.testing.assert_allclose(dc, left, 1e-6)


@DTYPES
@SHAPES
@pytest.mark.parametrize("outputs", [1, 2, 3])
@SEEDS
def test_readout(hidden, outputs, seed, dtype, tolerance):
    V = uniform(seed, 1 + hidden, outputs).astype(dtype)
    h, dy = normal(seed + 1, hidden).astype(dtype), normal(seed + 2, outputs).astype(dtype)
    y = np.full(outputs, np.nan, dtype)
    ours.readout_forward(V.ravel(), h, y)
    np.testing.assert_allclose(y, readout(V.tolist(), h.tolist()), tolerance, tolerance)
    dh, dV = np.ones(hidden, dtype), np.ones(V.size, dtype)  # it adds to what is there
    ours.readout_backward(V.ravel(), h, dy, dh, dV)
    exact = [float(v) for v in dy]
    dh_twin = [
        1 + sum(exact[k] * V[1 + j, k].item() for k in range(outputs)) for j in range(hidden)
    ]
    dV_twin = [1 + d * a for a in [1.0, *h.tolist()] for d in exact]
    np.testing.assert_allclose(dh, dh_twin, tolerance, tolerance)
    np.testing.assert_allclose(dV, dV_twin, tolerance, tolerance)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("error", [-3.0, -0.7, -0.1, 0.0, 0.1, 0.7, 3.0])
def test_loss_gradient(name, error):
    assert ours.loss_gradient(LOSSES[name], error, 0.7) == loss_gradient(name, error, 0.7)


@DTYPES
@pytest.mark.parametrize("rows", [0, 1, 3, 4, 5, 9])
@pytest.mark.parametrize("width", [1, 4, 12])
@pytest.mark.parametrize("seed", [1])
def test_add_rows(rows, width, seed, dtype, tolerance):
    matrix, factors = uniform(seed, rows, width).astype(dtype), normal(seed, rows).astype(dtype)
    total = np.ones(width, dtype)
    lstm.add_rows(total, factors, matrix.ravel())
    twin = [
        1 + sum(factors[r].item() * matrix[r, j].item() for r in range(rows)) for j in range(width)
    ]
    np.testing.assert_allclose(total, twin, tolerance, tolerance)


@DTYPES
@pytest.mark.parametrize("size", [1, 3, 4, 9, 50])
@SEEDS
def test_norm_and_clipping(size, seed, dtype, tolerance):
    dtheta = normal(seed, size).astype(dtype)
    length = norm([dtheta.tolist()])
    square = optim.norm_square(dtheta)
    assert square == pytest.approx(length**2, rel=tolerance)
    for clip_norm in (0.1, 1.0, 100.0):
        factor = optim.clip_scale(square, clip_norm)
        assert factor * length == pytest.approx(min(length, clip_norm), rel=tolerance)
    assert optim.clip_scale(square, 0.0) == 1.0


@DTYPES
@pytest.mark.parametrize("name", optim.OPTIMIZERS)
@SEEDS
def test_optimizer(name, seed, dtype, tolerance):
    """Ten steps of gradients from 1e-12 to 1e3, and weights that meet their limit of 50."""
    size, rate = 12, 0.5
    theta, moment1, moment2 = (np.zeros(size, dtype) for _ in range(3))
    theta[:2] = 49.9, -49.9
    twin, rows = Optimizer(name, rate, 0.0, 0.9, 0.999, 1e-8), [theta.tolist()]
    scales = np.array([1e3, 1e3, *10.0 ** np.arange(-12, -2)])
    for t in range(1, 11):
        dtheta = (normal(100 * seed + t, size) * scales).astype(dtype)
        dtheta[:2] = -1e3, 1e3
        twin.step([rows], [[dtheta.tolist()]])
        if name == "sgd":
            optim.sgd_step(theta, dtheta, rate)
        else:
            beta1 = 0.9 if name == "adam" else 0.0
            root = (1 - 0.999**t) ** 0.5
            optim.adam_step(
                theta, dtheta, moment1, moment2, beta1, 0.999,
                rate * root / (1 - beta1**t), 1e-8 * root,
            )  # fmt: skip
        np.testing.assert_allclose(theta, rows[0], tolerance, tolerance)
    assert theta[:2].tolist() == [50.0, -50.0]
