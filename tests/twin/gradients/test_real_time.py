"""Real-time recurrent learning steps along the gradient of the whole past, whatever the window.

The reference differentiates the naive forward pass backwards by rote, from the first event on; what
learns goes forward. Only the order of summation differs: 1e-11 is thousands of units in the last
place. While weights change the traces are stale: there ``test_stream_twin.py`` has its twin.
"""

from dataclasses import replace

import numpy as np
import pytest

from streamlstm.kernels import layout as at
from streamlstm.kernels.cells import elstm
from tests.support.lockstep.backward import freeze
from tests.support.lockstep.bank_lockstep import KEY, Case, Lockstep, used_weights
from tests.support.lockstep.bank_replay import build, play
from tests.support.streams.seeded import normal, uniform
from tests.support.twins.naive_autograd import Value, backward, cell_outputs
from tests.support.twins.naive_model import Target

PLAIN = Case(cell="elstm", optimizer="sgd", loss="squared", window=1, n=24)
CASES = [
    replace(PLAIN, hidden=hidden, outputs=outputs, columns=columns, seed=seed)
    for hidden, outputs, columns in ((1, 1, 0), (3, 1, 2), (4, 2, 1))
    for seed in (1, 2)
]


def whole_gradient(pair, inputs, wanted):
    """Return dW and dV of the losses at ``wanted``, by rote and through every event before."""
    weights = [rows.tolist() for rows in used_weights(pair.bank)]
    W, V = ([[Value(v) for v in row] for row in rows] for rows in weights)
    total = Value(0.0)
    for ys, us in zip(cell_outputs("elstm", W, V, inputs), wanted, strict=True):
        for y, u in zip(ys, us, strict=True):
            if u is not None:
                error = y + -u
                total = total + error * error * 0.5
    backward(total)
    return [np.array([[v.grad for v in row] for row in rows]) for rows in (W, V)]


@pytest.mark.parametrize("update_every", [1, 4, 24])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_step_is_along_the_gradient_of_the_whole_past(case, update_every):
    """Frozen until the last event; then one plain step of rate 1, which is the gradient."""
    case = replace(case, update_every=update_every)
    pair = Lockstep(case)
    freeze(pair.bank)
    W, V = used_weights(pair.bank)
    V[...] = uniform(case.seed, *V.shape)
    many = case.outputs
    targets = [Target(1, many, autoregressive=True, mixture=True) for _ in range(many)]
    inputs, wanted = [], []
    for n, event in enumerate(case.events):
        features, ys = event[: case.columns].tolist(), event[case.columns :].tolist()
        inputs.append(pair.model.encode(features))
        losses = [t.track(y) for t, y in zip(targets, ys, strict=True)]
        recent = n >= case.n - update_every
        wanted.append(losses if recent else [None] * case.outputs)
        if n == case.n - 1:
            exact = whole_gradient(pair, inputs, wanted)
            pair.bank.views(KEY)["scalars"][[at.LEARNING_RATE, at.CLIP_NORM]] = 1.0, 0.0
            before = W.copy(), V.copy()
        pair.learn(event)
    for old, new, slope in zip(before, (W, V), exact, strict=True):
        np.testing.assert_allclose(old - new, slope, 1e-11, 1e-11)
        assert np.abs(slope).max() > 1e-3
        assert (np.abs(slope) > 0).mean() > 0.5


@pytest.mark.parametrize("change", [{"window": 64}, {"loss_decay": 0.9}])
@pytest.mark.parametrize("update_every", [1, 3])
def test_what_truncates_is_not_asked(change, update_every):
    case = replace(PLAIN, kind="gap", columns=2, outputs=2, update_every=update_every)
    banks = [build(each) for each in (case, replace(case, **change))]
    made = [play(bank, case.events).tobytes() for bank in banks]
    assert made[0] == made[1]
    assert banks[0].slot_bytes == banks[1].slot_bytes


@pytest.mark.parametrize("own", [-20.0, -50.0])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_unit_that_oscillates_does_not_end_learning(own, seed):
    """Its slopes multiply to 1e16 in 100 events, and steps along such gradients are not taken."""
    bank = build(replace(PLAIN, optimizer="adam", columns=2, hidden=3, seed=seed))
    gates, scalars = used_weights(bank)[0], bank.views(KEY)["scalars"]
    gates[1, :3], gates[1, 3:6] = 5.0, own
    scalars[at.LEARNING_RATE] = 0.0
    events = normal(seed, 300, 3)
    play(bank, events[:200])
    assert np.abs(bank.views(KEY)["traces"]).max() == 1e4
    before = gates.copy()
    scalars[at.LEARNING_RATE] = 0.003
    play(bank, events[200:])
    assert scalars[at.UPDATES] == 300.0
    assert (gates != before).mean() > 0.9


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_traces_end_at_their_limit_and_at_zero(dtype):
    """A slope above 1 would lead to infinity, one below it to denormals, which cost so much."""
    slopes = np.array([0, 0, 2, 0.5, 1, 1, 0], dtype)
    traces, dweights, seen = np.array([-1, 1], dtype), np.zeros(3, dtype), np.ones(3, dtype)
    for _ in range(110):
        elstm.carry(traces, dweights, seen, slopes)
    assert traces.tolist() == [-1e4, 0.0]
    assert np.isfinite(dweights).all()
