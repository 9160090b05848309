"""Room that grows is room that was always there, bit for bit."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamlstm.bank import Bank, Shape
from streamlstm.bank.slots.arena import ALIGNMENT_BYTES
from tests.support.lockstep.bank_lockstep import KEY, Case
from tests.support.lockstep.bank_replay import play, slot_bytes

CASE = Case(hidden=3, outputs=2, columns=9, window=6, update_every=2, loss_decay=0.5, n=30)
ROOM = 16


def bank_of(case, inputs):
    shape = Shape(case.cell, case.layers, inputs=inputs, hidden=case.hidden, outputs=case.outputs)
    bank = Bank(shape, case.settings)
    bank.open(KEY)
    return bank


def play_growing(bank, case, arrivals):
    """Play a stream in which feature ``j`` is first seen at event ``arrivals[j]``."""
    results, used = [], 0
    for n, event in enumerate(case.events):
        while used < case.columns and arrivals[used] <= n:
            bank.add_features([f"f{used}"])
            used += 1
        results.append(play(bank, np.concatenate([event[:used], event[case.columns :]])[None]))
    return np.concatenate(results)


@pytest.mark.parametrize(("cell", "layers"), [("lstm", 1), ("elstm", 1), ("lstm", 3)])
@pytest.mark.parametrize("seed", [1, 2])
def test_features_one_by_one_are_as_if_there_had_been_room(seed, cell, layers):
    """Nine features, room 1 → 2 → 4 → 8 → 16, in the middle of windows and between updates."""
    case, arrivals = replace(CASE, seed=seed, cell=cell, layers=layers), list(range(0, 27, 3))
    grown, roomy = bank_of(case, 1), bank_of(case, ROOM)
    found = play_growing(grown, case, arrivals)
    assert found.tobytes() == play_growing(roomy, case, arrivals).tobytes()
    assert grown.shape.inputs == ROOM
    assert grown.snapshot(KEY) == roomy.snapshot(KEY)
    assert slot_bytes(grown) == slot_bytes(roomy)


@settings(max_examples=20, deadline=None)
@given(arrivals=st.lists(st.integers(0, 29), min_size=9, max_size=9).map(sorted))
def test_features_at_any_time(arrivals):
    grown, roomy = bank_of(CASE, 1), bank_of(CASE, ROOM)
    found = play_growing(grown, CASE, arrivals)
    assert found.tobytes() == play_growing(roomy, CASE, arrivals).tobytes()


@pytest.mark.parametrize("seed", [1])
def test_a_feature_that_is_only_ever_missing_changes_no_forecast(seed):
    case = replace(CASE, columns=0, seed=seed)
    plain, other = bank_of(case, 1), bank_of(case, 1)
    other.add_features(["never seen"])
    events = case.events
    missing = np.insert(events, 0, np.nan, axis=1)
    assert play(plain, events).tobytes() == play(other, missing).tobytes()


def test_the_order_of_names_seen_together_does_not_matter():
    first, second = bank_of(CASE, 1), bank_of(CASE, 1)
    first.add_features(["c", "a", "b"], clocks=["t", "s"])
    second.add_features(["b", "c", "a"], clocks=["s", "t"])
    assert first.snapshot(KEY) == second.snapshot(KEY)


def test_a_features_first_weights_are_its_names():
    """Whenever it comes, whichever column it gets."""
    first, second = bank_of(CASE, 4), bank_of(CASE, 4)
    for name in ("a", "b"):
        first.add_features([name])
    for name in ("b", "a"):
        second.add_features([name])
    width = 4 * CASE.hidden
    used = (1 + CASE.hidden) * CASE.outputs + (1 + CASE.hidden + 2 * CASE.outputs) * width
    a, b = (bank.views(KEY)["theta"][used : used + 4 * width] for bank in (first, second))
    assert a[: 2 * width].tolist() == b[2 * width :].tolist()
    assert a[2 * width :].tolist() == b[: 2 * width].tolist()
    assert a[: 2 * width].tolist() != a[2 * width :].tolist()


@pytest.mark.parametrize("hidden", [1, 3, 8, 16])
@pytest.mark.parametrize("inputs", [1, 2, 5])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_slot_and_row_starts_on_a_cache_line(hidden, inputs, dtype, layers):
    bank = Bank(Shape(layers=layers, inputs=inputs, hidden=hidden), CASE.settings, dtype=dtype)
    for k in range(5):
        bank.open(f"pump {k}")
        views = bank.views(f"pump {k}")
        assert bank.slot_bytes % ALIGNMENT_BYTES == 0
        for name in ("theta", "moment1", "moment2", "state", "tape", "scalars", "targets"):
            assert views[name].ctypes.data % ALIGNMENT_BYTES == 0, name
        assert views["tape"].strides[0] % ALIGNMENT_BYTES == 0
        for arena in (bank.store.singles, bank.store.doubles):
            assert arena.flags["C_CONTIGUOUS"]
    assert bank.store.arena_bytes == bank.slot_bytes * len(bank.store.singles)
