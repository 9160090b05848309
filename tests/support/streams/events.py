"""Events as river gives them: seeded streams of feature dicts, and a pass over them."""

import math
import random
from collections.abc import Hashable
from datetime import UTC, datetime, timedelta
from typing import Any

import numba

from streamlstm import LSTMRegressor

SLOW = bool(numba.config.DISABLE_JIT)
EVENTS = 20 if SLOW else 200
SPIKE = 13
START = datetime(2024, 2, 28, 12, tzinfo=UTC)

Event = tuple[dict[Hashable, Any], float]


def feature_stream(seed: int = 0, events: int = EVENTS) -> list[Event]:
    """Give a target that follows two features and spikes once; a third feature comes and goes."""
    chance, made = random.Random(seed), []
    for n in range(events):
        x: dict[Hashable, Any] = {"a": chance.random(), "b": chance.random() - n % 3, "on": n % 2}
        if n % 5:
            x["c"] = chance.choice([chance.random(), None, math.nan, math.inf])
        x["time"] = START + timedelta(hours=n)
        spike = 60.0 if n == SPIKE else 0.0
        made.append((x, 50.0 + 3.0 * x["a"] - x["b"] + chance.gauss(0.0, 0.1) + spike))
    return made


def forecasts(model: LSTMRegressor, events: list[Event]) -> list[float]:
    made = []
    for x, y in events:
        made.append(model.predict_one(x))
        model.learn_one(x, y)
    return made


def small(**parameters: Any) -> LSTMRegressor:
    return LSTMRegressor(**{"hidden_size": 4, "window": 4} | parameters)
