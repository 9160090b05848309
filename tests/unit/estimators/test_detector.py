import math
import pickle
from datetime import UTC, datetime, timedelta
from typing import Any

import numba
import pytest

from streamlstm import LSTMDetector
from tests.support.streams.seeded import stream

EVENTS = 60 if numba.config.DISABLE_JIT else 400
SMALL: dict[str, Any] = {
    "hidden_size": 3,
    "window": 4,
    "warm_up": 20,
    "resolve_after": 2,
    "cooldown": 3,
}


def quiet_stream(seed: int = 1, n: int = EVENTS) -> list[dict[str, Any]]:
    noise = stream("steady", seed, n)[:, 0]
    return [{"flow": float(v), "load": float(v) / 2.0} for v in noise]


def taught(**parameters: Any) -> LSTMDetector:
    model = LSTMDetector(**SMALL | parameters)
    for x in quiet_stream(n=EVENTS + 1)[:-1]:
        model.learn_one(x)
    return model


def next_usual() -> dict[str, Any]:
    """Give the event that follows what a model was taught."""
    return quiet_stream(n=EVENTS + 1)[-1]


def test_scores_are_zero_before_anything_is_known() -> None:
    model = LSTMDetector(**SMALL)
    assert model.score_one({"flow": 1e9}) == 0.0
    assert (model.expected, model.standardised_errors, model.alerting) == ({}, {}, False)
    for x in quiet_stream()[: SMALL["warm_up"] - 1]:
        model.learn_one(x)
        assert model.score_one({"flow": 1e9}) == 0.0


def test_a_spike_scores_and_opens_an_alert_that_ends() -> None:
    model = taught(target="flow")
    usual = next_usual()
    spike = usual | {"flow": usual["flow"] + 1000.0}
    assert model.score_one(spike) > 3.0 > model.score_one(usual)
    was = model.alerting
    model.learn_one(spike)
    assert (was, model.alerting) == (False, True)
    forecast, low, high = model.expected["flow"]
    assert low < forecast < high < spike["flow"]
    assert model.standardised_errors["flow"] > 10.0
    for x in quiet_stream(seed=2, n=30):
        model.learn_one(x)
    assert not model.alerting


def test_every_number_of_the_first_event_is_watched() -> None:
    model = LSTMDetector(**SMALL)
    start = datetime(2022, 3, 20, tzinfo=UTC)
    for hour, x in enumerate(quiet_stream()):
        model.learn_one(x | {"at": start + timedelta(hours=hour), "late": 1.0})
    assert set(model.expected) == {"flow", "load", "late"}
    usual = next_usual()
    assert model.score_one(usual | {"load": 1e6}) > 3.0


def test_a_named_target_alone_is_watched() -> None:
    """The load tells nothing of the flow here; where it does, an odd load makes the flow odd."""
    model = LSTMDetector(**SMALL, target="flow")
    for n, x in enumerate(quiet_stream(n=EVENTS + 1)[:-1]):
        model.learn_one(x | {"load": float(n % 7)})
    assert set(model.expected) == {"flow"}
    assert model.score_one(next_usual() | {"load": 1e6}) < 3.0


def test_asking_changes_nothing() -> None:
    model = taught()
    before = pickle.dumps(model)
    model.score_one({"flow": 3.0, "new": 1.0})
    assert pickle.dumps(model) == before


@pytest.mark.parametrize("value", [math.nan, math.inf, 1e308, None])
def test_an_event_without_a_watched_number_is_passed_over(value: float | None) -> None:
    model = taught(target="flow")
    expected, before = model.expected, pickle.dumps(model)
    model.learn_one({"flow": value, "fresh": 1.0})
    assert pickle.dumps(model) == before
    assert model.expected == expected


def test_a_first_event_without_numbers_is_passed_over() -> None:
    model = LSTMDetector(**SMALL)
    model.learn_one({"flow": None, "at": datetime(2022, 3, 20, tzinfo=UTC)})
    model.learn_one({"flow": 1.0})
    assert set(model.expected) == {"flow"}


def test_one_watched_feature_may_be_missing() -> None:
    model = taught()
    for x in quiet_stream(seed=3, n=10):
        model.learn_one({"flow": x["flow"], "load": None})
    assert math.isfinite(model.score_one(quiet_stream()[-1]))


def test_what_is_no_number_is_named() -> None:
    model = taught(target="flow")
    with pytest.raises(TypeError, match="'load'"):
        model.learn_one({"flow": 1.0, "load": "high"})
    with pytest.raises(TypeError, match="str 'high'"):
        model.score_one({"flow": "high"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("false_alarm_rate", 0.0),
        ("warm_up", 1),
        ("resolve_after", 0),
        ("cooldown", -1),
        ("hidden_size", 0),
    ],
)
def test_a_parameter_out_of_range_is_named(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=name):
        LSTMDetector(target="flow", **{name: value})


def test_pickled_in_mid_stream_it_goes_on_bit_for_bit() -> None:
    stream = quiet_stream(seed=5)
    model = LSTMDetector(**SMALL)
    for x in stream[: len(stream) // 2]:
        model.learn_one(x)
    copy = pickle.loads(pickle.dumps(model))
    for x in stream[len(stream) // 2 :]:
        assert copy.score_one(x) == model.score_one(x)
        copy.learn_one(x)
        model.learn_one(x)
