"""What holds for every estimator in ``estimators.__all__``, by its name there."""

import inspect
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from river.base import Estimator

import streamlstm
from streamlstm import estimators, load, save
from tests.support.streams.estimators import KINDS, Kind, events, inside
from tests.support.streams.river_checks import WITHOUT_STREAM

EVERY = pytest.mark.parametrize("name", estimators.__all__)


def kinds_of(name: str) -> list[Kind]:
    return [kind for kind in KINDS if kind.made.__name__ == name]


@EVERY
def test_it_is_public_and_has_events_to_be_tested_with(name: str) -> None:
    assert name in streamlstm.__all__
    assert getattr(streamlstm, name) is getattr(estimators, name)
    assert kinds_of(name), f"add {name} to tests/support/streams/estimators.py"


@EVERY
@pytest.mark.parametrize("check", WITHOUT_STREAM, ids=lambda check: check.__name__)
def test_river_checks(name: str, check: Callable[[Estimator], None]) -> None:
    random.seed(name)
    check(getattr(estimators, name)())


@EVERY
def test_constructor_arguments_are_stored_untouched(name: str) -> None:
    made = getattr(estimators, name)
    for parameter in inspect.signature(made).parameters.values():
        assert getattr(made(), parameter.name) is parameter.default


@EVERY
def test_a_clone_has_learnt_nothing(name: str) -> None:
    kind = kinds_of(name)[0]
    model, new = kind.fresh(), kind.fresh()
    for event in events(1, 12):
        kind.learn(model, event)
    assert inside(model) != inside(new)
    assert inside(model.clone()) == inside(new)


@EVERY
def test_a_loaded_model_continues_bit_for_bit(name: str, tmp_path: Path) -> None:
    for kind in kinds_of(name):
        model = kind.fresh()
        for event in events(1, 24):
            kind.learn(model, event)
        save(model, tmp_path / "model")
        other = load(tmp_path / "model", type(model))
        for event in events(2, 8):
            assert inside(kind.ask(other, event)) == inside(kind.ask(model, event))
            kind.learn(model, event)
            kind.learn(other, event)
        assert inside(other) == inside(model)
