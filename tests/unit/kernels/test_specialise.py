"""A cell is a parameter like any other: it is cloned, pickled, stored, and never mixed up."""

import copy
import pickle
from dataclasses import replace
from typing import Any

import pytest

from streamlstm import LSTMDetector
from streamlstm.bank import Bank, SnapshotError
from streamlstm.kernels.cells import CELLS
from streamlstm.kernels.specialise import backward_of, run_events_of
from tests.support.lockstep.bank_lockstep import KEY
from tests.support.lockstep.bank_replay import FULL, build, play
from tests.support.streams.events import feature_stream, forecasts, small

EVERY_CELL = pytest.mark.parametrize("cell", CELLS)
SHORT = replace(FULL, n=8)


@EVERY_CELL
@pytest.mark.parametrize("again", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_a_regressor_goes_on_bit_for_bit(cell: str, again: Any) -> None:
    events = feature_stream()
    model = small(cell=cell)
    forecasts(model, events[:15])
    other = again(model)
    assert other.cell == cell
    assert forecasts(other, events[15:]) == forecasts(model, events[15:])


@EVERY_CELL
def test_a_clone_has_the_cell_and_nothing_else(cell: str) -> None:
    events = feature_stream()[:15]
    model = small(cell=cell)
    first = forecasts(model, events)
    assert forecasts(model.clone(), events) == first


@EVERY_CELL
@pytest.mark.parametrize("target", [None, "a"])
def test_a_detector_goes_on_bit_for_bit(cell: str, target: str | None) -> None:
    model = LSTMDetector(target=target, hidden_size=4, window=4, warm_up=5, cell=cell)
    stream = [{"a": float(n % 3), "b": float(n % 5)} for n in range(20)]
    for x in stream:
        model.learn_one(x)
    other = pickle.loads(pickle.dumps(model))
    spike = {"a": 50.0, "b": 1.0}
    assert other.clone().cell == cell
    assert other.score_one(spike) == model.score_one(spike) > 0.0


def test_cells_differ() -> None:
    made = {cell: tuple(forecasts(small(cell=cell), feature_stream()[:15])) for cell in CELLS}
    assert len(set(made.values())) == len(CELLS)


@EVERY_CELL
@pytest.mark.parametrize("other", CELLS)
def test_a_snapshot_is_restored_into_its_own_cell_alone(cell: str, other: str) -> None:
    bank = build(replace(SHORT, cell=cell))
    play(bank, SHORT.events)
    data = bank.snapshot(KEY)
    into = Bank(build(replace(SHORT, cell=other)).shape, SHORT.settings, seed=SHORT.seed)
    if cell == other:
        into.restore(data)
        assert into.snapshot(KEY) == data
        return
    with pytest.raises(SnapshotError) as error:
        into.restore(data)
    said = f"cell was {cell!r}, is {other!r}"
    assert str(error.value) == f"snapshot of another model: {said}"
    assert into.slots == {}


def test_kernels_over_a_cell_are_made_once() -> None:
    for make in (backward_of, run_events_of):
        assert [make(cell) for cell in CELLS] == [make(cell) for cell in CELLS]
        assert len({make(cell) for cell in CELLS}) == len(CELLS)
