"""Least squares, calendar and mixture, each against its naive twin, and at its edges.

What differs from the twin is the order of summation, over at most thirty terms.
"""

import math

import numpy as np
import pytest

from streamlstm.kernels.experts import least_squares as experts
from tests.support.streams.seeded import normal
from tests.support.twins.naive_experts import LeastSquares, calendar, mixture_weights

CLOSE = {"rtol": 1e-10, "atol": 1e-10}


def block_of(n):
    block = np.full(n * n + n + 2, np.nan)
    experts.least_squares_forget(block, n)
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


@pytest.mark.parametrize("hour", [0.0, 5.5, 23.999])
@pytest.mark.parametrize("weekday", [0.0, 3.25, 6.9])
def test_calendar_is_its_twin(hour, weekday):
    x = np.full(12, np.nan)
    experts.calendar(x, hour, weekday)
    np.testing.assert_allclose(x, calendar(hour, weekday), rtol=0.0, atol=3e-15)


@pytest.mark.parametrize("seed", [1, 2])
def test_mixture_weights_are_their_twins(seed):
    losses, weights = np.abs(normal(seed, 6)) * 20, np.full(6, np.nan)
    losses[[1, 4]] = np.inf
    experts.mixture_weights(losses, weights)
    named = {e: loss for e, loss in enumerate(losses.tolist()) if loss < math.inf}
    twin = mixture_weights(named)
    np.testing.assert_allclose(weights, [twin.get(e, 0.0) for e in range(6)], rtol=1e-14)
    assert weights.sum() == pytest.approx(1.0, rel=1e-14)


def test_far_losses_do_not_overflow():
    weights = np.empty(2)
    experts.mixture_weights(np.array([1e300, 0.0]), weights)
    np.testing.assert_allclose(weights, [0.0, 1.0], atol=1e-300)


def test_losses_are_bounded():
    """At most LOSS_MAX an event and a memory of 0.99: never beyond 500."""
    losses = np.array([0.0, math.inf])
    for _ in range(3000):
        experts.mixture_learn(losses, np.array([0.0, 0.0]), 1e30)
    assert losses[0] == pytest.approx(500.0)
    assert losses[1] == math.inf


@pytest.mark.parametrize("n", range(10))
def test_dot(n):
    a, b = normal(n, n), normal(n + 1, n)
    assert experts.dot(a, b) == pytest.approx(math.fsum(a * b), rel=1e-13, abs=1e-15)
