"""CPU time of an event in a frame and one by one; the best of five runs."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from streamlstm import LSTMClassifier, LSTMMultiTargetRegressor, LSTMRegressor

EVENTS, ROUNDS = 10_000, 5


def microseconds(action: Callable[[], Any]) -> float:
    """Return the CPU time of an event, in µs."""
    taken = []
    for _ in range(ROUNDS):
        start = time.process_time()
        action()
        taken.append(time.process_time() - start)
    return min(taken) / EVENTS * 1e6


def each(action: Callable[..., Any], *columns: list[Any]) -> None:
    """Apply a method to every row."""
    for row in zip(*columns, strict=True):
        action(*row)


def main() -> None:
    """Print a row for each model."""
    random = np.random.default_rng(0)
    features = pd.DataFrame(random.normal(size=(EVENTS, 4)), columns=list("abcd"))
    y = pd.Series(random.normal(size=EVENTS).cumsum())
    label = pd.Series(np.array(["u", "v", "w"])[random.integers(3, size=EVENTS)])
    timed = features.assign(time=pd.date_range("2024", periods=EVENTS, freq="h"))
    several = pd.DataFrame({"y": y, "z": -y})
    cases: dict[str, tuple[Callable[[], Any], pd.DataFrame, Any]] = {
        "LSTMRegressor": (LSTMRegressor, features, y),
        "LSTMRegressor(update_every=4)": (partial(LSTMRegressor, update_every=4), features, y),
        "LSTMRegressor, a datetime": (LSTMRegressor, timed, y),
        "LSTMMultiTargetRegressor, 2": (LSTMMultiTargetRegressor, features, several),
        "LSTMClassifier, 3": (LSTMClassifier, features, label),
    }
    print("| CPU µs an event | learn_one | learn_many | predict_one | predict_many |")
    print("|---|---|---|---|---|")
    for name, (make, frame, target) in cases.items():
        rows = frame.to_dict("records")
        targets = target.to_dict("records") if target is several else target.tolist()
        model = make()
        model.learn_many(frame, target)
        costs = (
            microseconds(lambda r=rows, t=targets, m=make: each(m().learn_one, r, t)),
            microseconds(lambda f=frame, t=target, m=make: m().learn_many(f, t)),
            microseconds(lambda r=rows, m=model: each(m.predict_one, r)),
            microseconds(lambda f=frame, m=model: m.predict_many(f)),
        )
        print(f"| {name} | " + " | ".join(f"{cost:.1f}" for cost in costs) + " |")


if __name__ == "__main__":
    main()
