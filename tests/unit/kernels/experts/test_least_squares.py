"""Recursive least squares, against its naive twin and at its edges.

What differs from the twin is the order of summation, over at most thirty terms.
"""

import math

import numpy as np
import pytest

from streamlstm.kernels.experts import least_squares as experts
from tests.support.streams.seeded import normal
from tests.support.twins.naive_experts import LeastSquares

CLOSE = {"rtol": 1e-10, "atol": 1e-10}


def block_of(n):
    block = np.full(n * n + n + 2, np.nan)
    experts.least_squares_reset(block, n)
    return block


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 14, 17])
@pytest.mark.parametrize("spare", [0, 9])
@pytest.mark.parametrize("memory", [0.9, 0.999])
@pytest.mark.parametrize("seed", [1, 2])
def test_least_squares_is_its_twin(n, spare, memory, seed):
    """``gain`` may be longer than the regressors, and hold anything."""
    block, twin, gain = block_of(n), LeastSquares(n, memory), np.full(n + spare, 1e9)
    xs, targets = normal(seed, 60, n), normal(seed + 10, 60)
    targets[20] = 1e3  # an error beyond four deviations
    for x, target in zip(xs, targets, strict=True):
        experts.least_squares_learn(block, x, target, memory, gain)
        twin.learn(x.tolist(), target.item())
        np.testing.assert_allclose(block[: n * n].reshape(n, n), twin.P, **CLOSE)
        np.testing.assert_allclose(block[n * n : n * n + n], twin.w, **CLOSE)
        np.testing.assert_allclose(block[n * n + n :], [twin.error.variance, twin.error.n], **CLOSE)


def test_least_squares_finds_the_line():
    block, gain = block_of(2), np.zeros(2)
    for x in normal(1, 500):
        experts.least_squares_learn(block, np.array([1.0, x]), 3.0 - 2.0 * x, 0.999, gain)
    # P began at I, which pulls weights to 0 like one event of five hundred.
    np.testing.assert_allclose(block[4:6], [3.0, -2.0], rtol=3e-3)


def test_quiet_inputs_cannot_blow_p_up():
    """Forgetting alone would multiply the unseen corner of P by e¹⁰; it stops at about 2000."""
    block, gain, x = block_of(2), np.zeros(2), np.array([1.0, 0.0])
    for _ in range(10_000):
        experts.least_squares_learn(block, x, 1.0, 0.999, gain)
    assert 1998.0 < block[0] + block[3] < 2002.1


def test_a_p_that_lost_its_sign_begins_again():
    block, gain, x = block_of(2), np.zeros(2), np.array([1.0, 1.0])
    for _ in range(3):
        experts.least_squares_learn(block, x, 2.0, 0.999, gain)
    weights = block[4:6].tolist()
    block[:4] = -1e-3, 0.0, 0.0, -1e-3
    experts.least_squares_learn(block, x, 2.0, 0.999, gain)
    assert block[:4].tolist() == [1.0, 0.0, 0.0, 1.0]
    assert block[4:6].tolist() == weights
    assert block[7] == 4.0


def test_a_p_that_is_no_number_begins_again():
    block, gain = block_of(1), np.zeros(1)
    block[0] = np.nan
    experts.least_squares_learn(block, np.ones(1), 2.0, 0.999, gain)
    assert block[:2].tolist() == [1.0, 0.0]


@pytest.mark.parametrize("n", range(10))
def test_dot(n):
    a, b = normal(n, n), normal(n + 1, n)
    assert experts.dot(a, b) == pytest.approx(math.fsum(a * b), rel=1e-13, abs=1e-15)
