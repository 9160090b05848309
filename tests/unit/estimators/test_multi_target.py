"""LSTMMultiTargetRegressor: its targets, what it refuses, what is missing, what it keeps."""

import copy
import functools
import math
import pickle
from collections.abc import Callable
from typing import Any

import numba
import pytest
from river import datasets, preprocessing

from streamlstm import LSTMMultiTargetRegressor, LSTMRegressor
from streamlstm.bank.feature_index import FeatureLimitError
from tests.support.streams.events import feature_stream

SLOW = bool(numba.config.DISABLE_JIT)
Pair = tuple[dict[Any, Any], dict[Any, Any]]


def small(**parameters: Any) -> LSTMMultiTargetRegressor:
    return LSTMMultiTargetRegressor(**{"hidden_size": 4, "window": 4} | parameters)


def pairs(seed: int = 0, events: int = 30) -> list[Pair]:
    """Give two targets, one of which is the other's negative third."""
    return [(x, {"up": y, "down": -y / 3.0}) for x, y in feature_stream(seed, events)]


def forecasts(model: Any, events: list[Pair]) -> list[Any]:
    made = []
    for x, y in events:
        made.append(model.predict_one(x))
        model.learn_one(x, y)
    return made


def trained(**parameters: Any) -> LSTMMultiTargetRegressor:
    model = small(**parameters)
    forecasts(model, pairs(events=12))
    return model


def test_the_first_event_says_what_the_targets_are() -> None:
    model = small()
    assert model.predict_one({"a": 1.0}) == {}
    model.learn_one({"a": 1.0}, {"up": 3.0, "down": None})
    assert model.predict_one({"a": 1.0}) == {"down": 0.0, "up": 3.0}
    assert model.events_seen == 1


def test_named_targets_are_forecast_before_anything_is_learnt() -> None:
    model = small(targets=("up", "down"))
    assert model.predict_one({}) == {"down": 0.0, "up": 0.0}
    assert model.targets == ("up", "down")


def test_one_target_is_what_the_regressor_makes_of_it() -> None:
    single = LSTMRegressor(hidden_size=4, window=4)
    model = small()
    for x, y in feature_stream(events=30):
        if model.events_seen:
            assert model.predict_one(x) == {"y": single.predict_one(x)}
            both = (model.predict_one(x, True)["y"], single.predict_one(x, True))
            assert both[0] == both[1]
        model.learn_one(x, {"y": y})
        single.learn_one(x, y)
    assert model.expert_weights == {"y": single.expert_weights}


@pytest.mark.parametrize("missing", [None, math.nan, math.inf, 1e308, "absent"], ids=str)
def test_a_missing_target_does_not_stop_the_others(missing: Any) -> None:
    model, before = trained(), trained().predict_one({})
    for x, y in pairs(seed=1, events=10):
        model.learn_one(x, {"up": y["up"]} | ({} if missing == "absent" else {"down": missing}))
    after = model.predict_one({})
    assert model.events_seen == 22
    assert after["up"] != before["up"]
    assert all(map(math.isfinite, after.values()))


def test_every_way_of_missing_is_the_same() -> None:
    ways = [{}, {"down": None}, {"down": math.nan}, {"down": -math.inf}]
    made = []
    for way in ways:
        model = trained()
        for x, y in pairs(seed=1, events=10):
            model.learn_one(x, {"up": y["up"]} | way)
        made.append(model.predict_one({}))
    assert made == [made[0]] * len(ways)


@pytest.mark.parametrize("y", [{}, {"up": None}, {"up": math.nan, "down": math.inf}], ids=str)
def test_an_event_without_a_target_is_passed_over(y: dict[Any, Any]) -> None:
    model = trained()
    before = pickle.dumps(model)
    model.learn_one({"a": 1.0, "new": 2.0}, y)
    assert pickle.dumps(model) == before
    fresh = small()
    fresh.learn_one({"a": 1.0}, y)
    assert fresh.predict_one({}) == {}


@pytest.mark.parametrize(
    ("x", "y", "error", "message"),
    [
        ({}, {"up": 1.0, "sideways": 1.0}, ValueError, "target 'sideways' is not one of"),
        ({"new": 1.0}, {"sideways": None}, ValueError, "'down', 'up'; name all in targets"),
        ({"new": 1.0}, {"up": 1.0, "down": "low"}, TypeError, "target 'down' must be a number"),
        ({"new": 1.0, "a": "high"}, {"up": 1.0}, TypeError, "feature 'a' must be"),
        ({"new": 1.0, "a": "high"}, {"up": None}, TypeError, "feature 'a' must be"),
    ],
    ids=["stranger", "missing-stranger", "target", "feature", "feature-of-no-event"],
)
def test_what_is_refused_is_named_and_leaves_no_trace(
    x: dict[Any, Any], y: dict[Any, Any], error: type[Exception], message: str
) -> None:
    model = trained()
    before = pickle.dumps(model)
    with pytest.raises(error, match=message):
        model.learn_one(x, y)
    assert pickle.dumps(model) == before


def test_a_first_event_that_is_refused_says_nothing_of_targets() -> None:
    model = small(features_max=1)
    with pytest.raises(FeatureLimitError):
        model.learn_one({"a": 1.0, "b": 1.0}, {"up": 1.0})
    assert model.predict_one({}) == {}
    model.learn_one({"a": 1.0}, {"down": 2.0})
    assert model.predict_one({}) == {"down": 2.0}


def test_the_order_of_targets_and_features_says_nothing() -> None:
    turned = [(dict(reversed(x.items())), dict(reversed(y.items()))) for x, y in pairs(events=20)]
    assert forecasts(small(), turned) == forecasts(small(), pairs(events=20))


def test_asking_changes_nothing() -> None:
    model = trained()
    before = pickle.dumps(model)
    model.predict_one({"a": 9.0, "never seen": 1.0})
    model.predict_one({}, with_interval=True)
    assert pickle.dumps(model) == before


def roundtrip(model: Any) -> Any:
    return pickle.loads(pickle.dumps(model))


@pytest.mark.parametrize("again", [roundtrip, copy.deepcopy])
@pytest.mark.parametrize("events", [0, 12])
def test_a_copy_goes_on_bit_for_bit(again: Callable[[Any], Any], events: int) -> None:
    model = small()
    forecasts(model, pairs(events=events))
    other = again(model)
    for x, y in pairs(seed=1, events=15):
        assert other.predict_one(x) == model.predict_one(x)
        other.learn_one(x, y)
        model.learn_one(x, y)
    assert other.predict_one({}, with_interval=True) == model.predict_one({}, with_interval=True)


def test_a_clone_is_fresh_and_forecasts_the_same_again() -> None:
    model = small(targets=("up", "down"), seed=3)
    first = forecasts(model, pairs(events=15))
    clone = model.clone()
    assert clone.events_seen == 0
    assert forecasts(clone, pairs(events=15)) == first


@pytest.mark.parametrize("count", [1, 20 if SLOW else 200])
def test_few_and_many_features_and_targets(count: int) -> None:
    model = small()
    for n in range(3):
        model.learn_one(
            {f"f{j}": float(n * j) for j in range(count)},
            {f"y{j}": float(n + j) for j in range(min(count, 20))},
        )
    assert all(map(math.isfinite, model.predict_one({}).values()))


def test_forecasts_are_the_same_bits_without_intervals() -> None:
    plain = small(interval_levels=None)
    assert forecasts(plain, pairs(events=15)) == forecasts(small(), pairs(events=15))
    with pytest.raises(ValueError, match="none"):
        plain.predict_one({}, with_interval=True)


@pytest.mark.parametrize("value", [0.0, 1e-30, 1e29, -1e30])
def test_forecasts_are_finite_for_all_numbers(value: float) -> None:
    events = [({"a": value * (-1) ** n}, {"up": value, "down": -value * n}) for n in range(20)]
    for made in forecasts(small(), [(x, {"up": y["up"], "down": y["up"]}) for x, y in events]):
        assert all(map(math.isfinite, made.values()))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hidden_size", 0),
        ("window", 0),
        ("features_max", -1),
        ("interval_levels", (2.0,)),
        ("targets", ()),
    ],
)
def test_a_parameter_out_of_range_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"^{name} must "):
        LSTMMultiTargetRegressor(**{name: value})


@functools.cache
def water() -> list[Pair]:
    return [(x, {"flow": y, "doubled": 2.0 * y}) for x, y in datasets.WaterFlow()]


@pytest.mark.skipif(SLOW, reason="a thousand events")
def test_it_beats_persistence_on_both_targets_and_covers() -> None:
    model, errors, last, held = LSTMMultiTargetRegressor(), [0.0, 0.0], 0.0, []
    for x, y in water():
        if model.events_seen > 1:
            errors[0] += abs(model.predict_one(x)["doubled"] - y["doubled"])
            errors[1] += abs(last - y["doubled"])
            held.append(y["flow"] in model.predict_one(x, with_interval=True)["flow"])
        model.learn_one(x, y)
        last = y["doubled"]
    assert errors[0] < errors[1]
    assert sum(held) / len(held) == pytest.approx(0.95, abs=0.02)


def test_in_a_pipeline() -> None:
    numbers = [({k: x[k] for k in ("a", "b")}, y) for x, y in pairs()]
    scaler, model = preprocessing.StandardScaler(), small()
    by_hand = []
    for x, y in numbers:
        by_hand.append(model.predict_one(scaler.transform_one(x)))
        scaler.learn_one(x)
        model.learn_one(scaler.transform_one(x), y)
    assert forecasts(preprocessing.StandardScaler() | small(), numbers) == by_hand
