"""A fresh machine answers at once, interpreted, then compiled; nobody can tell from the bits."""

from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest

from streamlstm import LSTMRegressor
from streamlstm.bank import Settings
from streamlstm.bank.classes import model as class_model
from streamlstm.bank.classes.model import ClassModel
from streamlstm.bank.dispatch import Dispatcher
from streamlstm.bank.slots import store
from streamlstm.kernels.classification.classify import classify_events
from streamlstm.kernels.classification.layout import EXPERTS
from streamlstm.kernels.compile import interpreted
from tests.support.faults.processes import printed
from tests.support.lockstep.bank_replay import FULL, build, digest

pytestmark = pytest.mark.skipif(numba.config.DISABLE_JIT, reason="nothing is compiled")


class Slow(Dispatcher):
    """A door whose machine code is there after some calls."""

    after = 0

    @property
    def ready(self) -> bool:
        return self.after <= 0

    def interpret(self, *arguments: Any) -> None:
        self.after -= 1
        interpreted(self.compiled)(*arguments)


@pytest.mark.parametrize("after", [1, 17, 1000])
def test_machine_code_takes_over_in_mid_batch(after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = digest(FULL)
    slow = Slow(build(FULL).store.run_events.compiled)
    slow.after = after
    monkeypatch.setattr(store, "dispatch", lambda _: slow)
    assert digest(FULL) == wanted
    assert slow.after == max(0, after - FULL.n)


@pytest.mark.parametrize("after", [1, 9, 1000])
def test_so_it_does_for_a_classifier(after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def probabilities() -> bytes:
        model = ClassModel(4, Settings(), EXPERTS)
        model.add_features(["a", "b"])
        events = np.c_[np.sin(np.arange(40.0)).reshape(20, 2), np.arange(20) % 3]
        model.learn_labels(events, ["x", "y", "z"][:3] * 6 + ["x", "y"])
        return model.run(events, learn=False).tobytes()

    wanted = probabilities()
    slow = Slow(classify_events)
    slow.after = after
    monkeypatch.setattr(class_model, "dispatch", lambda _: slow)
    assert probabilities() == wanted
    assert slow.after == max(0, after - 40)


def test_the_first_events_do_not_wait_for_the_compiler(tmp_path: Path) -> None:
    program = """
from streamlstm import LSTMRegressor
from streamlstm.bank import dispatch
dispatch.LOADING_S = {loading_s}
model = LSTMRegressor()
run_events = model._stream.bank.store.run_events
said, compiled = [], []
while not (compiled and compiled[-1]):
    said.append(model.predict_one(dict(a=len(said) % 5)))
    model.learn_one(dict(a=len(said) % 5), len(said) % 7)
    compiled.append(bool(run_events.compiled.overloads))
print(compiled.index(True), *said)
"""
    first = printed("-c", program.format(loading_s=0.5), NUMBA_CACHE_DIR=str(tmp_path))
    interpreted_events, *said = first.split()
    assert int(interpreted_events) > 2
    again = printed("-c", program.format(loading_s=60.0), NUMBA_CACHE_DIR=str(tmp_path))
    assert again.split()[0] == "0"  # what is compiled already is only loaded
    model = LSTMRegressor()
    for n, one in enumerate(said):
        assert model.predict_one({"a": n % 5}) == float(one)
        model.learn_one({"a": (n + 1) % 5}, (n + 1) % 7)


def test_who_forks_waits_for_the_compiler(tmp_path: Path) -> None:
    program = """
import os
import numpy as np
from streamlstm.bank import dispatch
from streamlstm.kernels.experts.least_squares import least_squares_reset
from streamlstm.kernels.experts.mixture import mixture_weights
dispatch.LOADING_S = 0.0
one, weights = dispatch.dispatch(mixture_weights), np.zeros(3)
one(np.ones(3), weights)
before = bool(mixture_weights.overloads)
if os.fork() == 0:
    one(np.ones(3), weights)
    dispatch.INTERPRETED_S_MAX = 1e-9
    for _ in range(2):  # another kernel, of which nothing is compiled
        dispatch.dispatch(least_squares_reset)(weights, 1)
    os._exit(len(mixture_weights.overloads) + len(least_squares_reset.overloads))
print(before, bool(mixture_weights.overloads), os.waitstatus_to_exitcode(os.wait()[1]), weights)
"""
    said = printed("-c", program, NUMBA_CACHE_DIR=str(tmp_path))
    assert said.split()[:3] == ["False", "True", "2"]
