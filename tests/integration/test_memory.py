"""The memory benchmark in short: a lag of five, and what is recalled is recalled by h and c alone.

Chance enters by seeds, and the bits are the same on every machine: what holds here holds always.
"""

from pathlib import Path

import pytest

from benchmarks import memory
from streamlstm.kernels.cells import CELLS


def test_the_stream_is_as_it_says() -> None:
    events = list(memory.cues(lag=5, trials=40, seed=3))
    shown = [(n, x["cue"]) for n, (x, _) in enumerate(events) if x["cue"]]
    asked = [(n, y) for n, (x, y) in enumerate(events) if x["ask"]]
    assert asked == [(n + 5, cue) for n, cue in shown]
    assert {cue for _, cue in shown} == {-1.0, 1.0}
    assert not any(y for x, y in events if not x["ask"])


def test_every_cell_of_the_package_is_measured() -> None:
    assert set(memory.GATES) == set(memory.COLOURS) == set(CELLS)


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("cell", CELLS)
def test_a_cue_is_recalled(cell: str, seed: int) -> None:
    assert memory.recall(cell, lag=5, trials=800, seed=seed) > 0.9


def test_the_table_and_the_picture(tmp_path: Path) -> None:
    assert memory.said([0.5, 1.0]) == "0.75 ± 0.35"
    assert memory.said([1.0]) == "1.00"
    found = {(cell, lag): [0.5, 1.0] for cell in CELLS for lag in (10, 20)}
    memory.draw(found, tmp_path / "a.svg")
    memory.draw(found, tmp_path / "b.svg")
    drawn = (tmp_path / "a.svg").read_bytes()
    assert b"lstm_1997" in drawn
    assert drawn == (tmp_path / "b.svg").read_bytes()
