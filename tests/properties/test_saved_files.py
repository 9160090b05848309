"""Saved, loaded, gone on with: as if it had never stopped, to the last bit."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamlstm import LSTMRegressor, load, save
from tests.support.faults.processes import printed
from tests.support.streams.estimators import KINDS, events, inside

N = 48
ALL = pytest.mark.parametrize("kind", KINDS, ids=str)
SEEDS = pytest.mark.parametrize("seed", [1, 2])


def again(model):
    with TemporaryDirectory() as folder:
        save(model, Path(folder, "model.safetensors"))
        return load(Path(folder, "model.safetensors"), type(model))


@ALL
@SEEDS
@pytest.mark.parametrize("stop", [0, 1, 13, 31])
def test_loaded_is_never_stopped(seed, kind, stop):
    stream, model = events(seed, N), kind.fresh()
    for event in stream[:stop]:
        kind.learn(model, event)
    other = again(model)
    assert inside(other) == inside(model)
    for event in stream[stop:]:
        assert inside(kind.ask(other, event)) == inside(kind.ask(model, event))
        kind.learn(model, event)
        kind.learn(other, event)
    assert inside(other) == inside(model)


@ALL
@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 99), stops=st.lists(st.integers(0, N - 1), max_size=4))
def test_any_number_of_stops(kind, seed, stops):
    model, other = kind.fresh(), kind.fresh()
    for n, event in enumerate(events(seed, N)):
        if n in stops:
            other = again(other)
        kind.learn(model, event)
        kind.learn(other, event)
    assert inside(other) == inside(model)


@ALL
def test_the_same_model_gives_the_same_bytes(kind, tmp_path):
    model = kind.fresh()
    for event in events(1, N):
        kind.learn(model, event)
    save(model, tmp_path / "one")
    save(again(model), tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_another_process_goes_on(tmp_path):
    model = LSTMRegressor(hidden_size=4)
    for event in events(1, N):
        model.learn_one(event.x, event.y)
    save(model, tmp_path / "model")
    said = "from streamlstm import load; print(repr(load('model').predict_one({'load': 3.0})))"
    assert printed("-c", said, cwd=tmp_path) == repr(model.predict_one({"load": 3.0}))
