"""A target that its features explain is no anomaly, and one that they do not is."""

import math
import pickle
from typing import Any

import pytest

from streamlstm import LSTMDetector, LSTMSupervisedDetector
from tests.support.streams.seeded import integers, stream

EVENTS = 2000
SMALL: dict[str, Any] = {
    "hidden_size": 8,
    "window": 4,
    "warm_up": 20,
    "resolve_after": 2,
    "cooldown": 3,
}
LOW, HIGH = 1.0, 8.0


def heat(load: float) -> float:
    return 20.0 + 3.0 * load


def taught() -> LSTMSupervisedDetector:
    model = LSTMSupervisedDetector(**SMALL)
    noise = stream("steady", 1, EVENTS)[:, 0]
    for kind, one in zip(integers(1, 4, EVENTS), noise, strict=True):
        load = HIGH if kind == 0 else LOW
        model.learn_one({"load": load}, heat(load) + 0.1 * float(one))
    return model


def test_a_score_asks_what_the_features_explain() -> None:
    model = taught()
    as_ever, hot = {"load": HIGH}, heat(HIGH)
    assert model.score_one(as_ever, hot) < 2.0
    assert model.score_one({"load": LOW}, hot) > 3.0


def test_an_alert_opens_and_says_what_was_expected() -> None:
    model = taught()
    model.learn_one({"load": LOW}, heat(HIGH))
    assert model.alerting
    assert model.expected is not None
    forecast, low, high = model.expected
    assert low < forecast < high < heat(HIGH)
    assert model.standardised_error > 10.0


def test_before_the_first_event_nothing_is_odd() -> None:
    model = LSTMSupervisedDetector(**SMALL)
    assert (model.score_one({"load": 1.0}, 1e9), model.expected, model.standardised_error) == (
        0.0,
        None,
        0.0,
    )
    assert not model.alerting
    assert model.score_one(None, 3) == 0.0


@pytest.mark.parametrize("y", [None, math.nan, math.inf, 1e308])
def test_a_target_that_is_no_number_is_passed_over(y: Any) -> None:
    model = taught()
    before = pickle.dumps(model)
    model.learn_one({"load": LOW, "new": 1.0}, y)
    assert pickle.dumps(model) == before


def test_features_named_as_the_target_is_inside_are_features() -> None:
    model = LSTMSupervisedDetector(**SMALL)
    for n in range(60):
        model.learn_one({"target": float(n % 2)}, 5.0 * (n % 2))
    assert model.score_one({"target": 1.0}, 5.0) < model.score_one({"target": 0.0}, 5.0)


def test_without_features_it_is_the_detector_of_one_number() -> None:
    ours, theirs = LSTMSupervisedDetector(**SMALL), LSTMDetector("y", **SMALL)
    for value in stream("steady", 3, 60)[:, 0].tolist():
        assert ours.score_one({}, value) == theirs.score_one({"y": value})
        ours.learn_one({}, value)
        theirs.learn_one({"y": value})
