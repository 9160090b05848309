"""The linear expert on features: its twin, its bounds, and what a user gains by it."""

import numpy as np
import pytest

from streamlstm import LSTMRegressor
from streamlstm.kernels.experts import linear_features as features
from tests.support.streams.seeded import normal
from tests.support.twins.naive_experts import Diagonal


@pytest.mark.parametrize("n", [1, 2, 7])
@pytest.mark.parametrize("seed", [1, 2])
def test_it_is_its_twin(n, seed):
    block, twin = np.zeros(2 + 2 * n), Diagonal()
    block[2::2] = 1.0
    xs, targets = normal(seed, 60, n), normal(seed + 10, 60)
    targets[20] = 1e3  # an error beyond four deviations
    for x, target in zip(xs, targets.tolist(), strict=True):
        assert features.features_forecast(block, x) == pytest.approx(twin.predict(x), abs=1e-12)
        features.features_learn(block, x, target)
        twin.learn(x.tolist(), target)
        np.testing.assert_allclose(block[2::2], twin.P, rtol=1e-12)
        np.testing.assert_allclose(block[3::2], twin.w, rtol=1e-12, atol=1e-14)


def test_an_input_long_silent_is_learnt_anew_and_never_absurdly():
    block = np.array([0.0, 0.0, 1.0, 0.0])
    for _ in range(20_000):
        features.features_learn(block, np.zeros(1), 1.0)
    assert block[2:].tolist() == [features.VARIANCE_MAX, 0.0]


@pytest.mark.parametrize("autoregressive", [True, False])
@pytest.mark.parametrize("seed", [1, 2])
def test_what_is_linear_in_the_features_is_learnt_within_a_hundred_events(autoregressive, seed):
    xs, model = normal(seed, 200, 3), LSTMRegressor(autoregressive=autoregressive, seed=seed)
    errors = []
    for a, b, c in xs.tolist():
        x, y = {"a": a, "b": b, "c": c}, 2.0 * a - b + 0.5 * c
        errors.append(abs(model.predict_one(x) - y))
        model.learn_one(x, y)
    best_constant = np.abs(xs @ [2.0, -1.0, 0.5]).mean()
    assert np.mean(errors[100:]) < (0.2 if not autoregressive else 0.9) * best_constant
    assert model.expert_weights["linear_features"] > 0.05


def test_without_features_it_sleeps():
    model = LSTMRegressor()
    for n in range(30):
        model.learn_one({}, n % 3)
    assert model.expert_weights["linear_features"] == 0.0
