"""That learning happens: where only memory has the answer, and on a plain series soon."""

import itertools
import math
import random
from collections.abc import Iterator

import pytest

from streamlstm import LSTMRegressor
from tests.support.streams.events import SLOW, Event

pytestmark = pytest.mark.skipif(SLOW, reason="thousands of events; arithmetic is the same with JIT")


def recall(seed: int, events: int, lag: int) -> Iterator[Event]:
    """Ask at every event for the coin seen ``lag`` events ago."""
    chance, coins = random.Random(seed), [0.0] * lag
    for _ in range(events):
        coins.append(chance.choice([-1.0, 1.0]))
        yield {"coin": coins[-1]}, coins[-1 - lag]


def episodes(seed: int, events: int, gap: int) -> Iterator[Event]:
    """Show a cue, wait ``gap`` events, ask for it; the target is 0 between."""
    chance, cue = random.Random(seed), 0.0
    for n in range(events):
        place = n % (gap + 1)
        if place == 0:
            cue = chance.choice([-1.0, 1.0])
        ask = place == gap
        yield {"cue": cue if place == 0 else 0.0, "ask": ask}, cue if ask else 0.0


def noisy_sine(seed: int, events: int) -> Iterator[Event]:
    chance = random.Random(seed)
    for n in range(events):
        yield {}, math.sin(2.0 * math.pi * n / 25.0) + chance.gauss(0.0, 0.05)


def errors(model: LSTMRegressor, stream: Iterator[Event]) -> list[float]:
    made = []
    for x, y in stream:
        made.append(abs(model.predict_one(x) - y))
        model.learn_one(x, y)
    return made


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("mixture", [True, False], ids=["mixture", "alone"])
def test_it_recalls_what_a_frozen_network_does_not(seed: int, mixture: bool) -> None:
    settings = {"autoregressive": False, "mixture": mixture, "seed": seed}
    learning, frozen = LSTMRegressor(**settings), LSTMRegressor(**settings, learning_rate=0.0)
    learnt = mean(errors(learning, recall(seed, events=4000, lag=3))[-1000:])
    fixed = mean(errors(frozen, recall(seed, events=4000, lag=3))[-1000:])
    assert learnt < 0.25 * fixed


@pytest.mark.parametrize("seed", range(3))
def test_it_bridges_a_gap(seed: int) -> None:
    settings = {"autoregressive": False, "seed": seed}
    learning, frozen = LSTMRegressor(**settings), LSTMRegressor(**settings, learning_rate=0.0)
    learnt = mean(errors(learning, episodes(seed, events=4000, gap=8))[-1000:])
    fixed = mean(errors(frozen, episodes(seed, events=4000, gap=8))[-1000:])
    silent = 1.0 / 9.0  # whoever always says 0 is wrong by 1 whenever asked
    assert learnt < 0.25 * min(fixed, silent)


@pytest.mark.parametrize("seed", range(3))
def test_it_bridges_a_gap_as_long_as_its_window(seed: int) -> None:
    """Some units remember that long from the beginning; without them it takes twice as long."""
    model = LSTMRegressor(autoregressive=False, window=31, seed=seed)
    late = errors(model, episodes(seed, events=15_000, gap=30))[-3100:]
    missed = sum(error > 0.5 for error in late)  # of a hundred questions
    assert missed < 25


@pytest.mark.parametrize("seed", range(5))
def test_it_is_useful_after_a_few_hundred_events(seed: int) -> None:
    series = [y for _, y in noisy_sine(seed, events=700)]
    persistence = [abs(b - a) for a, b in itertools.pairwise(series)]
    ours = errors(LSTMRegressor(seed=seed), noisy_sine(seed, events=700))
    assert mean(ours[500:]) < 0.5 * mean(persistence[499:])
