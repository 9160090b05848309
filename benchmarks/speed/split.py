"""Parts of the time of an event: each part of predict and learn, timed separately."""

import time
from collections.abc import Callable
from statistics import median
from typing import Any, NamedTuple

import numba
import numpy as np

from streamlstm.bank import Bank, Settings, Shape
from streamlstm.estimators.shared.features import FeatureReader
from streamlstm.kernels import layout as at
from streamlstm.kernels.experts import linear_1, linear_24
from streamlstm.kernels.experts.least_squares import least_squares_learn, least_squares_reset

BATCH = 2000
NEVER = 10**9  # update_every: no update within a run

Event = tuple[dict[str, float], float]


@numba.njit(cache=True)
def _repeat_least_squares(blocks: Any, x: Any, gain: Any, times: int) -> None:
    for _ in range(times):
        for n, block in blocks:
            least_squares_learn(block[: n * n + n + 2], x[:n], 0.3, 0.999, gain[:n])


class Piece(NamedTuple):
    """A call to time, how often in a row, and how many events it stands for."""

    call: Callable[[], object]
    times: int
    events: int = 1

    def microseconds(self) -> float:
        """Time one event's share of a call."""
        start = time.perf_counter()
        for _ in range(self.times):
            self.call()
        return (time.perf_counter() - start) / (self.times * self.events) * 1e6


def reading(events: list[Event]) -> Piece:
    """Give dict → row."""
    reader = FeatureReader(Bank(Shape(), Settings()))
    x = events[0][0]
    return Piece(lambda: reader.read(x, grow=True), 500)


def batch(events: list[Event], hidden: int, learn: int, **settings: Any) -> Piece:
    """Give a batch of all events in one call; with no events, the crossing alone."""
    bank = Bank(Shape(hidden=hidden), Settings(**settings))
    slot = bank.open("a")
    bank.add_features("abcde")
    values = np.array([[x[name] for name in "abcde"] + [y] for x, y in events]).reshape(-1, 6)
    slots, results = np.full(len(values), slot), np.empty((len(values), 2))
    bank.run(slots, values, results, 1)  # compiles, and leaves a model that has learnt
    if not events:
        return Piece(lambda: bank.run(slots, values, results, learn), 500)
    return Piece(lambda: bank.run(slots, values, results, learn), 1, len(events))


def least_squares(hidden: int) -> Piece:
    """Give what the short, the long and the memory's least squares learn from an event."""
    sizes = (linear_1.REGRESSORS, linear_24.REGRESSORS, at.RECENT + hidden)
    x, blocks = np.cos(np.arange(1.0, 1.0 + sizes[-1])), []
    for n in sizes:
        block = np.zeros(n * n + n + 2)
        least_squares_reset(block, n)
        blocks.append((n, block))
    given, gain = tuple(blocks), np.zeros_like(x)
    return Piece(lambda: _repeat_least_squares(given, x, gain, 1000), 1, 1000)


def measure(events: list[Event], hidden: int, rounds: int) -> dict[str, float]:
    """Time all parts in turn, so that other load affects all equally; return medians."""
    some = events[:BATCH]
    pieces = {
        "reading": reading(some),
        "crossing": batch([], hidden, 1),
        "forecast": batch(some, hidden, 0),
        "still": batch(some, hidden, 1, update_every=NEVER),
        "updating": batch(some, hidden, 1),
        "still, longer": batch(some, hidden, 1, update_every=NEVER, window=32),
        "updating, longer": batch(some, hidden, 1, window=32),
        "least squares": least_squares(hidden),
    }
    found: dict[str, list[float]] = {name: [] for name in pieces}
    for n in range(rounds + 1):
        for name, piece in pieces.items():
            taken = piece.microseconds()
            if n:  # the first round warms up
                found[name].append(taken)
    return {name: median(times) for name, times in found.items()}


def split(taken: dict[str, float], update_every: int) -> dict[str, float]:
    """Split predict + learn into µs per event.

    Parameters
    ----------
    taken
        From :func:`measure`. An update is what updating at every event adds to learning; the part
        of it that grows with the window (16 against 32) is the way back.
    update_every
    """
    update = taken["updating"] - taken["still"]
    backward = min(taken["updating, longer"] - taken["still, longer"] - update, update)
    return {
        "dict → row, twice": 2.0 * taken["reading"],
        "crossing into compiled code, twice": 2.0 * taken["crossing"],
        "forecast: cell and experts, twice": 2.0 * taken["forecast"],
        "least squares of the experts": taken["least squares"],
        "scales, mixture, tape": taken["still"] - taken["forecast"] - taken["least squares"],
        "back through time": backward / update_every,
        "clipping and optimizer": (update - backward) / update_every,
    }
