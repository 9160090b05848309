"""Tracked half-widths in lockstep with their twin, and the sum that makes their coverage hold."""

import math

import numba
import numpy as np
import pytest

from streamlstm.estimators.shared.intervals import Intervals
from streamlstm.kernels.decision import interval as at
from tests.support.streams.seeded import normal, uniform
from tests.support.twins.naive_interval import NaiveInterval

EVENTS = 200 if numba.config.DISABLE_JIT else 3000
LEVELS = (0.8, 0.95, 0.99)
ERRORS = {
    "normal": lambda seed: np.abs(normal(seed, EVENTS)),
    "heavy": lambda seed: 1.0 / (1.0 - np.abs(uniform(seed, EVENTS))),
    "growing": lambda seed: np.abs(normal(seed, EVENTS)) * np.arange(EVENTS),
    "shift": lambda seed: np.abs(normal(seed, EVENTS)) * np.where(np.arange(EVENTS) < 100, 1, 50),
    "spike": lambda seed: np.where(np.arange(EVENTS) == 50, 1e30, np.abs(normal(seed, EVENTS))),
    "zeros": lambda seed: np.where(np.arange(EVENTS) % 40 < 39, 0.0, np.abs(normal(seed, EVENTS))),
}


@pytest.mark.parametrize("law", ERRORS)
@pytest.mark.parametrize("seed", [1, 2])
def test_half_widths_are_their_twins(law, seed):
    intervals = Intervals(LEVELS, targets=1)
    twin = NaiveInterval([0.2, 0.05, 0.01])
    for error in ERRORS[law](seed).tolist():
        at.track_interval(intervals.states[0], error)
        twin.learn(error)
        np.testing.assert_allclose(
            intervals.all_half_widths[0], twin.half_widths, rtol=1e-9, atol=1e-9
        )


@pytest.mark.parametrize("law", ["normal", "heavy", "growing", "shift", "spike"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_misses_come_to_what_the_level_allows(law, seed):
    """Misses less α T are the steps of the quantile: bounded, while T grows."""
    intervals, missed = Intervals(LEVELS, targets=1), np.zeros(len(LEVELS))
    for error in ERRORS[law](seed).tolist():
        missed += error > intervals.all_half_widths[0]
        at.track_interval(intervals.states[0], error)
    allowed = 0.08 if numba.config.DISABLE_JIT else 0.015
    assert missed / EVENTS == pytest.approx([0.2, 0.05, 0.01], abs=allowed)


def test_wider_levels_are_never_narrower():
    intervals = Intervals(LEVELS, targets=1)
    for error in ERRORS["heavy"](5).tolist():
        at.track_interval(intervals.states[0], error)
        assert sorted(intervals.all_half_widths[0]) == intervals.all_half_widths[0].tolist()


def test_a_missing_target_moves_nothing_and_the_others_move():
    intervals = Intervals(LEVELS, targets=2)
    for n in range(5):
        values = np.array([[7.0, math.nan, float(n)]])  # one feature, two targets
        at.track_intervals(intervals.states, values, np.zeros((1, 3)))
    first, second = intervals.half_widths(0.95)
    assert math.isinf(first)
    assert 0.0 < second < math.inf
    assert intervals.states[:, at.SEEN].tolist() == [0.0, 5.0]
