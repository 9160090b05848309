"""LSTMForecaster: any number of steps ahead, and nothing of the model is changed by asking."""

import collections
import copy
import functools
import math
import pickle
from collections.abc import Callable, Iterable
from datetime import timedelta
from types import ModuleType
from typing import Any

import numba
import pytest
from river import compose, datasets, evaluate, metrics, preprocessing, time_series

import streamlstm
from streamlstm import LSTMForecaster, LSTMRegressor
from streamlstm.bank.feature_index import FeatureLimitError
from tests.support.streams.events import START, Event, feature_stream

SLOW = bool(numba.config.DISABLE_JIT)
needs_the_jit = pytest.mark.skipif(SLOW, reason="hundreds of events")


def small(**parameters: Any) -> LSTMForecaster:
    return LSTMForecaster(**{"hidden_size": 4, "window": 4} | parameters)


def learn(model: Any, events: Iterable[Event]) -> Any:
    for x, y in events:
        model.learn_one(y=y, x=x)
    return model


def trained(**parameters: Any) -> LSTMForecaster:
    return learn(small(**parameters), feature_stream(events=15))


def ahead(steps: int) -> list[dict[Any, Any]]:
    return [x for x, _ in feature_stream(seed=1, events=steps)]


@functools.cache
def airline() -> list[Event]:
    return [({}, y) for _, y in datasets.AirlinePassengers()]


def test_one_step_is_what_the_regressor_says() -> None:
    model, regressor = small(), LSTMRegressor(hidden_size=4, window=4)
    for x, y in feature_stream(events=30):
        assert model.forecast(1, xs=[x]) == [regressor.predict_one(x)]
        model.learn_one(y, x)
        regressor.learn_one(x, y)
    assert model.expert_weights == regressor.expert_weights
    assert model.events_seen == regressor.events_seen == 30


@pytest.mark.parametrize("package", [streamlstm, streamlstm.estimators])
def test_it_is_imported_when_asked_for_and_nothing_else_is(package: ModuleType) -> None:
    assert package.LSTMForecaster is LSTMForecaster
    with pytest.raises(AttributeError, match="no attribute 'LSTMProphet'"):
        _ = package.LSTMProphet


def test_a_longer_forecast_begins_with_the_shorter_one() -> None:
    model, xs = trained(), ahead(30)
    long = model.forecast(30, xs)
    assert [model.forecast(n, xs[:n]) for n in (1, 2, 29)] == [long[:1], long[:2], long[:29]]
    assert all(type(y) is float for y in long)


def test_before_anything_is_learnt_all_steps_are_0() -> None:
    assert small().forecast(3) == small().forecast(3, xs=[{"a": 1.0}] * 3) == [0.0] * 3


@pytest.mark.parametrize("steps", [1, 12, 20 if SLOW else 5000])
def test_any_horizon_stays_finite(steps: int) -> None:
    for level in (1.0, 1e29):
        model = learn(small(), [({}, level * (n % 3)) for n in range(15)])
        assert all(map(math.isfinite, model.forecast(steps)))


@pytest.mark.parametrize("interval_horizon", [0, 3])
def test_asking_changes_nothing_bit_for_bit(interval_horizon: int) -> None:
    model = trained(interval_horizon=interval_horizon)
    before = pickle.dumps(model)
    model.forecast(20)
    model.forecast(5, ahead(5))
    model.forecast(2, [{"never seen": 1.0}, {"time": START - timedelta(days=400)}])
    if interval_horizon:
        model.forecast_intervals(3, ahead(3), level=0.8)
    assert pickle.dumps(model) == before


def test_a_model_that_was_asked_learns_on_as_one_that_was_not() -> None:
    asked, silent = trained(), trained()
    for x, y in feature_stream(seed=2, events=10):
        asked.forecast(4)
        asked.learn_one(y, x)
        silent.learn_one(y, x)
    assert asked.forecast(5) == silent.forecast(5)


def test_features_of_each_step_are_felt_there_and_afterwards() -> None:
    model, xs = trained(), ahead(6)
    other = [*xs[:3], xs[3] | {"a": 5.0}, *xs[4:]]
    plain, changed = model.forecast(6, xs), model.forecast(6, other)
    assert plain[:3] == changed[:3]
    assert all(one != two for one, two in zip(plain[3:], changed[3:], strict=True))


@pytest.mark.parametrize("missing", [None, math.nan, math.inf, 1e308], ids=repr)
def test_a_feature_may_be_missing_ahead(missing: Any) -> None:
    model, without = trained(), [{k: v for k, v in x.items() if k != "b"} for x in ahead(4)]
    assert model.forecast(4, [x | {"b": missing} for x in without]) == model.forecast(4, without)


@pytest.mark.parametrize("horizon", [0, -1, 1.5, True])
def test_a_horizon_that_is_no_number_of_steps_is_refused(horizon: Any) -> None:
    with pytest.raises(ValueError, match=r"^horizon must "):
        small().forecast(horizon)


@pytest.mark.parametrize("steps", [0, 2, 4])
def test_features_must_be_given_for_each_step(steps: int) -> None:
    with pytest.raises(ValueError, match=f"one dict for each of 3 steps; got {steps}"):
        small().forecast(3, xs=[{}] * steps)


@pytest.mark.parametrize("interval_horizon", [0, 3])
@pytest.mark.parametrize(
    "y", [None, math.nan, math.inf, -1e308, 10**400], ids=lambda y: repr(y)[:9]
)
def test_an_event_without_a_target_is_passed_over(y: Any, interval_horizon: int) -> None:
    model = trained(interval_horizon=interval_horizon)
    before = pickle.dumps(model)
    model.learn_one(y, {"a": 1.0, "new": 2.0})
    assert pickle.dumps(model) == before


def test_what_is_no_number_is_named_and_leaves_no_trace() -> None:
    model = trained(interval_horizon=2, features_max=8)
    before = pickle.dumps(model)
    with pytest.raises(TypeError, match="feature 'a' must be"):
        model.learn_one(1.0, {"aa": 1.0, "a": "high"})
    with pytest.raises(TypeError, match="the target must be"):
        model.learn_one("high", {"aa": 1.0})
    with pytest.raises(TypeError, match="feature 'a' must be"):
        model.forecast(2, [{}, {"a": "high"}])
    with pytest.raises(FeatureLimitError):
        model.learn_one(1.0, {"aa": 1.0, "ab": 1.0, "ac": 1.0})
    assert pickle.dumps(model) == before


def roundtrip(model: Any) -> Any:
    return pickle.loads(pickle.dumps(model))


@pytest.mark.parametrize("again", [roundtrip, copy.deepcopy])
@pytest.mark.parametrize("interval_horizon", [0, 3])
def test_a_copy_goes_on_bit_for_bit(again: Callable[[Any], Any], interval_horizon: int) -> None:
    model = trained(interval_horizon=interval_horizon)
    other = again(model)
    for x, y in feature_stream(seed=1, events=15):
        assert other.forecast(4) == model.forecast(4)
        if interval_horizon:
            assert other.forecast_intervals(3) == model.forecast_intervals(3)
        other.learn_one(y, x | {"later": y})
        model.learn_one(y, x | {"later": y})


def test_a_clone_is_fresh_and_forecasts_the_same_again() -> None:
    model = trained(interval_horizon=2, seed=3)
    clone = model.clone()
    assert clone.events_seen == 0
    assert clone.forecast_intervals(1)[0].width == math.inf
    assert learn(clone, feature_stream(events=15)).forecast_intervals(2) == (
        model.forecast_intervals(2)
    )


@pytest.mark.parametrize("count", [1, 20 if SLOW else 200])
def test_few_and_many_features(count: int) -> None:
    xs = [{f"f{j}": float(n * j) for j in range(count)} for n in range(6)]
    model = learn(small(interval_horizon=2), [(x, float(n)) for n, x in enumerate(xs[:4])])
    assert all(map(math.isfinite, model.forecast(2, xs[4:])))


@needs_the_jit
def test_river_evaluates_it_as_any_forecaster() -> None:
    """River asks before it shows the event at hand, and compares with what follows that event."""
    found = evaluate.evaluate(iter(airline()), LSTMForecaster(), metrics.MAE(), horizon=4).get()
    model, errors = learn(LSTMForecaster(), airline()[:4]), [metrics.MAE() for _ in range(4)]
    for n in range(4, len(airline()) - 4):
        made = model.forecast(4)
        for step, metric in enumerate(errors):
            metric.update(airline()[n + 1 + step][1], made[step])
        learn(model, [airline()[n]])
    assert found == pytest.approx([metric.get() for metric in errors])
    worst = evaluate.evaluate(
        iter(airline()), LSTMForecaster(), metrics.MAE(), horizon=4, agg_func=max
    )
    assert worst.get() == max(found)


def test_in_a_pipeline() -> None:
    events = [({k: x[k] for k in ("a", "b")}, y) for x, y in feature_stream(events=15)]
    pipeline = preprocessing.StandardScaler() | small()
    scaler, model = preprocessing.StandardScaler(), small()
    for x, y in events:
        pipeline.learn_one(x, y)
        scaler.learn_one(x)
        model.learn_one(y, scaler.transform_one(x))
    xs = collections.deque(x for x, _ in events[:5])
    by_hand = model.forecast(5, [scaler.transform_one(x) for x in xs])
    assert pipeline.forecast(5, xs) == by_hand
    assert pipeline.forecast(5) == model.forecast(5)


def test_features_may_be_made_of_a_date_before_it() -> None:
    month = compose.FuncTransformer(lambda x: {"month": x["month"].month})
    model = month | small()
    for x, y in list(datasets.AirlinePassengers())[:20]:
        model.learn_one(x, y)
    assert len(model.forecast(2, [{"month": START}, {"month": START}])) == 2


def error_ahead(model: Any, steps: int) -> float:
    """Return the mean absolute error of the next ``steps`` months, asked from the third year on."""
    events, missed = airline(), []
    for n, (x, y) in enumerate(events):
        if 24 <= n <= len(events) - steps:
            made = model.forecast(steps)
            missed += [abs(m - y) for m, (_, y) in zip(made, events[n:], strict=False)]
        model.learn_one(y=y, x=x)
    return sum(missed) / len(missed)


@needs_the_jit
def test_twelve_months_ahead_it_beats_persistence_by_far() -> None:
    persistence = error_ahead(time_series.HoltWinters(alpha=1.0), 12)
    assert error_ahead(LSTMForecaster(), 12) < 0.65 * persistence


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hidden_size", 0),
        ("window", 0),
        ("features_max", -1),
        ("interval_horizon", -1),
        ("interval_horizon", 1.5),
        ("interval_levels", (0.0,)),
    ],
)
def test_a_parameter_out_of_range_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"^{name} must "):
        LSTMForecaster(**{name: value})
