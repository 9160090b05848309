"""How far back a memory reaches, against a state that is disturbed and rolled forward."""

import copy

import numpy as np
import pytest

from streamlstm import Bank, Settings, Shape
from streamlstm.inspection import gates, reach
from streamlstm.kernels.cells import CELLS
from tests.support.lockstep.backward import STEP, freeze
from tests.support.lockstep.bank_lockstep import KEY
from tests.support.streams.seeded import stream

HIDDEN, WINDOW, EVERY = 3, 6, 4
WAY_BACK = [cell for cell in CELLS if cell != "elstm"]
LAYERS = [*((cell, 1) for cell in CELLS), *((cell, n) for cell in WAY_BACK for n in (2, 3))]


def frozen(cell: str, layers: int = 1) -> tuple[Bank, list[Bank], np.ndarray]:
    """Return a bank after its last event, as it was before each of the window, and their events."""
    settings = Settings(window=WINDOW, update_every=EVERY)
    bank = Bank(Shape(cell, layers, inputs=1, hidden=HIDDEN), settings, dtype=np.float64)
    slot = bank.open(KEY)
    bank.add_features(["a"])
    events = stream("steady", 3, 30, columns=1)
    bank.learn([slot] * (30 - WINDOW), events[:-WINDOW])
    freeze(bank)  # the derivative of one network, not of one that learns on the way
    before = []
    for event in events[-WINDOW:]:
        before.append(copy.deepcopy(bank))
        bank.learn([slot], event[None])
    return bank, before, events[-WINDOW:]


def hidden_after(bank: Bank, disturbance: np.ndarray, events: np.ndarray) -> np.ndarray:
    bank = copy.deepcopy(bank)
    bank.views(KEY)["state"][...] += disturbance
    bank.learn([bank.slots[KEY]] * len(events), events)
    return bank.views(KEY)["state"][0].copy()


def directions(cell: str, layers: int) -> np.ndarray:
    """Give the ways a state can be disturbed: a GRU's c is its h, an RNN has none."""
    state = (2 * layers, HIDDEN)
    ways = np.eye(2 * layers * HIDDEN).reshape(layers, 2, HIDDEN, *state)
    if cell == "gru":
        ways = ways[:, 0] + ways[:, 1]
    elif cell == "rnn":
        ways = ways[:, 0]
    return ways.reshape(-1, *state)


@pytest.mark.parametrize(("cell", "layers"), [each for each in LAYERS if each[0] in WAY_BACK])
def test_it_is_what_a_disturbance_comes_to(cell: str, layers: int) -> None:
    bank, before, events = frozen(cell, layers)
    felt = reach(bank, KEY)
    assert felt.shape == (1 + WINDOW,)
    assert felt[0] == 1.0
    for lag in range(1, 1 + WINDOW):
        start, rest = before[-lag], events[-lag:]
        slopes = [
            (hidden_after(start, STEP * way, rest) - hidden_after(start, -STEP * way, rest))
            / (2 * STEP)
            for way in directions(cell, layers)
        ]
        norm = np.linalg.norm(slopes) / np.sqrt(HIDDEN)
        assert felt[lag] == pytest.approx(norm, rel=1e-6)
        assert norm > 1e-6


def test_what_layers_have_shrunk_to_nearly_denormal_is_nothing() -> None:
    bank, _, _ = frozen("rnn", layers=2)
    bank.views(KEY)["theta"][...] *= 1e-9
    felt = reach(bank, KEY)
    assert np.all(felt[:3] > 1e-30)
    assert felt[5:].tolist() == [0.0, 0.0]


def test_what_learns_forward_in_time_has_no_way_back() -> None:
    with pytest.raises(TypeError, match="elstm learns forward in time"):
        reach(frozen("elstm")[0], KEY)


@pytest.mark.parametrize(
    ("cell", "layers", "layer"), [(*each, n) for each in LAYERS for n in range(each[1])]
)
def test_gates_and_memory_are_those_of_each_event(cell: str, layers: int, layer: int) -> None:
    bank, before, _ = frozen(cell, layers)
    seen = gates(bank, KEY, layer)
    kept_events = len(seen["hidden"])
    assert kept_events == (EVERY if cell == "elstm" else WINDOW)
    states = np.array([one.views(KEY)["state"] for one in [*before, bank]])[-1 - kept_events :]
    states = states[:, 2 * (layers - 1 - layer) :]  # they lie from the top down
    assert np.array_equal(seen["hidden"], states[1:, 0])
    assert ("cell" in seen) == (cell in ("lstm", "lstm_1997", "elstm"))
    if "cell" in seen:
        assert np.array_equal(seen["cell"], states[1:, 1])
        squashed = seen["cell"] if cell == "elstm" else np.tanh(seen["cell"])
        assert np.allclose(seen["hidden"], seen["output"] * squashed, rtol=1e-12)
        kept = seen.get("forget", np.ones(1)) * states[:-1, 1]
        taken = 1.0 - seen["forget"] if cell == "elstm" else seen["input"]
        assert np.allclose(seen["cell"], kept + taken * seen["candidate"], rtol=1e-12)
    if cell == "gru":
        kept = seen["update"] * states[:-1, 0]
        new = (1.0 - seen["update"]) * seen["candidate"]
        assert np.allclose(seen["hidden"], kept + new, rtol=1e-12)
