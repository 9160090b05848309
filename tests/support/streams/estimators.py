"""Each estimator with events for it, and all that is inside one, to be compared."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
from river import optim

from streamlstm import (
    LSTMClassifier,
    LSTMDetector,
    LSTMForecaster,
    LSTMMultiTargetRegressor,
    LSTMRegressor,
    LSTMSupervisedDetector,
)
from tests.support.streams.seeded import integers, stream

START = datetime(2026, 1, 1, tzinfo=UTC)


class Event(NamedTuple):
    x: dict[Any, Any]
    y: float


def events(seed: int, n: int) -> list[Event]:
    """Draw events whose features appear one after the other, go missing, and have odd names."""
    values, kinds = stream("spike", seed, n, columns=3), integers(seed, 4, n)
    made = []
    for t, (load, flow, level, y) in enumerate(values.tolist()):
        x: dict[Any, Any] = {"load": load}
        if t >= n // 4:
            x |= {7: flow, "at@": START + timedelta(minutes=37 * t)}
        if t >= n // 2:
            x |= {("pump", True): None if kinds[t] == 1 else level, "": kinds[t] == 2}
        if kinds[t] == 3:
            del x["load"]
        made.append(Event(x, y))
    return made


def labels(event: Event) -> Any:
    """Two labels at first, others later, of all kinds; one that is missing now and then."""
    known: list[Any] = ["dry", "wet", None] if len(event.x) < 3 else ["dry", "wet", None, 3, True]
    return known[int(abs(event.y) * 100) % len(known)]


@dataclass(frozen=True)
class Kind:
    """An estimator, its parameters, and what it is taught and asked of an event."""

    made: Any
    parameters: dict[str, Any]

    def __str__(self) -> str:
        """Name a test."""
        return "-".join([self.made.__name__, *(f"{k}={v}" for k, v in self.parameters.items())])

    def fresh(self) -> Any:
        small = {"hidden_size": 4, "window": 5, "update_every": 2}
        return self.made(**small, **self.parameters)

    def learn(self, model: Any, event: Event) -> None:
        if self.made is LSTMDetector:
            model.learn_one({**event.x, "y": event.y})
        elif self.made is LSTMForecaster:
            model.learn_one(event.y, event.x)
        elif self.made is LSTMClassifier:
            model.learn_one(event.x, labels(event))
        elif self.made is LSTMMultiTargetRegressor:
            model.learn_one(event.x, {"y": event.y, 2: -event.y})
        else:
            model.learn_one(event.x, event.y)

    def ask(self, model: Any, event: Event) -> Any:
        if self.made is LSTMDetector:
            asked = model.score_one({**event.x, "y": event.y})
            return asked, model.expected, model.standardised_errors, model.alerting
        if self.made is LSTMSupervisedDetector:
            asked = model.score_one(event.x, event.y)
            return asked, model.expected, model.standardised_error, model.alerting
        if self.made is LSTMForecaster:
            return model.forecast(3, [event.x] * 3)
        if self.made is LSTMClassifier:
            return model.predict_proba_one(event.x), model.expert_weights
        return model.predict_one(event.x), model.expert_weights


KINDS = [
    Kind(LSTMRegressor, {}),
    Kind(LSTMRegressor, {"interval_levels": None, "loss_decay": 0.5, "seed": 2**70}),
    Kind(LSTMRegressor, {"optimizer": "sgd", "autoregressive": False, "cell": "gru"}),
    Kind(LSTMRegressor, {"cell": "elstm"}),
    Kind(LSTMRegressor, {"optimizer": optim.Adam(0.01, 0.8), "loss": optim.losses.Huber(2.0)}),
    Kind(LSTMMultiTargetRegressor, {}),
    Kind(LSTMMultiTargetRegressor, {"targets": ("y", 2, "later")}),
    Kind(LSTMForecaster, {}),
    Kind(LSTMForecaster, {"interval_horizon": 3, "interval_levels": (0.5, 0.9)}),
    Kind(LSTMDetector, {"warm_up": 8}),
    Kind(LSTMDetector, {"target": "y", "warm_up": 8, "resolve_after": 2, "cooldown": 3}),
    Kind(LSTMSupervisedDetector, {"warm_up": 8, "resolve_after": 2, "cooldown": 3}),
    Kind(LSTMClassifier, {}),
    Kind(LSTMClassifier, {"experts": ["frequencies", "lstm"], "classes_max": 5}),
]


def inside(value: Any) -> Any:
    """Return all that makes up an object, arrays as their bytes: equal where nothing differs."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, dict):
        return [(inside(key), inside(item)) for key, item in value.items()]
    if isinstance(value, list | tuple):
        return type(value), [inside(item) for item in value]
    if type(value).__module__.startswith(("streamlstm", "river.optim")):
        return type(value), inside(value.__getstate__())
    return type(value), value
