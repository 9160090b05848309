"""Intervals several steps ahead: judged by the forecasts that were given out, and they cover."""

import functools
import math
from typing import Any

import numba
import numpy as np
import pytest
from river import datasets

from streamlstm import LSTMForecaster
from streamlstm.estimators.shared import rolling_origins
from tests.support.streams.events import Event, feature_stream
from tests.support.streams.seeded import normal

LEVELS, STEPS = (0.8, 0.95, 0.99), 6
EVENTS = 3000
needs_the_jit = pytest.mark.skipif(numba.config.DISABLE_JIT, reason="thousands of events")


def small(**parameters: Any) -> LSTMForecaster:
    return LSTMForecaster(**{"hidden_size": 4, "window": 4, "interval_horizon": 3} | parameters)


@functools.cache
def series(name: str) -> list[Event]:
    if name != "drift":
        return list(getattr(datasets, name)())
    late = np.arange(EVENTS) >= EVENTS // 2
    wave = 2.0 * np.sin(2.0 * np.pi * np.arange(EVENTS) / 24.0)
    values = 10.0 + 50.0 * late + wave + (1.0 + 2.0 * late) * normal(4, EVENTS)
    return [({}, y) for y in values.tolist()]


def covered(events: list[Event]) -> np.ndarray:
    """Return the shares of targets in the intervals given out, (steps, levels)."""
    model, held = LSTMForecaster(interval_horizon=STEPS), []
    for n, (x, y) in enumerate(events):
        if STEPS + 2 <= n <= len(events) - STEPS:
            coming = events[n : n + STEPS]
            given = [model.forecast_intervals(STEPS, [x for x, _ in coming], lv) for lv in LEVELS]
            held.append([[y in i for i in row] for row, (_, y) in zip(zip(*given), coming)])  # noqa: B905
        model.learn_one(y, x)
    return np.mean(held, axis=0)


@needs_the_jit
@pytest.mark.parametrize("name", ["TrumpApproval", "WaterFlow", "drift"])
def test_coverage_is_within_two_points_at_every_step(name: str) -> None:
    assert covered(series(name)) == pytest.approx(np.array([LEVELS] * STEPS), abs=0.02)


@needs_the_jit
def test_a_hundred_passengers_are_covered_as_far_as_they_can_show_it() -> None:
    """Of 130 forecasts, whose errors hang together: chance alone is worth five points."""
    assert covered(series("AirlinePassengers")) == pytest.approx(
        np.array([LEVELS] * STEPS), abs=0.05
    )


def test_calibration_uses_the_forecasts_bit_for_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each origin says of an event what ``forecast`` said then, given the features that came."""
    model = small()
    for n, (x, y) in enumerate(feature_stream(events=20)):
        model.learn_one(y, x)
        assert model._origins is not None
        key = model._origins._keys[n % 3]  # the origin that begins with this event
        own, copied = model._stream.bank.views("model"), model._stream.bank.views(key)
        assert all((own[name] == copied[name]).all() for name in own)
    xs = [x | {"fresh": 1.0} for x, _ in feature_stream(seed=1, events=3)]
    said = model.forecast(3, xs)
    heard: list[float] = []
    roll = rolling_origins.roll_slots

    def listen(store: Any, slots: Any, values: Any, results: Any) -> None:
        roll(store, slots, values, results)
        heard.append(results[len(heard), 1])  # the origin of that day grows older

    monkeypatch.setattr(rolling_origins, "roll_slots", listen)
    for x in xs:
        model.learn_one(50.0, x)
    assert heard == said


def test_intervals_stand_around_the_forecasts_and_widen_with_the_level() -> None:
    model = small()
    for x, y in feature_stream(events=20):
        model.learn_one(y, x)
    narrow, wide = (model.forecast_intervals(3, level=level) for level in (0.8, 0.99))
    for forecast, inner, outer in zip(model.forecast(3), narrow, wide, strict=True):
        assert forecast in inner
        assert 0.0 < inner.width <= outer.width < math.inf
    assert model.forecast_intervals(2, level=0.8) == narrow[:2]


def test_each_step_waits_for_its_second_error() -> None:
    model = small()
    for learnt in range(1, 7):
        model.learn_one(float(learnt % 2))
        known = [interval.width < math.inf for interval in model.forecast_intervals(3)]
        assert known == [learnt > 2, learnt > 3, learnt > 4]


@pytest.mark.parametrize(("kept", "asked"), [(0, 1), (3, 4)])
def test_more_steps_than_are_kept_are_refused(kept: int, asked: int) -> None:
    with pytest.raises(ValueError, match=f"at most interval_horizon = {kept}; got {asked}"):
        small(interval_horizon=kept).forecast_intervals(asked)


def test_a_level_that_is_not_kept_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"one of interval_levels \(0.8, 0.95, 0.99\); got 0.9"):
        small().forecast_intervals(1, level=0.9)


def test_forecasts_are_the_same_bits_with_intervals_and_without() -> None:
    plain, kept = small(interval_horizon=0), small()
    for x, y in feature_stream(events=30):
        assert plain.forecast(3) == kept.forecast(3)
        plain.learn_one(y, x)
        kept.learn_one(y, x)
