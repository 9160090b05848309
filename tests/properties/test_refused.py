"""What cannot be learnt leaves no trace, what is missing does no harm, asking changes nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.lockstep.bank_lockstep import KEY, Case
from tests.support.lockstep.bank_replay import FULL, build, play, slot_bytes

INFINITE = (np.inf, -np.inf, 1e308, -1e308, 1.0000001e30)
PLACES = range(FULL.columns + 3 + FULL.outputs)
CELLS = pytest.mark.parametrize(
    "kind", [{}, {"cell": "elstm"}, {"layers": 2}], ids=["lstm", "elstm", "two layers"]
)


@CELLS
@pytest.mark.parametrize("bad", INFINITE)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("seed", [1])
def test_an_absurd_value_leaves_every_byte(seed, kind, place, bad):
    case = Case(**(vars(FULL) | {"seed": seed} | kind))
    bank, events = build(case), case.events
    play(bank, events[:20])
    before = bank.store.singles.tobytes(), bank.store.doubles.tobytes()
    event = np.where(np.isnan(events[20]), 0.0, events[20])
    event[place] = bad
    result = play(bank, event[None])[0]
    assert (bank.store.singles.tobytes(), bank.store.doubles.tobytes()) == before
    assert result[0] == 0.0
    assert np.isnan(result[1:]).all()


@CELLS
@pytest.mark.parametrize("huge", [1e30, -1e30])
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("seed", [1])
def test_a_huge_value_that_is_accepted_does_no_lasting_harm(seed, kind, place, huge):
    case = Case(**(vars(FULL) | {"seed": seed} | kind))
    bank, events = build(case), case.events
    play(bank, events[:20])
    event = np.where(np.isnan(events[20]), 0.0, events[20])
    event[place] = huge
    assert play(bank, event[None])[0, 0] == 1.0
    results = play(bank, events[21:])
    assert np.isfinite(results).all()
    assert np.isfinite(bank.store.singles).all()


@CELLS
@pytest.mark.parametrize("seed", [1])
def test_an_event_without_any_target_leaves_every_byte(seed, kind):
    case = Case(**(vars(FULL) | {"seed": seed} | kind))
    bank, events = build(case), case.events
    play(bank, events[:20])
    before = slot_bytes(bank)
    event = events[20].copy()
    event[-case.outputs :] = np.nan
    assert play(bank, event[None])[0, 0] == 0.0
    assert slot_bytes(bank) == before


@settings(max_examples=25, deadline=None)
@given(bad=st.sets(st.integers(0, FULL.n - 1), max_size=12), value=st.sampled_from(INFINITE))
def test_refused_events_in_a_batch_are_as_if_never_sent(bad, value):
    events = FULL.events
    spoilt = np.zeros(len(events), bool)
    spoilt[sorted(bad)] = True
    events[spoilt, 1] = value
    with_bad, without = build(FULL), build(FULL)
    results = play(with_bad, events)
    clean = play(without, events[~spoilt])
    assert with_bad.snapshot(KEY) == without.snapshot(KEY)
    assert results[~spoilt].tobytes() == clean.tobytes()
    assert (results[:, 0] == ~spoilt).all()


@CELLS
@pytest.mark.parametrize("missing", [{0}, {0, 1}, {2, 3, 4}, {0, 1, 2, 3, 4}])
@pytest.mark.parametrize("seed", [1, 2])
def test_missing_values_do_not_stop_learning(seed, kind, missing):
    case = Case(**(vars(FULL) | {"seed": seed} | kind))
    bank, events = build(case), case.events
    play(bank, events[:20])
    theta = bank.views(KEY)["theta"].copy()
    columns = bank.views(KEY)["columns"].copy()
    gap = events[20:].copy()
    gap[:, sorted(missing)] = np.nan
    results = play(bank, gap)
    assert np.isfinite(results).all()
    assert (results[:, 0] == 1.0).all()
    assert (bank.views(KEY)["theta"] != theta).any()
    for j in missing:  # what is not seen teaches nothing of itself
        assert bank.views(KEY)["columns"][j].tobytes() == columns[j].tobytes()
    assert np.isfinite(bank.store.singles).all()


@pytest.mark.parametrize("seed", [1])
def test_asking_changes_nothing(seed):
    case = Case(**(vars(FULL) | {"seed": seed}))
    asked, never, events = build(case), build(case), case.events
    for n, event in enumerate(events):
        before = asked.store.singles.tobytes(), asked.store.doubles.tobytes()
        expected = asked.forecast([0], event[None])
        again = asked.forecast([0, 0], np.stack([event, event]))
        blind = event.copy()
        blind[-case.outputs :] = np.nan  # targets are not looked at
        assert asked.forecast([0], blind[None]).tobytes() == expected.tobytes()
        assert again.tobytes() == 2 * expected.tobytes()
        assert (asked.store.singles.tobytes(), asked.store.doubles.tobytes()) == before
        learnt = play(asked, events[n : n + 1])
        assert learnt[:, 1:].tobytes() == expected.tobytes()  # learning expects what was forecast
    play(never, events)
    assert asked.snapshot(KEY) == never.snapshot(KEY)


@CELLS
@pytest.mark.parametrize("spike", [1e6, 1e30, -1e30])
@pytest.mark.parametrize("mixture", [True, False])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_spike_does_not_ruin_the_model(seed, mixture, spike, kind):
    """A scale grows by at most ten deviations at a spike, and forgets it at 1/n.

    Two hundred events after it, the median error is at most three times what it was before.
    """
    kind = {"mixture": mixture, "seed": seed} | kind
    case = Case(hidden=4, window=8, learning_rate=0.003, n=700, **kind)
    bank, events = build(case), case.events
    targets = events[:, -1].copy()
    events[400, -1] = spike
    results = play(bank, events)
    assert (results[:, 0] == 1.0).all()
    assert np.isfinite(results).all()
    errors = np.abs(results[:, 1] - targets)
    assert np.median(errors[601:]) < 3.0 * np.median(errors[200:400])


@pytest.mark.parametrize("value", [0.0, -7.25, 1e30, 1e-30])
@pytest.mark.parametrize("mixture", [True, False])
def test_a_constant_is_forecast_exactly(value, mixture):
    bank = build(Case(mixture=mixture))
    results = play(bank, np.full((300, 2), value))
    assert (results[1:, 1] == value).all()
    assert np.isfinite(bank.store.singles).all()
