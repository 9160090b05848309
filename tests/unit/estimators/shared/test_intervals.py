"""Prediction intervals of LSTMRegressor: they cover, through a drift too, and follow the model."""

import copy
import functools
import math
import pickle
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import pytest
from river import compose, datasets

from streamlstm import LSTMRegressor
from tests.support.streams.events import Event, feature_stream, forecasts, small
from tests.support.streams.seeded import normal

LEVELS = (0.8, 0.95, 0.99)
EVENTS = 60 if numba.config.DISABLE_JIT else 3000
needs_the_jit = pytest.mark.skipif(numba.config.DISABLE_JIT, reason="thousands of events")


@functools.cache
def bundled(name: str) -> list[Event]:
    return list(getattr(datasets, name)())


@functools.cache
def drifting(seed: int) -> list[Event]:
    """Half-way through, the level jumps and the noise becomes three times as large."""
    late = np.arange(EVENTS) >= EVENTS // 2
    wave = 2.0 * np.sin(2.0 * np.pi * np.arange(EVENTS) / 24.0)
    values = 10.0 + 50.0 * late + wave + (1.0 + 2.0 * late) * normal(seed, EVENTS)
    return [({}, y) for y in values.tolist()]


def covered(events: list[Event], **parameters: Any) -> np.ndarray:
    """Say of each event and level whether the interval given before it held it."""
    model, found = LSTMRegressor(**parameters), []
    for n, (x, y) in enumerate(events):
        if n > 1:
            given = [model.predict_one(x, with_interval=True, level=level) for level in LEVELS]
            found.append([y in interval for interval in given])
        model.learn_one(x, y)
    return np.array(found)


@needs_the_jit
@pytest.mark.parametrize("series", ["TrumpApproval", "WaterFlow", "AirlinePassengers"])
@pytest.mark.parametrize("seed", [0, 1])
def test_coverage_is_within_two_points(series: str, seed: int) -> None:
    """Of 144 passengers two points are three events: chance alone would miss it at times."""
    shares = covered(bundled(series), seed=seed).mean(axis=0)
    assert shares == pytest.approx(LEVELS, abs=0.02)


@needs_the_jit
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_coverage_holds_through_a_drift(seed: int) -> None:
    held = covered(drifting(seed))
    assert held.mean(axis=0) == pytest.approx(LEVELS, abs=0.01)
    half = EVENTS // 2
    for part in (held[:half], held[half:], held[half : half + 300]):
        assert part.mean(axis=0) == pytest.approx(LEVELS, abs=0.035)


def trained(**parameters: Any) -> LSTMRegressor:
    model = small(**parameters)
    forecasts(model, feature_stream(events=15))
    return model


def given(model: LSTMRegressor, x: dict[Any, Any]) -> list[Any]:
    return [model.predict_one(x, with_interval=True, level=level) for level in LEVELS]


def test_an_interval_is_river_s_and_stands_around_the_forecast() -> None:
    model, x = trained(), {"a": 0.5}
    narrow, middle, wide = given(model, x)
    assert narrow.center == pytest.approx(model.predict_one(x), rel=1e-12)
    assert 0.0 < narrow.width <= middle.width <= wide.width < math.inf
    assert model.predict_one(x, with_interval=True) == middle
    assert model.predict_one(x, with_interval=False) == model.predict_one(x)


def test_intervals_are_infinite_until_an_error_is_known() -> None:
    model = small()
    for n in range(2):
        assert given(model, {})[0].width == math.inf
        model.learn_one({}, float(n))
    assert given(model, {})[0].width < math.inf


@pytest.mark.parametrize("level", [0.9, 0.0, 95, math.nan])
def test_a_level_that_is_not_kept_is_refused_by_name(level: float) -> None:
    with pytest.raises(ValueError, match=r"one of interval_levels \(0.8, 0.95, 0.99\)"):
        small().predict_one({}, with_interval=True, level=level)
    with pytest.raises(ValueError, match=r"one of interval_levels \(none\)"):
        small(interval_levels=None).predict_one({}, with_interval=True)


def test_levels_may_stand_in_any_order() -> None:
    model = trained(interval_levels=(0.99, 0.8, 0.95))
    assert given(model, {}) == given(trained(), {})


def test_forecasts_are_the_same_bits_without_intervals() -> None:
    events = feature_stream()
    assert forecasts(small(interval_levels=None), events) == forecasts(small(), events)


def test_asking_for_an_interval_changes_nothing() -> None:
    model = trained()
    before = pickle.dumps(model)
    given(model, {"a": 9.0, "new": 1.0})
    assert pickle.dumps(model) == before


@pytest.mark.parametrize("y", [None, math.nan, math.inf, 1e308])
def test_an_event_passed_over_moves_no_interval(y: Any) -> None:
    model = trained()
    before = given(model, {})
    model.learn_one({"a": 1.0}, y)
    assert given(model, {}) == before


@pytest.mark.parametrize(
    "again",
    [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))],
    ids=["copy", "pickle"],
)
def test_a_copy_goes_on_bit_for_bit(again: Callable[[Any], Any]) -> None:
    model = trained()
    other = again(model)
    for x, y in feature_stream(seed=1, events=20):
        assert given(other, x) == given(model, x)
        other.learn_one(x, y)
        model.learn_one(x, y)


def test_a_clone_knows_no_error() -> None:
    assert given(trained().clone(), {})[0].width == math.inf


def test_intervals_come_through_a_pipeline() -> None:
    pipeline = compose.Select("a", "b") | small()
    for x, y in feature_stream(events=5):
        pipeline.learn_one(x, y)
    interval = pipeline.predict_one({"a": 1.0, "b": 0.0}, with_interval=True, level=0.8)
    assert interval.center == pytest.approx(pipeline.predict_one({"a": 1.0, "b": 0.0}))
