"""A thousand features, then one, then all again: every estimator goes on."""

import math
from pathlib import Path

import numba
import pytest

from streamlstm import LSTMRegressor, load, save
from streamlstm.bank.feature_index import FeatureLimitError
from tests.support.streams.estimators import KINDS, Event, Kind, inside
from tests.support.streams.seeded import normal

MANY = 1000
ONE_OF_EACH = list({kind.made: kind for kind in reversed(KINDS)}.values())
needs_the_jit = pytest.mark.skipif(numba.config.DISABLE_JIT, reason="thousands of features")


def wide(n: int) -> Event:
    drawn = normal(n, MANY)
    return Event({f"f{j}": value for j, value in enumerate(drawn.tolist())}, 3.0 * drawn[7])


def numbers(value: object) -> list[float]:
    """Give every number in what a model says."""
    if isinstance(value, dict):
        return [number for item in value.values() for number in numbers(item)]
    if isinstance(value, list | tuple):
        return [number for item in value for number in numbers(item)]
    return [value] if isinstance(value, float) else []


@needs_the_jit
@pytest.mark.parametrize("kind", ONE_OF_EACH, ids=str)
def test_a_thousand_then_one_then_all_again(kind: Kind, tmp_path: Path) -> None:
    model = kind.fresh()
    few = [Event({"f7": event.x["f7"]}, event.y) for event in map(wide, range(8, 12))]
    stream = [*map(wide, range(8)), *few, *map(wide, range(12, 16))]
    for event in stream[:10]:
        kind.learn(model, event)
    save(model, tmp_path / "model")
    again = load(tmp_path / "model", type(model))
    for event in stream[10:]:
        said = kind.ask(model, event)
        assert inside(kind.ask(again, event)) == inside(said)
        assert numbers(said)
        assert all(map(math.isfinite, numbers(said)))
        kind.learn(model, event)
        kind.learn(again, event)
    assert inside(again) == inside(model)


@needs_the_jit
def test_the_one_that_matters_is_found_among_a_thousand() -> None:
    model, errors, persistence, last = LSTMRegressor(hidden_size=4), [], [], 0.0
    for n in range(2000):
        event = wide(n)
        errors.append(abs(event.y - model.predict_one(event.x)))
        persistence.append(abs(event.y - last))
        model.learn_one(event.x, event.y)
        last = event.y
    assert sum(errors[1000:]) < 0.5 * sum(persistence[1000:])


def test_one_more_than_features_max_is_refused_and_changes_nothing() -> None:
    model = LSTMRegressor(hidden_size=4, features_max=MANY)
    for n in range(2):
        model.learn_one(wide(n).x, wide(n).y)
    before = inside(model)
    with pytest.raises(FeatureLimitError, match="features_max"):
        model.learn_one({**wide(2).x, "one more": 1.0}, 2.0)
    assert inside(model) == before
