"""A drift detector beside a model: it recovers sooner, and a steady stream is learnt as without."""

import math
import pickle
from typing import Any

import numba
import numpy as np
import pandas as pd
import pytest
from river import base, drift

from streamlstm import LSTMClassifier, LSTMRegressor
from tests.support.streams.seeded import normal

DRIFT_AT, EVENTS = 600, 1200
needs_the_jit = pytest.mark.skipif(numba.config.DISABLE_JIT, reason="thousands of events")
Event = tuple[dict[str, Any], Any]


def signs(seed: int, *, drifts: bool) -> list[Event]:
    """Give two features and what follows from them under noise; its sign changes, or does not."""
    drawn = normal(seed, EVENTS, 3)
    return [
        ({"a": a, "b": b}, (2.0 * a + b) * (-1.0 if drifts and n >= DRIFT_AT else 1.0) + 0.3 * e)
        for n, (a, b, e) in enumerate(drawn.tolist())
    ]


def labels(seed: int, *, drifts: bool) -> list[Event]:
    """Give two features and on which side of a line they lie; the sides are exchanged, or not."""
    drawn = normal(seed, EVENTS, 2)
    return [
        ({"a": a, "b": b}, bool((a + b > 0.0) != (drifts and n >= DRIFT_AT)))
        for n, (a, b) in enumerate(drawn.tolist())
    ]


def regressor_errors(events: list[Event], **parameters: Any) -> tuple[LSTMRegressor, list[float]]:
    model, errors = LSTMRegressor(**parameters), []
    for x, y in events:
        errors.append(abs(y - model.predict_one(x)))
        model.learn_one(x, y)
    return model, errors


def classifier_errors(events: list[Event], **parameters: Any) -> tuple[LSTMClassifier, list[float]]:
    model, errors = LSTMClassifier(**parameters), []
    for x, y in events:
        errors.append(float(model.predict_one(x) != y))
        model.learn_one(x, y)
    return model, errors


KINDS = [(signs, regressor_errors), (labels, classifier_errors)]
both = pytest.mark.parametrize(("stream", "errors_of"), KINDS, ids=["regressor", "classifier"])


@needs_the_jit
@both
@pytest.mark.parametrize("seed", [1, 2])
def test_it_recovers_sooner_after_an_abrupt_change(stream: Any, errors_of: Any, seed: int) -> None:
    events = stream(seed, drifts=True)
    plain, without = errors_of(events)
    watched, errors = errors_of(events, drift_detector=drift.ADWIN())
    assert (plain.drifts_seen, watched.drifts_seen) == (0, 1)
    assert np.mean(errors[DRIFT_AT:]) < 0.9 * np.mean(without[DRIFT_AT:])


@needs_the_jit
@both
@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_is_lost_where_nothing_changes(stream: Any, errors_of: Any, seed: int) -> None:
    """Errors that fall while a model begins to learn are no drift."""
    events = stream(seed, drifts=False)
    watched, errors = errors_of(events, drift_detector=drift.ADWIN())
    assert watched.drifts_seen == 0
    assert errors == errors_of(events)[1]


@needs_the_jit
@both
def test_a_batch_drifts_where_its_rows_do(stream: Any, errors_of: Any) -> None:
    events = stream(1, drifts=True)
    one, _ = errors_of(events, drift_detector=drift.ADWIN())
    many = one.clone()
    many.learn_many(pd.DataFrame([x for x, _ in events]), pd.Series([y for _, y in events]))
    assert many.drifts_seen == one.drifts_seen == 1
    assert many.predict_one(events[0][0]) == one.predict_one(events[0][0])
    copy = pickle.loads(pickle.dumps(many))
    assert copy.drifts_seen == 1
    assert copy.clone().drifts_seen == 0


@needs_the_jit
def test_the_detector_given_is_left_alone() -> None:
    detector = drift.ADWIN()
    regressor_errors(signs(1, drifts=True), drift_detector=detector)
    assert detector.width == 0


@needs_the_jit
def test_a_classifier_takes_a_detector_of_wrong_and_right() -> None:
    model, _ = classifier_errors(labels(1, drifts=True), drift_detector=drift.binary.DDM())
    assert model.drifts_seen > 0


class LargeErrors(base.DriftDetector):
    """Fires at each error above 0.9."""

    def update(self, x: float) -> None:
        self._drift_detected = x > 0.9


def test_experts_are_even_again_and_learn_as_fast_as_at_first() -> None:
    """At the first event that is no longer as those before."""
    regressor = LSTMRegressor(hidden_size=4, window=4, drift_detector=LargeErrors())
    classifier = LSTMClassifier(hidden_size=4, window=4, drift_detector=LargeErrors())
    for n in range(62):
        regressor.learn_one({}, float(n % 2) if n < 61 else 100.0)
        classifier.learn_one({}, "late" if n == 61 else "early")
    assert (regressor.drifts_seen, classifier.drifts_seen) == (1, 1)
    even = {name for name, weight in regressor.expert_weights.items() if weight == 1 / 6}
    assert even == {"persistence", "linear_1", "linear_24", "lstm", "memory", "periodic"}
    np.testing.assert_allclose(list(classifier.expert_weights.values()), 1 / 6)
    assert (classifier._model.views()["random_p"] == np.eye(100)).all()


@pytest.mark.parametrize("detector", ["adwin", drift.binary.DDM(), drift.ADWIN])
def test_what_is_no_detector_of_numbers_is_refused(detector: Any) -> None:
    with pytest.raises(TypeError, match="drift_detector must be a river detector for numbers"):
        LSTMRegressor(drift_detector=detector)


def test_events_without_a_label_or_a_target_are_not_watched() -> None:
    model = LSTMClassifier(drift_detector=drift.ADWIN())
    for _ in range(3):
        model.learn_one({"a": 1.0}, None)
    assert model._drift._errors == 0
    regressor = LSTMRegressor(drift_detector=drift.ADWIN())
    for y in (1.0, 2.0, math.nan, 3.0):
        regressor.learn_one({}, y)
    assert regressor._drift._errors == 1  # the first two only say how large a change is
