"""Every check that river ships, run on the classifier by name or left out with its reason.

What is common to all estimators is listed in ``test_river_checks.py``; here the rest is decided.
"""

import functools
import random
from collections.abc import Callable
from typing import Any

import pytest
from river import datasets, drift, optim
from river.checks import clf, common

from streamlstm import LSTMClassifier
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

PARAMETERS: dict[str, dict[str, Any]] = {
    "defaults": {},
    "update_every=4": {"update_every": 4, "seed": 7},
    "autoregressive=False": {"autoregressive": False},
    "lstm-alone": {"experts": ("lstm",), "hidden_size": 4, "window": 3, "optimizer": "sgd"},
    "objects": {"optimizer": optim.RMSProp(0.001, rho=0.99)},
    "drift": {"drift_detector": drift.binary.DDM(), "hidden_size": 4},
    "gru": {"cell": "gru", "hidden_size": 4},
    "layers=2": {"layers": 2, "hidden_size": 4, "window": 8},
    "without-network": {"experts": ("transitions", "logistic", "random_features")},
}
STREAMS = {"Phishing": datasets.Phishing, "ImageSegments": datasets.ImageSegments}
OF_A_CLASSIFIER: tuple[Check, ...] = (
    clf.check_classifier_tracks_seen_labels,
    clf.check_predict_proba_one,
    common.check_predict_proba_many_matches_predict_proba_one,
    *IN_BATCHES,
)
LEFT_OUT = {
    "river.checks.check_estimator": "runs yield_checks: each of those is here by name",
    "river.checks.anomaly.check_roc_auc": "for anomaly detectors",
    "river.checks.clf.check_predict_proba_one_binary": "for classifiers of two classes only; it "
    "asks for False and True before any label was seen",
    "river.checks.common.check_debug_one": "no debug_one: river asks it of models that have one",
    "river.checks.common.check_has_tag": "asks for a given tag; a classifier needs none",
    "river.checks.common.check_transform_many_matches_transform_one": "for transformers",
    "river.checks.common.check_transform_one": "for transformers",
    "river.checks.common.check_wrapper_accepts_kwargs": "for wrappers of another model",
    "river.checks.model_selection.check_model_selection_order_does_not_matter": "for selectors",
    "river.checks.reco.check_reco_routine": "for recommenders",
    "river.checks.time_series.check_forecast": "for forecasters with a horizon",
    "river.checks.time_series.check_learn_one": "for forecasters with a horizon",
}


@functools.cache
def events(stream: str) -> list[tuple[dict[str, Any], Any]]:
    return list(STREAMS[stream]())


@pytest.fixture
def model(request: pytest.FixtureRequest) -> LSTMClassifier:
    """Seed the shuffling that river's checks do with the global generator."""
    random.seed(request.node.name)
    return LSTMClassifier(**request.param)


parameterisations = pytest.mark.parametrize(
    "model", [pytest.param(p, id=name) for name, p in PARAMETERS.items()], indirect=True
)


@parameterisations
@pytest.mark.parametrize("check", WITHOUT_STREAM, ids=lambda check: check.__name__)
def test_model(model: LSTMClassifier, check: Check) -> None:
    check(model)


def test_it_takes_more_than_two_classes() -> None:
    clf.check_multiclass_is_bool(LSTMClassifier())
    assert LSTMClassifier()._multiclass


@parameterisations
@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize(
    "check", [*ON_A_STREAM, *OF_A_CLASSIFIER], ids=lambda check: check.__name__
)
def test_model_on_stream(model: LSTMClassifier, check: Check, stream: str) -> None:
    check(model, events(stream)[:EVENTS])


@parameterisations
@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("check", ON_A_LONG_STREAM, ids=lambda check: check.__name__)
def test_model_on_long_stream(model: LSTMClassifier, check: Check, stream: str) -> None:
    check(model, events(stream)[:EVENTS_LONG])


def test_every_check_of_river_is_applied_or_left_out_with_a_reason() -> None:
    groups = (*WITHOUT_STREAM, *ON_A_STREAM, *ON_A_LONG_STREAM, *OF_A_CLASSIFIER)
    applied = [full_name(check) for check in (*groups, clf.check_multiclass_is_bool)]
    assert len(set(applied)) == len(applied)
    assert set(applied).isdisjoint(LEFT_OUT)
    assert set(applied) | set(LEFT_OUT) == set(shipped())


def test_what_is_left_out_for_lack_of_a_method_still_lacks_it() -> None:
    assert not hasattr(LSTMClassifier, "debug_one")
