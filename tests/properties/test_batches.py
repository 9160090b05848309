"""How a journal is cut into batches cannot be seen: every comparison here is of bytes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.lockstep.bank_lockstep import KEY, Case
from tests.support.lockstep.bank_replay import FULL, build, play, slot_bytes
from tests.support.streams.seeded import integers

LONG = Case(hidden=4, columns=2, window=6, update_every=2, kind="gap", n=2100)


def played(case, sizes):
    """Play a stream in batches of the given sizes, the last of them again and again."""
    bank, events, results = build(case), case.events, []
    while len(events):
        size, sizes = sizes[0], sizes[1:] or sizes
        results.append(play(bank, events[:size]))
        events = events[size:]
    return bank.snapshot(KEY), np.concatenate(results).tobytes()


@pytest.mark.parametrize(
    ("cell", "layers", "seed"),
    [
        *(("lstm", layers, seed) for layers in (1, 2) for seed in (1, 2)),
        *((cell, 1, 1) for cell in ("gru", "rnn", "lstm_1997", "elstm")),
        ("gru", 3, 1),
    ],
)
def test_one_at_a_time_is_seven_is_two_thousand(cell, layers, seed):
    case = Case(**(vars(LONG) | {"seed": seed, "cell": cell, "layers": layers}))
    one = played(case, [1])
    assert played(case, [7]) == one
    assert played(case, [2000]) == one


@settings(max_examples=20, deadline=None)
@given(sizes=st.lists(st.integers(1, 12), min_size=1, max_size=8))
def test_any_cut_gives_the_same_bytes(sizes):
    assert played(FULL, sizes) == played(FULL, [FULL.n])


def alone(case, key, events):
    bank = build(case)
    bank.open(key)
    results = play(bank, events, key)
    return bank.snapshot(key), results.tobytes()


@pytest.mark.parametrize("together", [1, 5, 1000])
@pytest.mark.parametrize("seed", [1, 2])
def test_streams_in_one_bank_do_not_touch(seed, together):
    """Several streams of one bank, interleaved at random, are as banks of their own."""
    keys = [f"pump {k}" for k in range(4)]
    cases = [Case(**(vars(FULL) | {"seed": seed + k})) for k in range(4)]
    streams = [case.events for case in cases]
    bank = build(cases[0])
    slots = np.array([bank.open(key) for key in keys])
    whose = integers(seed, 4, FULL.n)
    turns = [int((whose[:n] == whose[n]).sum()) for n in range(FULL.n)]
    mixed = np.array([streams[k][n] for k, n in zip(whose, turns, strict=True)])
    pieces = range(0, FULL.n, together)
    results = [bank.learn(slots[whose[n : n + together]], mixed[n : n + together]) for n in pieces]
    results = np.concatenate(results)
    for k, key in enumerate(keys):
        count = int((whose == k).sum())
        assert count > 0
        found = bank.snapshot(key), results[whose == k].tobytes()
        assert found == alone(cases[0], key, streams[k][:count])


@pytest.mark.parametrize("seed", [1])
def test_a_slot_given_again_remembers_nothing(seed):
    case = Case(**(vars(FULL) | {"seed": seed}))
    bank = build(case)
    play(bank, case.events)
    bank.forget(KEY)
    slot = bank.open("another")
    fresh = build(case)
    assert bank.slots == {"another": slot}
    fresh.open("another")
    assert slot_bytes(bank, "another") == slot_bytes(fresh, "another")


@pytest.mark.parametrize("seed", [1])
def test_streams_opened_later_leave_the_others_alone(seed):
    """Opening streams moves the arenas; what is in them stays."""
    case = Case(**(vars(FULL) | {"seed": seed}))
    bank, events = build(case), case.events
    play(bank, events[:20])
    before = slot_bytes(bank)
    slots = [bank.open(f"other {k}") for k in range(9)]
    assert sorted(slots) == list(range(1, 10))
    assert slot_bytes(bank) == before
    play(bank, events[20:])
    assert bank.snapshot(KEY) == played(case, [case.n])[0]
