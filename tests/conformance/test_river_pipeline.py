"""The regressor inside river: pipelines, progressive validation, clone, copy and pickle."""

import copy
import datetime as dt
import functools
import pickle
from collections.abc import Callable
from typing import Any

import numba
import pytest
from river import (
    compose,
    datasets,
    evaluate,
    feature_extraction,
    metrics,
    model_selection,
    preprocessing,
)

from streamlstm import LSTMRegressor

EVENTS = 40 if numba.config.DISABLE_JIT else 300


@functools.cache
def trump() -> list[tuple[dict[str, Any], float]]:
    """Read to the end: river leaves the file of a stream open where one stops before."""
    return list(datasets.TrumpApproval())[:EVENTS]


@functools.cache
def water() -> list[tuple[dict[str, Any], float]]:
    return list(datasets.WaterFlow())[:EVENTS]


def forecasts(model: Any, events: list[tuple[dict[str, Any], float]]) -> list[float]:
    made = []
    for x, y in events:
        made.append(model.predict_one(x))
        model.learn_one(x, y)
    return made


def roundtrip(model: Any) -> Any:
    return pickle.loads(pickle.dumps(model))


def test_pipeline_scales_learns_and_forecasts() -> None:
    scaler, model = preprocessing.StandardScaler(), LSTMRegressor()
    by_hand = []
    for x, y in trump():
        by_hand.append(model.predict_one(scaler.transform_one(x)))
        scaler.learn_one(x)
        model.learn_one(scaler.transform_one(x), y)
    pipeline = preprocessing.StandardScaler() | LSTMRegressor()
    assert forecasts(pipeline, trump()) == by_hand
    assert "LSTMRegressor" in pipeline.steps


def test_progressive_validation_is_predict_then_learn() -> None:
    errors = metrics.MAE()
    for forecast, (_, y) in zip(forecasts(LSTMRegressor(), trump()), trump(), strict=True):
        errors.update(y, forecast)
    scored = evaluate.progressive_val_score(trump(), LSTMRegressor(), metrics.MAE())
    assert scored.get() == errors.get()


def test_iter_progressive_validation_yields_each_forecast() -> None:
    steps = evaluate.iter_progressive_val_score(
        trump(), LSTMRegressor(), metrics.MAE(), step=10, yield_predictions=True
    )
    seen = [step["Prediction"] for step in steps]
    assert seen == forecasts(LSTMRegressor(), trump())[9::10]


@pytest.mark.parametrize("delay", [1, 5])
def test_delayed_labels_forecast_from_the_last_labelled_event(delay: int) -> None:
    errors, model = metrics.MAE(), LSTMRegressor()
    made = []
    for n, (x, _) in enumerate(trump()):
        if n >= delay:
            model.learn_one(*trump()[n - delay])
        made.append(model.predict_one(x))
    for forecast, (_, y) in zip(made, trump(), strict=True):
        errors.update(y, forecast)
    # Where no moment is named, river reveals a label just before the forecast ``delay`` later.
    scored = evaluate.progressive_val_score(trump(), LSTMRegressor(), metrics.MAE(), delay=delay)
    assert scored.get() == pytest.approx(errors.get(), rel=1e-12)


def test_delay_may_be_a_time() -> None:
    score = functools.partial(evaluate.progressive_val_score, water(), metric=metrics.MAE())
    by_time = score(model=LSTMRegressor(), moment="Time", delay=dt.timedelta(hours=2)).get()
    at_once = evaluate.progressive_val_score(water(), LSTMRegressor(), metrics.MAE()).get()
    assert at_once < by_time < float("inf")


def test_clone_is_fresh_and_forecasts_the_same_again() -> None:
    model = LSTMRegressor(hidden_size=5, update_every=2, seed=3)
    first = forecasts(model, trump())
    clone = model.clone()
    assert clone.events_seen == 0
    assert clone._get_params() == model._get_params()
    assert forecasts(clone, trump()) == first


def test_clone_with_another_seed_differs() -> None:
    model = LSTMRegressor(mixture=False, seed=3)
    other = model.clone({"seed": 4})
    assert other.seed == 4
    assert forecasts(other, trump()) != forecasts(model, trump())


@pytest.mark.parametrize("again", [roundtrip, copy.deepcopy], ids=["pickle", "deepcopy"])
@pytest.mark.parametrize("events", [trump, water])
def test_a_copy_made_mid_stream_goes_on_bit_for_bit(
    again: Callable[[Any], Any], events: Callable[[], list[tuple[dict[str, Any], float]]]
) -> None:
    model, half = LSTMRegressor(update_every=4), EVENTS // 2 + 1
    forecasts(model, events()[:half])
    copied = again(model)
    rest = forecasts(model, events()[half:])
    assert forecasts(copied, events()[half:]) == rest
    assert copied.expert_weights == model.expert_weights
    assert copied.events_seen == model.events_seen == EVENTS


def test_pickle_of_a_pipeline_goes_on_bit_for_bit() -> None:
    pipeline, half = preprocessing.StandardScaler() | LSTMRegressor(), EVENTS // 2
    forecasts(pipeline, trump()[:half])
    copied = roundtrip(pipeline)
    assert forecasts(copied, trump()[half:]) == forecasts(pipeline, trump()[half:])


def mean_error(model: Any, events: list[tuple[dict[str, Any], float]]) -> float:
    made = forecasts(model, events)
    return sum(abs(f - y) for f, (_, y) in zip(made[1:], events[1:], strict=True)) / len(made)


def test_a_target_may_be_scaled_outside() -> None:
    plain = mean_error(LSTMRegressor(), trump())
    scaled = mean_error(preprocessing.TargetStandardScaler(LSTMRegressor()), trump())
    assert scaled < 2.0 * plain


def test_features_may_be_made_before_it() -> None:
    model = compose.Select("gallup", "ipsos") + feature_extraction.PolynomialExtender(degree=2)
    model |= LSTMRegressor()
    made = forecasts(model, trump())
    by_hand = [(model["TransformerUnion"].transform_one(x), y) for x, y in trump()]
    assert len(by_hand[0][0]) > len(trump()[0][0])
    assert made == forecasts(LSTMRegressor(), by_hand)


def test_model_selection_prefers_the_one_that_learns() -> None:
    models = [LSTMRegressor(mixture=False, autoregressive=False), LSTMRegressor()]
    chosen = model_selection.GreedyRegressor(models, metrics.MAE())
    forecasts(chosen, trump())
    assert chosen.best_model.mixture
