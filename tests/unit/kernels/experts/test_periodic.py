"""The period is found from the changes alone, and survives what streams do to it."""

import numpy as np
import pytest

from streamlstm import LSTMForecaster, LSTMRegressor
from streamlstm.kernels import layout as at
from streamlstm.kernels.experts import periodic as its
from tests.support.streams.seeded import normal
from tests.support.twins.naive_experts import Period


def found(target):
    """Return the period after each value of ``target``, as kernel and twin see it."""
    changes, tally, past = np.zeros(at.HISTORY), np.zeros(at.PERIODS), []
    twin, period, both = Period(), 0.0, []
    for change in np.diff(target).tolist():
        changes[1:] = changes[:-1].copy()
        changes[0] = change
        past.insert(0, change)
        period = its.track_period(changes, tally, period, 1.0)
        twin.learn(past, 1.0)
        both.append((period, twin.period))
    return both


@pytest.mark.parametrize("period", [12, 24, 37])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_period_is_found_under_noise_as_its_twin_finds_it(period, seed):
    wave = np.tile(normal(seed, period), 200 // period + 1)[:200]
    both = found(wave + 0.1 * normal(seed + 10, 200))
    assert all(ours == twin for ours, twin in both)
    assert all(ours == period for ours, _ in both[2 * period + 2 :])


def test_a_new_period_takes_the_place_of_the_old():
    one, other = np.tile(normal(1, 14), 20), np.tile(normal(2, 31), 30)
    both = found(np.concatenate([one, other]))
    assert both[270][0] == 14
    assert both[-1][0] == 31


def test_what_never_changes_has_no_period():
    assert {ours for ours, _ in found(np.ones(100))} == {0.0}


def test_tallies_never_stick_at_denormals():
    changes, tally = np.zeros(at.HISTORY), np.full(at.PERIODS, 1e-29)
    for _ in range(2000):
        its.track_period(changes, tally, 12.0, 1.0)
    assert not tally.any()


def test_the_newest_period_counts_most():
    changes = np.array([0.0, 1.0, 0.0, 2.0, 0.0, 3.0])
    expected = (1.0 + 0.6 * 2.0 + 0.36 * 3.0) / (1.0 + 0.6 + 0.36)
    assert its.profile(changes, 2) == pytest.approx(expected, rel=1e-15)
    assert its.profile(changes[1:], 2) == 0.0


@pytest.mark.parametrize("seed", [1])
def test_a_pattern_longer_than_twelve_events_is_forecast(seed):
    """No feature tells where in the pattern an event lies, nor do twelve changes."""
    pattern = np.repeat(normal(seed, 4), 10)
    pattern[5::10] += 3.0
    target = np.tile(pattern, 12) + 0.01 * normal(seed + 1, 480)
    model, forecaster = LSTMRegressor(seed=seed), LSTMForecaster(seed=seed, interval_horizon=0)
    errors = []
    for y in target[:-20].tolist():
        errors.append(abs(model.predict_one({}) - y))
        model.learn_one({}, y)
        forecaster.learn_one(y)
    assert np.mean(errors[-200:]) < 0.25 * np.abs(np.diff(target)).mean()
    assert model.expert_weights["periodic"] > 0.5
    ahead = np.array(forecaster.forecast(20)) - target[-20:]
    assert np.abs(ahead).mean() < 0.25 * np.abs(np.diff(target)).mean()


def test_absurd_values_leave_the_forecast_finite():
    model = LSTMRegressor()
    for n in range(120):
        model.learn_one({}, 1e30 if n % 13 == 0 else -1e-300)
    assert np.isfinite(model.predict_one({}))
