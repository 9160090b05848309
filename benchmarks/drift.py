"""Benefit of a drift detector after an abrupt change, and its cost without one."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from river import datasets, drift
from river.datasets import synth

from benchmarks.common.series import mackey_glass
from streamlstm import LSTMClassifier, LSTMRegressor

EVENTS, DRIFT_AT, SOON, SEEDS = 3000, 1500, 300, (1, 2, 3)
NUMBERS = ("period", "size", "level", "autoregression", "sign", "recurrence", "lag")
LABELS = ("sides", "XOR, circle", "Markov chain", "lag", "SEA", "STAGGER")
Event = tuple[dict[str, Any], Any]


def numbers(kind: str, seed: int, drift_at: int = DRIFT_AT) -> Iterator[Event]:
    """Draw a stream of numbers whose ``kind`` of law changes at ``drift_at``."""
    random = np.random.default_rng(seed)
    a, b = random.normal(size=(2, EVENTS))
    noise = random.normal(0.0, 0.3, EVENTS)
    last = 0.0
    for n in range(EVENTS):
        new = n >= drift_at
        made = {
            "period": 10.0 * math.sin(n / (2.0 if new else 5.0)) + noise[n],
            "size": 10.0 * math.sin(n / 5.0) * (20.0 if new else 1.0) + noise[n],
            "level": 10.0 * math.sin(n / 5.0) + (200.0 if new else 0.0) + noise[n],
            "autoregression": (-0.8 if new else 0.9) * last + 3.0 * noise[n],
            "sign": (3.0 * a[n] - 2.0 * b[n]) * (-1.0 if new else 1.0) + noise[n],
            "recurrence": (3.0 * math.sin(3.0 * last) if new else abs(last) - 1.5) + 0.3 * noise[n],
            "lag": 4.0 * a[max(n - (7 if new else 3), 0)] + noise[n],
        }
        last = float(made[kind])
        yield {"a": a[n], "b": b[n]} if kind in {"sign", "lag"} else {}, last


def labels(kind: str, seed: int, drift_at: int = DRIFT_AT) -> Iterator[Event]:
    """Draw a stream of labels whose ``kind`` of law changes at ``drift_at``."""
    if kind in {"SEA", "STAGGER"}:
        for law, events in ((0, DRIFT_AT), (1, EVENTS - DRIFT_AT)):
            made = synth.SEA(3 * law, seed) if kind == "SEA" else synth.STAGGER(2 * law, seed)
            for x, y in made.take(events):
                yield {name: len(v) if isinstance(v, str) else v for name, v in x.items()}, y
        return
    random = np.random.default_rng(seed)
    points, odd = random.uniform(-1.0, 1.0, (EVENTS, 2)), random.random(EVENTS)
    last = 0
    for n, (a, b) in enumerate(points.tolist()):
        new = n >= drift_at
        made = {
            "sides": (a + b > 0.0) != new,
            "XOR, circle": a * a + b * b > 0.6 if new else a * b > 0.0,
            "Markov chain": (last + (2 if new else 1)) % 3,
            "lag": points[max(n - (4 if new else 2), 0), 0] > 0.0,
        }
        last = int(made[kind]) if odd[n] > 0.05 else int(odd[n] * 40.0)
        yield {"a": a, "b": b}, last


def errors(make: Callable[..., Any], events: list[Event], detector: Any) -> tuple[Any, int]:
    """Return the error of each event, and how many drifts were found."""
    model, found = make(drift_detector=detector), []
    for x, y in events:
        said = model.predict_one(x)
        found.append(abs(said - y) if make is LSTMRegressor else float(said != y))
        model.learn_one(x, y)
    return np.array(found[1:]), model.drifts_seen


def main() -> None:
    """Print one table of changes, and one of streams without."""
    abrupt: list[tuple[Any, Any, tuple[str, ...]]] = [
        (LSTMRegressor, numbers, NUMBERS),
        (LSTMClassifier, labels, LABELS),
    ]
    print("| change | first 300, without | with ADWIN | all after, without | with | drifts |")
    print("|---|---|---|---|---|---|")
    steady: list[tuple[Any, str, list[Event]]] = [
        (LSTMRegressor, "TrumpApproval", list(datasets.TrumpApproval())),
        (LSTMRegressor, "WaterFlow", list(datasets.WaterFlow())),
        (LSTMRegressor, "AirlinePassengers", list(datasets.AirlinePassengers())),
        (LSTMRegressor, "Mackey-Glass", mackey_glass(EVENTS)),
        (LSTMClassifier, "Phishing", list(datasets.Phishing())),
        (LSTMClassifier, "ImageSegments", list(datasets.ImageSegments())),
        (LSTMClassifier, "Bananas", list(datasets.Bananas())),
    ]
    for make, draw, kinds in abrupt:
        for kind in kinds:
            cells, drifts = [], []
            streams = [list(draw(kind, seed)) for seed in SEEDS]
            for detector in (None, drift.ADWIN()):
                runs = [errors(make, events, detector) for events in streams]
                after = [found[DRIFT_AT - 1 :] for found, _ in runs]
                cells.append([np.mean([e[:SOON] for e in after]), np.mean(after)])
                drifts = [str(seen) for _, seen in runs]
            said = " | ".join(f"{cells[k][part]:.3f}" for part in (0, 1) for k in (0, 1))
            print(f"| {make.__name__}: {kind} | {said} | {', '.join(drifts)} |", flush=True)
            if kind not in {"SEA", "STAGGER", "lag", "level", "size"}:
                steady.append((make, f"{kind}, steady", list(draw(kind, 4, EVENTS))))
    detectors = (None, drift.ADWIN(), drift.PageHinkley(), drift.KSWIN(seed=1))
    print("\n| nothing changes | without | ADWIN | PageHinkley | KSWIN |\n|---|---|---|---|---|")
    for make, name, events in steady:
        runs = [errors(make, events, detector)[0].mean() for detector in detectors]
        print(f"| {make.__name__}: {name} | " + " | ".join(f"{run:.5f}" for run in runs) + " |")


if __name__ == "__main__":
    main()
