"""What an exported network's numbers are said to be is what the kernels make of an event."""

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from streamlstm import LSTMClassifier, LSTMForecaster, LSTMRegressor
from streamlstm.io import export_network
from tests.support.streams.networks import inputs_of

START = datetime(2026, 1, 1, tzinfo=UTC)
N = 41


def features(n):
    """A number that is missing now and then, one that never varies, and a clock."""
    x = {"load": float(n % 5) if n % 4 else None, "valve": 1.0}
    return x | {"at": START + timedelta(minutes=37 * n + n % 3)}


def raw(n):
    """What the names of the inputs say of event n."""
    x, before = features(n), features(n - 1)
    seen = next(features(k)["load"] for k in range(n - 1, 0, -1) if features(k)["load"] is not None)
    hour = x["at"].hour + x["at"].minute / 60.0
    turns = {"hour": hour / 24.0, "weekday": (x["at"].weekday() + hour / 24.0) / 7.0}
    made = {"load": x["load"], "load change": x["load"] - seen, "valve": 1.0, "valve change": 0.0}
    for name, turn in turns.items():
        made[f"at@{name} sine"] = math.sin(2.0 * math.pi * turn)
        made[f"at@{name} cosine"] = math.cos(2.0 * math.pi * turn)
    made["at@interval"] = (x["at"] - before["at"]).total_seconds()
    return made | {"at@interval change": 77.0}  # which counts for nothing


def said(network, raw):
    values = np.array([raw[name] for name in network.input_names])
    return np.clip((values - network.input_offset) * network.input_scale, -5.0, 5.0)


@pytest.mark.parametrize("cell", ["lstm", "elstm"])
@pytest.mark.parametrize("autoregressive", [True, False])
def test_inputs_of_a_regressor(autoregressive, cell):
    model = LSTMRegressor(hidden_size=4, autoregressive=autoregressive, cell=cell)
    for n in range(N):
        model.learn_one(features(n), n % 7)
    network = export_network(model)
    model.learn_one(features(N), N % 7)
    told = raw(N) | {"target": (N - 1) % 7, "target change": 1.0}
    np.testing.assert_allclose(inputs_of(model), said(network, told), 1e-5, 1e-6)
    assert (np.abs(said(network, told)) > 0.01).sum() >= 7


@pytest.mark.parametrize("autoregressive", [True, False])
def test_inputs_of_a_classifier(autoregressive):
    model = LSTMClassifier(hidden_size=4, autoregressive=autoregressive)
    for n in range(N):
        model.learn_one(features(n), ["dry", "wet", 3][n % 3])
    network = export_network(model)
    model.learn_one(features(N), "dry")
    last, before = (["dry", "wet", 3][n % 3] for n in (N - 1, N - 2))
    told = raw(N)
    for label, name in {"dry": "dry", "wet": "wet", 3: "@int 3"}.items():
        told |= {f"{name} last": last == label, f"{name} before": before == label}
    np.testing.assert_allclose(inputs_of(model), said(network, told), 1e-5, 1e-6)


def test_a_missing_feature_is_nothing():
    model = LSTMForecaster(hidden_size=4)
    for n in range(N):
        model.learn_one(n % 7, {"load": n % 5})
    model.learn_one(1.0)
    assert inputs_of(model)[:2].all()
    assert not inputs_of(model)[2:].any()


def test_a_copy_does_not_follow_the_model():
    model = LSTMRegressor(hidden_size=4)
    network = export_network(model)
    before = network.gates.copy()
    for n in range(N):
        model.learn_one({}, n % 7)
    assert (network.gates == before).all()
    assert (export_network(model).gates != before).any()


def test_a_classifier_without_a_network():
    model = LSTMClassifier(experts=["frequencies", "logistic"])
    model.learn_one({}, "dry")
    with pytest.raises(ValueError, match=r"none of the experts .* has a network"):
        export_network(model)


def test_layers_go_from_the_first_up():
    one, three = (export_network(LSTMRegressor(hidden_size=4, layers=n)) for n in (1, 3))
    assert (three.gates == one.gates).all()  # which begins as it does alone
    two = export_network(LSTMRegressor(hidden_size=4, layers=2))
    assert (three.upper[:1] == two.upper).all()
    assert (one.upper.shape, three.upper.shape) == ((0, 9, 16), (2, 9, 16))
    assert (one.state.shape, three.state.shape) == ((2, 4), (6, 4))
