"""The table of cells: each record is complete, and one record more is a cell to learn with."""

import inspect
from pathlib import Path

import pytest

from streamlstm.kernels.cells import CELLS, lstm
from streamlstm.kernels.cells.cell import Cell
from tests.support.faults.processes import printed
from tests.support.twins import naive_cells, naive_real_time

TOY = """
from dataclasses import replace

from streamlstm.kernels.cells import rnn

CELL = replace(rnn.CELL, name="toy", gates=("unit",))
"""
LEARN = """
import sys

sys.path.insert(0, sys.argv[1])
from streamlstm.kernels.cells import CELLS
import toy

CELLS[toy.CELL.name] = toy.CELL
from streamlstm import LSTMRegressor
from streamlstm.inspection import gates, reach

toy_model, model = (LSTMRegressor(cell=cell, layers=2, seed=1) for cell in ("toy", "rnn"))
for n in range(20):
    said = [each.predict_one({"a": n % 5}) for each in (toy_model, model)]
    assert said[0] == said[1], said
    for each in (toy_model, model):
        each.learn_one({"a": n % 5}, float(n % 3))
print(*gates(toy_model), reach(toy_model).size)
"""


@pytest.mark.parametrize("cell", CELLS.values(), ids=lambda cell: cell.name)
def test_each_record_is_complete(cell: Cell) -> None:
    assert CELLS[cell.name] is cell
    named = [name for name in cell.gates if name]
    assert len(set(named)) == len(named)
    zeros = {*cell.zero_for_h, *cell.zero_for_inputs}
    assert zeros | ({cell.keep_gate} - {None}) <= set(range(cell.blocks))
    names = list(inspect.signature(lstm.CELL.forward).parameters)
    assert list(inspect.signature(cell.forward).parameters) == names


@pytest.mark.parametrize("cell", CELLS)
def test_each_cell_has_a_twin(cell: str) -> None:
    twins = {"lstm", *naive_cells.CELLS}
    assert cell in twins or (CELLS[cell].real_time and naive_real_time)


def test_an_incomplete_record_is_refused() -> None:
    with pytest.raises(ValueError, match="cell 'odd' needs either backward and weights_backward"):
        Cell("odd", ("input",), lstm.cell_forward, lstm.cell_backward)


def test_a_cell_is_added_by_one_module_and_one_entry(tmp_path: Path) -> None:
    (tmp_path / "toy.py").write_text(TOY)
    assert printed("-c", LEARN, str(tmp_path), NUMBA_DISABLE_JIT="1").split() == [
        "unit",
        "hidden",
        "17",
    ]
