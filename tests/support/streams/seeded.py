"""Seeded streams: the one place where tests meet chance.

A stream is an array of events, (n, columns + outputs): features, then targets.
"""

import numpy as np
from numpy.typing import NDArray

KINDS = ("steady", "drift", "spike", "gap", "constant", "appears")
Stream = NDArray[np.float64]


def uniform(seed: int, *size: int) -> Stream:
    """Draw numbers in [-1, 1)."""
    return np.random.default_rng(seed).uniform(-1.0, 1.0, size)


def normal(seed: int, *size: int) -> Stream:
    return np.random.default_rng(seed).normal(size=size)


def integers(seed: int, high: int, size: int) -> NDArray[np.int64]:
    return np.random.default_rng(seed).integers(high, size=size)


def stream(kind: str, seed: int, n: int, columns: int = 0, outputs: int = 1) -> Stream:
    """Draw ``n`` events: waves of several periods with noise, and what ``kind`` does to them."""
    random = np.random.default_rng(seed)
    width = columns + outputs
    t = np.arange(n)[:, None]
    phase, size = random.uniform(0.0, 6.0, width), random.uniform(0.5, 20.0, width)
    waves = size * np.sin(t / random.uniform(1.0, 9.0, width) + phase)
    noise, level = random.normal(0.0, 0.3, (n, width)), random.normal(0.0, 50.0, width)
    values = np.asarray(waves + noise + level)
    if kind == "drift":
        values += t * random.normal(0.0, 1.0, width)
    elif kind == "spike":
        values[n // 2] += 1e6
    elif kind == "gap":
        values[:, :columns][random.random((n, columns)) < 0.3] = np.nan
        values[:, columns:][n // 3 : n // 2] = values[n // 3, columns:]  # a sensor that is stuck
        values[:, columns + 1 :][random.random((n, outputs - 1)) < 0.2] = np.nan
    elif kind == "constant":
        values[:] = np.round(values[0])
    elif kind == "appears":
        values[: n // 2, columns // 2 : columns] = np.nan
    return values


def clock(seed: int, n: int, missing: float = 0.0) -> Stream:
    """Draw the three columns of a clock, (n, 3): hour of day, seconds, day of week."""
    random = np.random.default_rng(seed)
    seconds = 1e6 + np.cumsum(random.uniform(-60.0, 7200.0, n))
    values = np.stack([seconds / 3600 % 24, seconds, seconds / 86400 % 7], axis=1)
    values[random.random(n) < missing] = np.nan
    return values


def with_clock(values: Stream, seed: int, outputs: int = 1, missing: float = 0.0) -> Stream:
    """Put a clock's three columns between the features and the targets."""
    end = values.shape[1] - outputs
    return np.concatenate([values[:, :end], clock(seed, len(values), missing), values[:, end:]], 1)
