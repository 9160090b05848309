"""Labels that come late, and events that come when they like."""

import math
import pickle
from datetime import UTC, datetime, timedelta
from typing import Any

import numba
import numpy as np
import pytest
from river import evaluate, metrics, stream

from streamlstm import LSTMClassifier, LSTMRegressor
from tests.support.streams.seeded import normal, uniform

SMALL: dict[str, Any] = {"hidden_size": 4, "window": 4}
START = datetime(2024, 1, 1, tzinfo=UTC)
Event = tuple[dict[str, Any], Any]


def numbers(n: int) -> list[Event]:
    drawn = normal(1, n, 2)
    return [({"a": a}, 5.0 + math.sin(k) + 0.1 * b) for k, (a, b) in enumerate(drawn.tolist())]


def classes(n: int) -> list[Event]:
    return [(x, "high" if y > 5.0 else "low") for x, y in numbers(n)]


KINDS = [(LSTMRegressor, numbers), (LSTMClassifier, classes)]
both = pytest.mark.parametrize(("kind", "events_of"), KINDS, ids=["regressor", "classifier"])


@both
@pytest.mark.parametrize("delay", [1, 5])
def test_a_prediction_starts_from_the_last_labelled_event(
    kind: Any, events_of: Any, delay: int
) -> None:
    events = events_of(30)
    steps = evaluate.iter_progressive_val_score(
        events,
        kind(**SMALL),
        metrics.Accuracy() if kind is LSTMClassifier else metrics.MAE(),
        delay=delay,
        yield_predictions=True,
    )
    found = [step["Prediction"] for step in steps]
    learnt, expected = kind(**SMALL), []
    for n, (x, _) in enumerate(events):
        if n >= delay:  # the label of that one has just come
            learnt.learn_one(*events[n - delay])
        expected.append(learnt.predict_one(x))
    assert found[: len(expected)] == expected


@both
def test_the_state_moves_where_a_label_comes_and_nowhere_else(kind: Any, events_of: Any) -> None:
    model = kind(**SMALL)
    for _, x, y in stream.simulate_qa(events_of(20), None, 3):
        before = pickle.dumps(model)
        if y is None:
            model.predict_one(x)
        else:
            model.learn_one(x, y)
        assert (pickle.dumps(model) == before) == (y is None)


@pytest.mark.skipif(numba.config.DISABLE_JIT, reason="thousands of events")
@pytest.mark.parametrize("seed", [1, 2])
def test_the_time_since_the_last_event_says_how_far_a_level_has_risen(seed: int) -> None:
    """A tank fills steadily, and is read at irregular times."""
    minutes = 30.5 + 29.5 * uniform(seed, 1500)
    times = [START + timedelta(minutes=m) for m in np.cumsum(minutes).tolist()]
    levels = 0.1 * np.cumsum(minutes) + 0.05 * normal(seed, 1500)

    def error(features: list[dict[str, Any]]) -> float:
        model, errors = LSTMRegressor(), []
        for x, level in zip(features, levels.tolist(), strict=True):
            errors.append(abs(level - model.predict_one(x)))
            model.learn_one(x, level)
        return float(np.mean(errors[300:]))

    assert error([{"time": time} for time in times]) < 0.3 * error([{}] * len(times))
