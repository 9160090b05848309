"""Whole streams in lockstep with the naive twin: after every event, the same model.

Both learn from what they themselves computed, so any difference feeds on itself. In float64 the
rounding of different orders of summation was seen to grow to 1e-12 over 400 events; a wrong term
is wrong by far more than 1e-10. In float32 every operation rounds by 6e-8 and tanh errs by 5e-7,
and a fresh Adam divides small gradients by their own size, which magnifies both: steps are small
there and streams short.
"""

from dataclasses import replace

import numba
import numpy as np
import pytest

from streamlstm.bank.slots.pieces import tape_views
from streamlstm.kernels import layout as at
from tests.support.lockstep.bank_lockstep import Case, Lockstep

SEEDS = (1, 2)
CASES = [
    *(Case(hidden=hidden, outputs=outputs) for hidden in (1, 3, 8) for outputs in (1, 2)),
    *(Case(columns=columns, window=16, update_every=3) for columns in (0, 1, 5)),
    *(Case(window=w, update_every=k, loss_decay=0.9) for w in (1, 5, 16) for k in (1, 3, 4)),
    *(Case(optimizer=optimizer, update_every=4) for optimizer in ("sgd", "rmsprop", "adam")),
    *(Case(optimizer=o, beta_1=0.5, beta_2=0.9, epsilon=0.01) for o in ("rmsprop", "adam")),
    *(Case(optimizer=o, learning_rate_decay=0.1) for o in ("sgd", "adam")),
    *(Case(loss=loss, loss_limit=0.5) for loss in ("squared", "huber", "absolute")),
    *(Case(loss_decay=decay, window=16) for decay in (0.0, 0.5, 1.0)),
    *(Case(autoregressive=a, mixture=m) for a in (True, False) for m in (True, False)),
    *(Case(clock=True, autoregressive=a, mixture=m) for a in (True, False) for m in (True, False)),
    *(Case(kind=kind, columns=5) for kind in ("drift", "spike", "gap", "constant", "appears")),
    Case(kind="gap", outputs=3),
    Case(clock=True, kind="gap", columns=5, outputs=2),
    *(
        Case(cell=cell, **change)
        for cell in ("gru", "rnn", "lstm_1997", "elstm")
        for change in (
            {},
            {"hidden": 8, "window": 16, "update_every": 3, "loss_decay": 0.5},
            {"outputs": 2, "window": 1, "kind": "gap", "columns": 2},
            {"hidden": 1, "mixture": False, "autoregressive": False, "columns": 3},
            {"clock": True, "optimizer": "sgd", "loss": "squared"},
        )
    ),
    *(
        Case(cell=cell, layers=layers, hidden=2, columns=columns, **change)
        for cell in ("lstm", "gru", "rnn", "lstm_1997")
        for layers, columns, change in (
            (2, 1, {"window": 8, "update_every": 3, "loss_decay": 0.5}),
            (3, 3, {"outputs": 2, "kind": "gap", "window": 3}),
        )
    ),
    Case(layers=2, hidden=5, clock=True, optimizer="sgd", loss="squared"),
    Case(hidden=16, outputs=2, columns=5, window=16, update_every=4, clock=True, n=150),
]
if numba.config.DISABLE_JIT:  # a kernel without the JIT takes milliseconds an event
    CASES = [replace(case, n=14) for case in CASES if case.hidden <= 3]
    SEEDS = (1,)
TESTED = [replace(case, seed=seed) for case in dict.fromkeys(CASES) for seed in SEEDS]


def assert_lockstep(case: Case, dtype: type[np.floating], tolerance: float) -> None:
    pair = Lockstep(case, dtype)
    events = case.events
    for n, event in enumerate(events):
        result, expected = pair.learn(event)
        assert result[0] == 1.0
        np.testing.assert_allclose(result[1:], expected, tolerance, tolerance, err_msg=f"event {n}")
        for name, (ours, twin) in pair.pieces().items():
            said = f"{name} after event {n}"
            np.testing.assert_allclose(ours, twin, tolerance, tolerance, err_msg=said)
    features = events[0, : -case.outputs]
    forecast = pair.bank.forecast([pair.slot], [events[0]])[0]
    np.testing.assert_allclose(forecast, pair.model.forecast(features.tolist()), tolerance)


@pytest.mark.parametrize("case", TESTED, ids=str)
def test_float64_is_its_twin(case: Case) -> None:
    assert_lockstep(case, np.float64, 1e-10)


@pytest.mark.parametrize("case", TESTED, ids=str)
def test_float32_is_near_its_twin(case: Case) -> None:
    """Half as many events without a forget gate: c grows without end there.

    1 − tanh² of a large c is rounding and little else in float32, and Adam makes steps of it.
    """
    n = 15 if case.cell == "lstm_1997" else 30
    assert_lockstep(replace(case, learning_rate=0.003, n=n), np.float32, 1e-4)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("update_every", [1, 3])
@pytest.mark.parametrize(
    ("cell", "layers"), [*((cell, 1) for cell in at.CELLS), ("lstm", 2), ("gru", 3)]
)
def test_features_that_appear_stay_in_lockstep(
    cell: str, layers: int, update_every: int, seed: int
) -> None:
    """Events on the tape from before a feature have no input of it; room grows 1 → 2 → 4 → 8."""
    kind = {"cell": cell, "layers": layers, "update_every": update_every, "seed": seed}
    case = Case(columns=0, window=8, loss_decay=0.5, n=24, **kind)
    pair = Lockstep(case)
    appears = {5: (["b"], False), 9: (["a"], False), 12: (["d", "c"], False), 16: ([], True)}
    events = replace(case, columns=4, clock=True).events
    used = 0
    for n, event in enumerate(events):
        if n in appears:
            pair.add_features(*appears[n])
            used = len(pair.bank.features.names)
        result, expected = pair.learn(np.concatenate([event[:used], event[-1:]]))
        np.testing.assert_allclose(result[1:], expected, 1e-10, 1e-10, err_msg=f"event {n}")
        for name, (ours, twin) in pair.pieces().items():
            np.testing.assert_allclose(ours, twin, 1e-10, 1e-10, err_msg=f"{name}, event {n}")
    assert used == 7


@pytest.mark.parametrize("window", [1, 4, 7])
@pytest.mark.parametrize("seed", [1])
def test_the_tape_is_the_end_of_the_past(window: int, seed: int) -> None:
    """The ring holds, newest at its head, what a list of all events ends with."""
    case = Case(window=window, outputs=2, seed=seed, n=10)
    pair = Lockstep(case)
    for n, event in enumerate(case.events):
        pair.learn(event)
        views = pair.bank.views("pump 7")
        rows = tape_views(views["tape"], pair.bank.shape)
        head, length = (int(views["scalars"][k]) for k in (at.TAPE_HEAD, at.TAPE_LENGTH))
        assert length == min(n + 1, window)
        for age in range(length):
            row, step = (head - age) % window, pair.model.network.past[-1 - age]
            gates = [*step.i, *step.f, *step.o, *step.g]
            np.testing.assert_allclose(rows["z"][row][: len(step.z)], step.z, 1e-10, 1e-10)
            np.testing.assert_allclose(rows["gates"][row], gates, 1e-10, 1e-10)
            np.testing.assert_allclose(rows["tanh_c"][row], np.tanh(step.c), 1e-10, 1e-10)
            np.testing.assert_allclose(rows["c_prev"][row], step.c_prev, 1e-10, 1e-10)
            np.testing.assert_allclose(rows["dy"][row], step.dy, 1e-10, 1e-10)


@pytest.mark.parametrize(
    "event", [[1, 2, 3], [np.nan, 2, 3], [1, np.nan, 3], [np.nan, 2, np.nan], [-1e30, 1e30, 0]]
)
@pytest.mark.parametrize("seed", [1])
def test_what_is_missing_is_welcome(event: list[float], seed: int) -> None:
    pair = Lockstep(Case(outputs=2, seed=seed))
    result, expected = pair.learn(np.array(event, float))
    assert result.tolist() == [1.0, *(expected or [])]


@pytest.mark.parametrize("bad", [np.inf, -np.inf, 1.1e30, -1e308, "no target"])
@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("seed", [1])
def test_the_twin_refuses_what_the_bank_refuses(bad: float | str, place: int, seed: int) -> None:
    pair, event = Lockstep(Case(outputs=2, seed=seed)), np.ones(3)
    if bad == "no target":
        event[1:] = np.nan
    else:
        event[place] = bad
    result, expected = pair.learn(event)
    assert result[0] == 0.0
    assert np.isnan(result[1:]).all()
    assert expected is None
