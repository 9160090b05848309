"""A window longer than the stream, no decay, no step: the gradient is that of the whole stream.

The reference differentiates the naive forward pass by rote: it shares no formula of the way back.
Only the order of summation differs: 1e-11 is thousands of units in the last place.
"""

from dataclasses import replace

import numpy as np
import pytest

from streamlstm.kernels import layout as at
from tests.support.lockstep.backward import freeze, gradient
from tests.support.lockstep.bank_lockstep import KEY, Case, Lockstep, every_weight, used_weights
from tests.support.streams.seeded import uniform
from tests.support.twins.naive_autograd import Value, backward, cell_outputs
from tests.support.twins.naive_model import Target

CASES = [
    Case(hidden=hidden, outputs=outputs, n=n, window=30, loss="squared", loss_decay=1.0, seed=seed)
    for hidden, outputs, n in ((1, 1, 12), (3, 1, 20), (3, 2, 30), (5, 2, 12))
    for seed in (1, 2)
]
CASES += [replace(case, cell=cell) for case in CASES[2:7:2] for cell in ("gru", "rnn", "lstm_1997")]
CASES += [
    replace(CASES[2], cell=cell, layers=layers)
    for cell, layers in (("lstm", 2), ("lstm", 3), ("gru", 2), ("rnn", 2), ("lstm_1997", 3))
]


@pytest.mark.parametrize("update_every", [1, 4, 100])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_gradient_is_that_of_the_whole_stream(case, update_every):
    case = Case(**(vars(case) | {"update_every": update_every}))
    pair = Lockstep(case)
    freeze(pair.bank)
    W, V = used_weights(pair.bank)
    V[...] = uniform(case.seed, *V.shape)
    many = case.outputs
    targets = [Target(1, many, autoregressive=True, mixture=True) for _ in range(many)]
    inputs, wanted = [], []
    for event in case.events:
        features, ys = event[: case.columns].tolist(), event[case.columns :].tolist()
        inputs.append(pair.model.encode(features))
        wanted.append([t.track(y) for t, y in zip(targets, ys, strict=True)])
        pair.learn(event)

    weights = [
        [[Value(v) for v in row] for row in rows.tolist()] for rows in every_weight(pair.bank)
    ]
    W, V, *upper = weights
    total = Value(0.0)
    for ys, us in zip(cell_outputs(case.cell, W, V, inputs, upper), wanted, strict=True):
        for y, u in zip(ys, us, strict=True):
            if u is not None:
                error = y + -u
                total = total + error * error * 0.5
    backward(total)
    for ours, rows in zip(gradient(pair.bank), weights, strict=True):
        np.testing.assert_allclose(ours, [[v.grad for v in row] for row in rows], 1e-11, 1e-11)
    if case.n % update_every == 0:
        length = np.sqrt(sum((rows**2).sum() for rows in gradient(pair.bank)))
        assert pair.bank.views(KEY)["scalars"][at.LAST_NORM] == pytest.approx(length, rel=1e-12)
