"""Nothing compiles in mid-stream: after one event learnt and one forecast, all there is is there.

The count is taken in a process of its own with an empty cache: what a cache gives is not counted.
"""

import shutil
from pathlib import Path

import numba
import pytest

from streamlstm.kernels import compile as compile_module
from streamlstm.kernels.compile import sources_digest
from tests.support.faults.processes import printed

OTHERS = ("cells.gru.", "cells.rnn.", "cells.lstm_1997.", "cells.elstm.")
COUNT = """
import sys
from dataclasses import replace
import numpy as np
from tests.support.lockstep.bank_replay import FULL, build, play
import streamlstm.kernels
from streamlstm import LSTMForecaster, LSTMMultiTargetRegressor
from streamlstm.bank import dispatch

dispatch.INTERPRETED_S_MAX = 0.0
for change in ({}, {"optimizer": "sgd", "autoregressive": False, "loss": "squared", "seed": 3}):
    case = replace(FULL, **change)
    bank, events = build(case), case.events
    play(bank, events)
    bank.forecast([0], events[:1])
    strided = np.zeros(2 * len(events), np.int64)[::2]
    bank.learn(strided, np.asfortranarray(events))  # however a caller's arrays lie
    bank.expert_weights("pump 7")
    bank.roll_forward("pump 7", events[:2])
several, ahead = LSTMMultiTargetRegressor(), LSTMForecaster(interval_horizon=2)
for n in range(3):
    several.learn_one({"a": n}, {"y": n, "z": n})
    ahead.learn_one(n, {"a": n})
ahead.forecast(2)
for name, module in sorted(sys.modules.items()):
    if name.startswith("streamlstm.kernels."):
        for kernel in vars(module).values():
            if hasattr(kernel, "nopython_signatures") and kernel.__module__ == name:
                where = name.removeprefix("streamlstm.kernels.")
                print(f"{where}.{kernel.__name__}", len(kernel.nopython_signatures))
"""


def counted(cache: Path) -> dict[str, int]:
    lines = printed("-c", COUNT, NUMBA_CACHE_DIR=str(cache)).splitlines()
    return {name: int(n) for name, n in map(str.split, lines)}


@pytest.mark.skipif(numba.config.DISABLE_JIT, reason="nothing is compiled")
def test_each_kernel_is_compiled_once(tmp_path: Path) -> None:
    found = counted(tmp_path)
    assert found["regression.events.run_events"] == 1
    # Compiled only where they are used.
    assert found["classification.classify.classify_events"] == found["network.softmax.softmax"] == 0
    assert {name: n for name, n in found.items() if n > 1} == {}
    others = {name: n for name, n in found.items() if name.startswith(OTHERS)}
    assert len(others) == 11
    assert not any(others.values())  # who does not use a cell does not wait for it


def test_an_edit_in_any_folder_of_kernels_is_another_entry_of_the_cache(tmp_path: Path) -> None:
    kernels = Path(compile_module.__file__).parent
    shutil.copytree(kernels, tmp_path / "kernels", ignore=shutil.ignore_patterns("__pycache__"))
    before = sources_digest(tmp_path / "kernels")
    cell = tmp_path / "kernels" / "cells" / "gru.py"
    cell.write_text(cell.read_text() + "# edited\n")
    assert sources_digest(tmp_path / "kernels") != before
