"""LSTMRegressor one event at a time: what it takes, what it refuses, what asking leaves behind."""

import math
import pickle
import random
from collections.abc import Callable, Hashable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from streamlstm import LSTMRegressor
from streamlstm.bank.feature_index import FeatureLimitError
from tests.support.streams.events import (
    EVENTS,
    SLOW,
    START,
    Event,
    feature_stream,
    forecasts,
    small,
)


def test_the_first_forecast_is_0_and_the_second_the_last_target() -> None:
    model = small()
    assert model.predict_one({}) == model.predict_one({"a": 3.0}) == 0.0
    assert model.events_seen == 0
    model.learn_one({"a": 3.0}, 42.5)
    assert model.predict_one({"a": 4.0}) == 42.5
    assert model.events_seen == 1


@pytest.mark.parametrize("autoregressive", [True, False])
@pytest.mark.parametrize("mixture", [True, False])
def test_a_constant_is_forecast_exactly(autoregressive: bool, mixture: bool) -> None:
    model = small(autoregressive=autoregressive, mixture=mixture)
    made = forecasts(model, [({"a": 1.0, "b": float(n)}, -7.25) for n in range(EVENTS)])
    assert made == [0.0] + [-7.25] * (EVENTS - 1)


@pytest.mark.parametrize("value", [0.0, 1e-30, 1e29, -1e30])
def test_a_forecast_is_always_a_finite_float(value: float) -> None:
    model = small()
    events = [({"a": value * (-1.0) ** n}, value * (-1.0) ** (n // 2)) for n in range(EVENTS)]
    assert all(type(f) is float and math.isfinite(f) for f in forecasts(model, events))


@pytest.mark.parametrize("y", [True, 3, np.int32(3), np.float32(2.5), np.float64(2.5)], ids=repr)
def test_a_target_may_be_any_number(y: Any) -> None:
    model = small()
    model.learn_one({}, y)
    assert model.predict_one({}) == float(y)


def trained(**parameters: Any) -> LSTMRegressor:
    model = small(**parameters)
    forecasts(model, feature_stream(events=12))
    return model


def later() -> list[Event]:
    """Go on with two new features: had one got its column before, sums would round otherwise."""
    events = enumerate(feature_stream(seed=1, events=10))
    return [({"Z": n % 3, **x, "aa": n % 4}, y) for n, (x, y) in events]


@pytest.mark.parametrize(
    "y", [None, math.nan, math.inf, -math.inf, 1e308, -1.1e30, 10**400], ids=lambda y: repr(y)[:9]
)
@pytest.mark.parametrize("x", [{"a": 1.0}, {"aa": 1.0, "a": 1.0}], ids=["known", "new"])
def test_a_target_that_is_no_finite_number_is_passed_over(x: dict[Hashable, Any], y: Any) -> None:
    model, untouched = trained(), trained()
    model.learn_one(x, y)
    assert model.events_seen == 12
    assert model.expert_weights == untouched.expert_weights
    assert forecasts(model, later()) == forecasts(untouched, later())


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        ({"a": "high"}, 1.0, "feature 'a' must be a number.*got str 'high'"),
        ({"aa": 1.0, "zz": "high"}, 1.0, "feature 'zz'"),
        ({"aa": 1.0, "b": "high"}, 1.0, "feature 'b'"),
        ({"aa": 1.0}, "high", "target.* got str 'high'"),
        ({"a": 1.0}, pd.NA, "target"),
    ],
    ids=["known", "new", "known-beside-new", "target-beside-new", "target"],
)
def test_what_is_no_number_is_refused_and_leaves_no_trace(
    x: dict[Hashable, Any], y: Any, message: str
) -> None:
    model, untouched = trained(), trained()
    with pytest.raises(TypeError, match=message):
        model.learn_one(x, y)
    assert forecasts(model, later()) == forecasts(untouched, later())


def test_asking_refuses_what_is_no_number() -> None:
    for model in (small(), trained()):
        with pytest.raises(TypeError, match="feature 'a' must be"):
            model.predict_one({"a": "high"})


@pytest.mark.parametrize(
    "x",
    [
        {},
        {"a": 9.0},
        {"never seen": 1.0},
        {"a": None, "time": START + timedelta(days=400)},
        {"time": START - timedelta(days=400)},
    ],
    ids=str,
)
def test_asking_changes_nothing(x: dict[Hashable, Any]) -> None:
    model = trained()
    before = pickle.dumps(model)
    model.predict_one(x)
    assert pickle.dumps(model) == before


def test_asking_before_each_event_changes_no_forecast() -> None:
    asked, silent = small(), small()
    forecasts(asked, feature_stream())
    for x, y in feature_stream():
        silent.learn_one(x, y)
    last = {"a": 0.5, "time": START}
    assert asked.predict_one(last) == silent.predict_one(last)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("autoregressive", [True, False])
def test_shuffled_features_give_the_same_bits(seed: int, autoregressive: bool) -> None:
    chance, shuffled = random.Random(seed), []
    for x, y in feature_stream(seed):
        items = list(x.items())
        chance.shuffle(items)
        shuffled.append((dict(items), y))
    assert [list(x) for x, _ in shuffled] != [list(x) for x, _ in feature_stream(seed)]
    plain = forecasts(small(autoregressive=autoregressive), feature_stream(seed))
    assert forecasts(small(autoregressive=autoregressive), shuffled) == plain


def test_a_feature_may_vanish_and_come_back() -> None:
    model = trained()
    rest = feature_stream(seed=2)
    rest = [(x if n % 3 else {}, y) for n, (x, y) in enumerate(rest)]
    assert all(map(math.isfinite, forecasts(model, rest)))
    assert model.events_seen == 12 + EVENTS


@pytest.mark.parametrize("missing", [None, math.nan, math.inf, 1e308], ids=repr)
def test_every_way_of_missing_is_the_same(missing: Any) -> None:
    def holes(value: dict[Hashable, Any]) -> list[Event]:
        return [
            (({k: v for k, v in x.items() if k != "b"} | value) if n % 4 == 1 else x, y)
            for n, (x, y) in enumerate(feature_stream(3))
        ]

    assert forecasts(small(), holes({"b": missing})) == forecasts(small(), holes({}))


@pytest.mark.parametrize("count", [1, 50 if SLOW else 1000])
def test_few_and_many_features(count: int) -> None:
    chance, model = random.Random(0), small()
    for _ in range(3):
        x = {f"f{n}": chance.random() for n in range(count)}
        model.learn_one(x, x["f0"])
    assert math.isfinite(model.predict_one(x))
    assert model.events_seen == 3


def test_more_features_than_allowed_are_refused_and_leave_no_trace() -> None:
    model, untouched = trained(features_max=8), trained(features_max=8)
    for more in ({"d": 1.0, "e": 1.0}, {"left": START, "d": 1.0}):
        with pytest.raises(FeatureLimitError, match="features_max = 8"):
            model.learn_one({"a": 1.0} | more, 1.0)
    rest = [(x | {"e": 2.0}, y) for x, y in feature_stream(seed=1, events=10)]
    assert forecasts(model, rest) == forecasts(untouched, rest)
    assert model.events_seen == 22


@pytest.mark.parametrize(
    "change",
    [
        lambda time: time.replace(tzinfo=None),
        pd.Timestamp,
        lambda time: time.astimezone(UTC),
    ],
    ids=["naive", "pandas", "utc"],
)
def test_a_time_counts_the_same_however_it_is_written(
    change: Callable[[datetime], datetime],
) -> None:
    written = [(x | {"time": change(x["time"])}, y) for x, y in feature_stream()]
    assert forecasts(small(), written) == forecasts(small(), feature_stream())


def test_time_may_step_back_and_stand_still() -> None:
    hours = [0, 5, 3, 3, -400, 10**6]
    events = [
        ({"t": START + timedelta(hours=h), "u": START}, float(n % 4))
        for n, h in enumerate(hours * 4)
    ]
    assert all(map(math.isfinite, forecasts(small(), events)))


def test_expert_weights_sum_to_1_and_shift_to_who_is_right() -> None:
    model = small()
    fresh = model.expert_weights
    assert fresh["seasonal"] == 0.0  # asleep until a time is seen
    forecasts(model, [({}, float(n)) for n in range(EVENTS)])  # a ramp: the last change goes on
    shifted = model.expert_weights
    for weights in (fresh, shifted):
        assert sum(weights.values()) == pytest.approx(1.0, abs=1e-12)
    assert shifted["linear_1"] > fresh["linear_1"] > shifted["persistence"]


def test_without_the_mixture_the_lstm_speaks_alone() -> None:
    model = trained(mixture=False)
    assert model.expert_weights.pop("lstm") == 1.0
    assert sum(model.expert_weights.values()) == 1.0


def test_without_the_last_target_its_linear_experts_are_silent() -> None:
    weights = trained(autoregressive=False).expert_weights
    assert weights["linear_1"] == weights["linear_24"] == 0.0
    assert sum(weights.values()) == pytest.approx(1.0, abs=1e-12)


def test_a_clock_wakes_the_seasonal_expert() -> None:
    assert trained().expert_weights["seasonal"] > 0.0
