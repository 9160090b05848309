"""Steps ahead in lockstep with a copy of the naive twin that is moved on by its own forecasts."""

import copy
from dataclasses import replace

import numba
import numpy as np
import pytest

from streamlstm.bank.slots.rollout import roll_slots
from tests.support.lockstep.bank_lockstep import KEY, Case, Lockstep
from tests.support.lockstep.bank_replay import slot_bytes

CASES = [
    Case(),
    Case(hidden=1, columns=0),
    Case(outputs=2, columns=5),
    Case(clock=True, columns=2, outputs=2, kind="gap"),
    Case(mixture=False),
    Case(layers=3),
    Case(autoregressive=False, clock=True),
    Case(kind="spike"),
    Case(kind="constant"),
]
LEARNT, STEPS = (8, 4) if numba.config.DISABLE_JIT else (40, 20)


def rolled(model, features):
    """Forecast from what was forecast; a naive model keeps its last values where it shows them."""
    model, made = copy.deepcopy(model), []
    for values in features:
        step, seen = model.look(values)
        zipped = zip(model.targets, step.y, seen, strict=True)
        made.append([target.forecast(y, s) for target, y, s in zipped])
        model.network.move(step)
        for target, y in zip(model.targets, made[-1], strict=True):
            target.changes = [y - target.last, *target.changes]
            target.last = y
        for column, value in zip(model.columns, values, strict=True):
            if getattr(column, "last", None) is not None and not np.isnan(value):
                column.last = value
    return made


@pytest.mark.parametrize("case", [replace(c, seed=s) for c in CASES for s in (1, 2)], ids=str)
def test_steps_ahead_are_their_twins(case):
    both = Lockstep(replace(case, n=LEARNT + STEPS))
    events = both.case.events
    for event in events[:LEARNT]:
        both.learn(event)
    before = slot_bytes(both.bank)
    ours = both.bank.roll_forward(KEY, events[LEARNT:])
    theirs = rolled(both.model, events[LEARNT:, : -case.outputs].tolist())
    np.testing.assert_allclose(ours, theirs, rtol=1e-8, atol=1e-8)
    assert slot_bytes(both.bank) == before


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_first_step_is_the_forecast_and_each_begins_where_the_last_one_ended(case):
    both = Lockstep(replace(case, n=LEARNT + STEPS), dtype=np.float32)
    events, bank = both.case.events, both.bank
    bank.learn(np.full(LEARNT, both.slot), events[:LEARNT])
    path = bank.roll_forward(KEY, events[LEARNT:])
    assert (path[0] == bank.forecast([both.slot], events[LEARNT : LEARNT + 1])[0]).all()
    assert (path[:3] == bank.roll_forward(KEY, events[LEARNT : LEARNT + 3])).all()
    other = bank.open("copy")
    bank.store.copy(KEY, "copy")
    results = np.empty((1, 1 + case.outputs))
    for step, event in enumerate(events[LEARNT:]):
        roll_slots(bank.store, np.array([other]), event[None], results)
        assert (results[0, 1:] == path[step]).all()
