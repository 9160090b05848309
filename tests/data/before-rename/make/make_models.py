"""The part of make.py that saves models, and writes what each answers when it goes on."""

import hashlib
import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from river import optim
from safetensors.numpy import load as tensors

import streamlstm

START = datetime(2026, 1, 1, tzinfo=UTC)
BEFORE, AFTER = 80, 60  # events of a model: learnt when it was saved, and learnt later
LABELS = ("dry", "wet", None, 3, True)
RMSPROP = {"optimizer": optim.RMSProp(0.01, 0.8), "loss": optim.losses.Huber(2.0)}
SGD = {"optimizer": optim.SGD(optim.schedulers.Constant(0.01)), "loss": optim.losses.Absolute()}
ALERTS = {"warm_up": 8, "quiet": 2, "rest": 3, "false_alarm_rate": 0.05}
MODELS: dict[str, tuple[str, dict[str, Any]]] = {
    "regressor-lstm": ("LSTMRegressor", {}),
    "regressor-lstm-layers": ("LSTMRegressor", {"layers": 2}),
    "regressor-gru-layers": ("LSTMRegressor", {"cell": "gru", "layers": 2}),
    "regressor-rnn-layers": ("LSTMRegressor", {"cell": "rnn", "layers": 2}),
    "regressor-lstm-1997-layers": ("LSTMRegressor", {"cell": "lstm_1997", "layers": 2}),
    "regressor-elstm": ("LSTMRegressor", {"cell": "elstm"}),
    "regressor-rmsprop-huber": ("LSTMRegressor", RMSPROP),
    "regressor-sgd-absolute": ("LSTMRegressor", SGD),
    "regressor-alone": (
        "LSTMRegressor",
        {"mixture": False, "autoregressive": False, "interval_levels": None, "loss_decay": 0.5},
    ),
    "multi-target": ("LSTMMultiTargetRegressor", {"targets": ("y", 2, "later")}),
    "forecaster": ("LSTMForecaster", {"interval_horizon": 3, "interval_levels": (0.5, 0.95)}),
    "classifier": ("LSTMClassifier", {}),
    "classifier-experts": (
        "LSTMClassifier",
        {"experts": ["frequencies", "transitions", "lstm"], "optimizer": optim.Adam(0.01, 0.8)},
    ),
    "detector": ("LSTMDetector", ALERTS),
    "detector-target": ("LSTMDetector", ALERTS | {"target": "y"}),
    "detector-fresh": ("LSTMDetector", {}),
    "supervised-detector": ("LSTMSupervisedDetector", ALERTS),
}


def events() -> list[dict[str, Any]]:
    """Draw events as JSON holds them: features as pairs, for some names are no strings."""
    chance, made = random.Random(1), []
    for n in range(BEFORE + AFTER):
        load, level = chance.uniform(0, 10), chance.gauss(0, 1)
        x: list[list[Any]] = [["load", load], [7, level]]
        x += [["at", {"datetime": (START + timedelta(minutes=37 * n)).isoformat()}]] * (n >= 20)
        x += [[["pump", True], None if n % 5 == 0 else n % 3]] * (n >= 30)
        y = 20 + 3 * load + n % 6 + chance.gauss(0, 0.5) + 60 * (n % 47 in {44, 45})
        label = LABELS[int(load / 2) % (2 if n < 10 else 5)]
        made.append({"x": x, "y": y, "label": label})
    return made


def features(event: dict[str, Any]) -> dict[Any, Any]:
    return {
        tuple(name) if isinstance(name, list) else name: datetime.fromisoformat(value["datetime"])
        if isinstance(value, dict)
        else value
        for name, value in event["x"]
    }


def learn(kind: str, model: Any, event: dict[str, Any]) -> None:
    x, y = features(event), event["y"]
    if kind == "LSTMDetector":
        model.learn_one({**x, "y": y})
    elif kind == "LSTMForecaster":
        model.learn_one(y, x)
    elif kind == "LSTMClassifier":
        model.learn_one(x, event["label"])
    elif kind == "LSTMMultiTargetRegressor":
        model.learn_one(x, {"y": y, 2: -y})
    else:
        model.learn_one(x, y)


def ask(kind: str, model: Any, event: dict[str, Any]) -> list[float]:
    """Return all that a model says of an event; what matters most first."""
    x, y = features(event), event["y"]
    if kind == "LSTMDetector":
        score = model.score_one({**x, "y": y})
        expected = [number for three in model.expected.values() for number in three]
        return [score, float(model.alerting), *expected, *model.surprises.values()]
    if kind == "LSTMSupervisedDetector":
        score = model.score_one(x, y)
        return [score, float(model.alerting), *model.expected, model.surprise]
    if kind == "LSTMForecaster":
        intervals = model.forecast_intervals(3, [x] * 3)
        return [*model.forecast(3, [x] * 3), *(i for v in intervals for i in (v.lower, v.upper))]
    if kind == "LSTMClassifier":
        return [*model.predict_proba_one(x).values(), *model.expert_weights.values()]
    if kind == "LSTMMultiTargetRegressor":
        intervals = model.predict_one(x, with_interval=True).values()
        said = model.predict_one(x).values()
        return [*said, *(i for v in intervals for i in (v.lower, v.upper))]
    said = [model.predict_one(x), *model.expert_weights.values()]
    if model.interval_levels:
        interval = model.predict_one(x, with_interval=True)
        said += [interval.lower, interval.upper]
    return said


def tensor_digest(data: bytes) -> str:
    """Digest the arrays alone, whatever they are called."""
    each = sorted(
        hashlib.sha256(f"{a.dtype} {a.shape}".encode() + a.tobytes()).hexdigest()
        for a in tensors(data).values()
    )
    return hashlib.sha256("".join(each).encode()).hexdigest()


def make_models(folder: Path) -> dict[str, Any]:
    stream = events()
    folder.mkdir()
    told: dict[str, Any] = {}
    for name, (kind, parameters) in MODELS.items():
        small = {"hidden_size": 3, "window": 4, "update_every": 2, "features_max": 8}
        model = getattr(streamlstm, kind)(**small, **parameters)
        for event in stream[: 0 if name.endswith("fresh") else BEFORE]:
            learn(kind, model, event)
        path = folder / f"{name}.safetensors"
        streamlstm.save(model, path)
        said = []
        for event in stream[BEFORE:]:
            said.append([float(number).hex() for number in ask(kind, model, event)])
            learn(kind, model, event)
        whole = hashlib.sha256(json.dumps(said).encode()).hexdigest()
        with TemporaryDirectory() as other:
            streamlstm.save(model, f"{other}/model")
            state = tensor_digest(Path(other, "model").read_bytes())
        told[name] = {"kind": kind, "first": [row[0] for row in said], "all": whole, "state": state}
    return {"events": stream[BEFORE:], "models": told}
