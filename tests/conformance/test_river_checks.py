"""Every check that river ships: run on our estimators by name, or left out with its reason.

``river.checks.yield_checks`` is not used: its stream for detectors is downloaded.
"""

import functools
import random
from collections.abc import Callable
from typing import Any

import pytest
from river import base, compose, datasets, drift, optim, preprocessing
from river.checks import anomaly, common, time_series

from streamlstm import (
    LSTMDetector,
    LSTMForecaster,
    LSTMMultiTargetRegressor,
    LSTMRegressor,
    LSTMSupervisedDetector,
)
from tests.support.streams.river_checks import (
    EVENTS,
    EVENTS_LONG,
    IN_BATCHES,
    ON_A_LONG_STREAM,
    ON_A_STREAM,
    WITHOUT_STREAM,
    full_name,
    shipped,
)

Check = Callable[..., None]


class Asked(LSTMSupervisedDetector):
    """river's checks ask ``predict_one`` of whatever is no regressor, classifier or detector."""

    def predict_one(self, x: dict[str, Any]) -> float:
        return self.score_one(x, 1.0)


Model = LSTMDetector | LSTMForecaster | LSTMMultiTargetRegressor | LSTMRegressor | Asked

DETECTORS: dict[str, dict[str, Any]] = {
    "detector": {},
    "detector-narrow": {
        "hidden_size": 4,
        "update_every": 4,
        "warm_up": 8,
        "resolve_after": 2,
        "cooldown": 3,
    },
    "detector-layers=2": {"hidden_size": 4, "update_every": 4, "layers": 2},
    "detector-gru": {"hidden_size": 4, "update_every": 4, "cell": "gru"},
}
PARAMETERS: dict[str, dict[str, Any]] = {
    "defaults": {},
    "update_every=4": {"update_every": 4, "seed": 7},
    "autoregressive=False": {"autoregressive": False},
    "mixture=False": {"mixture": False},
    "objects": {"optimizer": optim.Adam(0.01, beta_1=0.8), "loss": optim.losses.Huber(2.0)},
    "drift": {"drift_detector": drift.ADWIN(delta=0.3), "hidden_size": 4},
    "sgd-squared-narrow": {
        "hidden_size": 4,
        "window": 3,
        "optimizer": "sgd",
        "loss": "squared",
        "clip_norm": 0.5,
    },
    "elstm": {"cell": "elstm"},
    **{cell: {"cell": cell, "hidden_size": 4} for cell in ("gru", "rnn", "lstm_1997")},
    "layers=2": {"layers": 2, "hidden_size": 4},
}
SEVERAL_TARGETS: dict[str, dict[str, Any]] = {
    "several-targets": {},
    "several-targets-narrow": {"hidden_size": 4, "update_every": 4, "interval_levels": None},
    "several-targets-elstm": {"hidden_size": 4, "update_every": 4, "cell": "elstm"},
    "several-targets-layers=2": {"hidden_size": 4, "update_every": 4, "layers": 2},
}
FORECASTERS: dict[str, dict[str, Any]] = {
    "forecaster": {},
    "forecaster-intervals": {"hidden_size": 4, "interval_horizon": 3},
    "forecaster-elstm": {"hidden_size": 4, "interval_horizon": 3, "cell": "elstm"},
    "forecaster-layers=2": {"hidden_size": 4, "interval_horizon": 3, "layers": 2},
}
STREAMS = {
    "TrumpApproval": datasets.TrumpApproval,
    "WaterFlow": datasets.WaterFlow,
    "AirlinePassengers": datasets.AirlinePassengers,
}
ENOUGH_FEATURES = 4  # some checks drop three features and expect one to be left

# Of a model that has the method, and takes x first.
WITH_DEBUG: tuple[Check, ...] = (common.check_debug_one,)
# In the place of ON_A_STREAM and of ON_A_LONG_STREAM, as river has it: a forecaster takes y first.
ON_A_SERIES: tuple[Check, ...] = (time_series.check_learn_one, time_series.check_forecast)
LEFT_OUT = {
    "river.checks.check_estimator": "runs yield_checks: each of those is here by name",
    "river.checks.clf.check_classifier_tracks_seen_labels": "for classifiers",
    "river.checks.clf.check_multiclass_is_bool": "for classifiers",
    "river.checks.clf.check_predict_proba_one": "for classifiers",
    "river.checks.clf.check_predict_proba_one_binary": "for classifiers",
    "river.checks.common.check_has_tag": "asks for a given tag; a regressor needs none",
    "river.checks.common.check_predict_proba_many_matches_predict_proba_one": "for classifiers",
    "river.checks.common.check_transform_many_matches_transform_one": "for transformers",
    "river.checks.common.check_transform_one": "for transformers",
    "river.checks.common.check_wrapper_accepts_kwargs": "for wrappers of another model",
    "river.checks.model_selection.check_model_selection_order_does_not_matter": "for selectors",
    "river.checks.reco.check_reco_routine": "for recommenders",
}


@functools.cache
def events(stream: str) -> list[tuple[dict[str, Any], float]]:
    """Read to the end: river leaves the file of a stream open where one stops before."""
    return list(STREAMS[stream]())


@functools.cache
def several(stream: str) -> list[tuple[dict[str, Any], dict[str, float]]]:
    """Give the stream two targets; the flares of the sun have three of their own."""
    if stream != "SolarFlare":
        return [(x, {"y": y, "less": -y / 2.0}) for x, y in events(stream)]
    words = compose.SelectType(str) | preprocessing.OneHotEncoder()
    numbers = words + compose.SelectType(int)
    made = []
    for x, y in list(datasets.SolarFlare()):
        numbers.learn_one(x)
        made.append((numbers.transform_one(x), y))
    return made


def on(model: Model, stream: str) -> list[tuple[dict[str, Any], Any]]:
    """Give a stream as a model wants it."""
    return several(stream) if isinstance(model, base.MultiTargetRegressor) else events(stream)


@pytest.fixture
def model(request: pytest.FixtureRequest) -> Model:
    """Seed the shuffling that river's checks do with the global generator."""
    random.seed(request.node.name)
    kind, parameters = request.param
    return kind(**parameters)


def kinds(*wanted: type[Model]) -> list[Any]:
    """Name every parameterisation of the wanted kinds."""
    known = {
        LSTMRegressor: PARAMETERS,
        LSTMDetector: DETECTORS,
        Asked: {f"supervised-{name}": p for name, p in DETECTORS.items()},
        LSTMMultiTargetRegressor: SEVERAL_TARGETS,
        LSTMForecaster: FORECASTERS,
    }
    return [pytest.param((kind, p), id=name) for kind in wanted for name, p in known[kind].items()]


EVENT_BY_EVENT = kinds(LSTMRegressor, LSTMDetector, Asked, LSTMMultiTargetRegressor)


@pytest.mark.parametrize("model", [*EVENT_BY_EVENT, *kinds(LSTMForecaster)], indirect=True)
@pytest.mark.parametrize("check", WITHOUT_STREAM, ids=lambda check: check.__name__)
def test_model(model: Model, check: Check) -> None:
    check(model)


@pytest.mark.parametrize("model", EVENT_BY_EVENT, indirect=True)
@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("check", ON_A_STREAM, ids=lambda check: check.__name__)
def test_model_on_stream(model: Model, check: Check, stream: str) -> None:
    check(model, on(model, stream)[:EVENTS])


@pytest.mark.parametrize("model", EVENT_BY_EVENT, indirect=True)
@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("check", ON_A_LONG_STREAM, ids=lambda check: check.__name__)
def test_model_on_long_stream(model: Model, check: Check, stream: str) -> None:
    check(model, on(model, stream)[:EVENTS_LONG])


@pytest.mark.parametrize("model", kinds(LSTMRegressor), indirect=True)
@pytest.mark.parametrize("check", IN_BATCHES, ids=lambda check: check.__name__)
def test_regressor_in_batches(model: Model, check: Check) -> None:
    check(model, events("TrumpApproval")[:EVENTS])


@pytest.mark.parametrize("model", kinds(LSTMMultiTargetRegressor), indirect=True)
@pytest.mark.parametrize("check", ON_A_STREAM, ids=lambda check: check.__name__)
def test_several_targets_on_river_s_stream(model: Model, check: Check) -> None:
    check(model, on(model, "SolarFlare")[:EVENTS])


@pytest.mark.parametrize("model", kinds(LSTMRegressor, LSTMMultiTargetRegressor), indirect=True)
@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("check", WITH_DEBUG, ids=lambda check: check.__name__)
def test_model_is_debugged_on_stream(model: Model, check: Check, stream: str) -> None:
    check(model, on(model, stream)[:EVENTS])


@pytest.mark.parametrize("model", kinds(LSTMForecaster), indirect=True)
@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("check", ON_A_SERIES, ids=lambda check: check.__name__)
def test_forecaster_on_stream(model: Model, check: Check, stream: str) -> None:
    check(model, events(stream)[:EVENTS])


@pytest.mark.parametrize("parameters", DETECTORS.values(), ids=DETECTORS)
def test_anomalies_score_higher(parameters: dict[str, Any]) -> None:
    """On the bundled stream of sensors with labels: river's own choice is downloaded."""
    anomaly.check_roc_auc(LSTMDetector(**parameters), list(datasets.Shuttle())[:EVENTS_LONG])


def test_a_stream_has_features_to_spare() -> None:
    """Else the checks of features that come and go would show nothing."""
    features = [len(events(stream)[0][0]) for stream in STREAMS]
    assert max(features) >= ENOUGH_FEATURES


def test_every_check_of_river_is_applied_or_left_out_with_a_reason() -> None:
    checks = (
        *WITHOUT_STREAM,
        *ON_A_STREAM,
        *ON_A_LONG_STREAM,
        *WITH_DEBUG,
        *ON_A_SERIES,
        anomaly.check_roc_auc,
        *IN_BATCHES,
    )
    applied = [full_name(check) for check in checks]
    assert len(set(applied)) == len(applied)
    assert set(applied).isdisjoint(LEFT_OUT)
    assert set(applied) | set(LEFT_OUT) == set(shipped())
