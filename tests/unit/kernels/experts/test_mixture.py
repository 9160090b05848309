"""The weights of the mixture, against their naive twin and at their edges."""

import math

import numpy as np
import pytest

from streamlstm.kernels.experts import mixture as experts
from tests.support.streams.seeded import normal
from tests.support.twins.naive_experts import mixture_weights


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
