"""The series of the accuracy benchmark: river's, a public one, and two synthetic ones."""

import csv
import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from river import datasets

Event = tuple[dict[str, Any], float]


@dataclass(frozen=True, slots=True)
class Series:
    """A named stream, how it is scored, and what is required of us.

    Parameters
    ----------
    name
    events
    season
        The period that a seasonal peer is told; 0 for none.
    relative
        Whether the score is the root mean square error over the second half, divided by the
        standard deviation there; else it is the mean absolute error from the second event.
    ratio_max
        The most our score may be of persistence's.
    """

    name: str
    events: list[Event]
    season: int = 0
    relative: bool = False
    ratio_max: float | None = None

    @property
    def metric(self) -> str:
        """Name the score."""
        return "NRMSE of the second half" if self.relative else "MAE from the second event"

    def score(self, forecasts: list[float]) -> float:
        """Score one forecast per event."""
        y = np.array([y for _, y in self.events], float)
        error = np.array(forecasts) - y
        if self.relative:
            half = len(y) // 2
            return float(np.sqrt(np.mean(error[half:] ** 2)) / y[half:].std())
        return float(np.abs(error[1:]).mean())


def mackey_glass(events: int, delay: int = 17, steps: int = 10) -> list[Event]:
    """Integrate dx/dt = .2 x(t − τ) / (1 + x(t − τ)¹⁰) − .1 x, and take one value per unit of t."""
    skipped, lag = 200, delay * steps
    x = [1.2] * (lag + 1)
    for _ in range((skipped + events) * steps):
        past = x[-1 - lag]
        x.append(x[-1] + (0.2 * past / (1.0 + past**10) - 0.1 * x[-1]) / steps)
    return [({}, value) for value in x[lag + 1 + skipped * steps :: steps]][:events]


def switching_sines(
    events: int, seed: int = 0, regime: int = 500, noise: float = 0.1
) -> list[Event]:
    """Change between two mixtures of sines every ``regime`` events, under noise."""
    chance = np.random.default_rng(seed)
    made = []
    for t in range(events):
        long, short = ((25.0, 7.0), (40.0, 11.0))[(t // regime) % 2]
        wave = math.sin(2.0 * math.pi * t / long) + 0.5 * math.sin(2.0 * math.pi * t / short)
        made.append(({}, wave + noise * float(chance.standard_normal())))
    return made


def taxi(folder: Path) -> list[Event]:
    """Read the taxi passengers of New York, every half hour, from a copy of NAB."""
    path = folder / "data" / "realKnownCause" / "nyc_taxi.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return [
            ({"time": datetime.fromisoformat(row["timestamp"])}, float(row["value"]))
            for row in csv.DictReader(file)
        ]


def all_series(nab: Path | None) -> list[Callable[[], Series]]:
    """Give every series as a call that loads it."""
    found: list[Callable[[], Series]] = [
        lambda: Series("TrumpApproval", list(datasets.TrumpApproval()), ratio_max=0.919),
        lambda: Series("WaterFlow", list(datasets.WaterFlow()), ratio_max=0.97),
        lambda: Series(
            "AirlinePassengers", list(datasets.AirlinePassengers()), season=12, ratio_max=0.345
        ),
        lambda: Series("Mackey-Glass (17)", mackey_glass(4000), relative=True, ratio_max=0.01),
        lambda: Series("sines, switching", switching_sines(4000), relative=True, ratio_max=0.38),
    ]
    if nab is not None:
        found.append(functools.partial(lambda folder: Series("NYC taxi", taxi(folder)), nab))
    return found
