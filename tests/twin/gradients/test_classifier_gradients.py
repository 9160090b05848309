"""Every entry of the classifier's gradient is the slope of the cross-entropy over the window.

The loss is recomputed by the naive forward pass, from the h and c that the oldest event on the tape
started with, and its inputs. Central differences as in ``test_gradients.py``.
"""

import numba
import numpy as np
import pytest

from streamlstm.kernels import layout as at
from tests.support.lockstep.backward import differences
from tests.support.lockstep.class_lockstep import (
    ClassCase,
    ClassLockstep,
    class_gradient,
    used_rows,
)
from tests.support.streams.seeded import uniform
from tests.support.twins.naive_classifier import window_cross_entropy

LEARNED = {"fresh with a readout": 0, "trained": 40 if numba.config.DISABLE_JIT else 200}
CASES = [
    ClassCase(window=6, n=220),
    ClassCase(window=6, loss_decay=0.9, n=220),
    ClassCase(window=6, update_every=4, loss_decay=1.0, n=220),
    ClassCase(classes=2, window=1, loss_decay=0.9, n=220),
    ClassCase(classes=5, hidden=4, window=5, update_every=5, n=220),
    ClassCase(window=5, unlabelled=2, loss_decay=1.0, n=221),
    ClassCase(columns=0, window=5, loss_decay=0.9, n=220),
    ClassCase(clock=True, kind="gap", window=5, loss_decay=0.9, n=220),
    ClassCase(autoregressive=False, window=5, loss_decay=1.0, n=220),
]


@pytest.mark.parametrize("weights", LEARNED)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_entry_is_a_finite_difference(case: ClassCase, weights: str) -> None:
    learned = LEARNED[weights] or 7  # by then every class is there
    case = ClassCase(**(vars(case) | {"n": learned + 2 * case.window + 9}))
    pair = ClassLockstep(case)
    for event in case.events[:learned]:
        pair.learn(event)
    views = pair.ours.views()
    views["scalars"][at.LEARNING_RATE] = pair.twin.network.optimizer.learning_rate = 0.0
    if weights != "trained":
        views["theta.readout"][...] = uniform(case.seed, *views["theta.readout"].shape)
        pair.twin.network.V[:] = views["theta.readout"].tolist()
    while pair.twin.classes < case.classes:
        pair.learn(([0.0] * len(pair.twin.columns), pair.twin.classes))
    pair.ours.double[at.TAPE_LENGTH] = 0.0
    past = pair.twin.network.past
    first_at, events = len(past), case.events[learned:]
    for event in events:
        pair.learn(event)
    dW, dV = class_gradient(pair.ours)
    tape = past[max(first_at, len(past) - case.window) :]
    H, order = case.hidden, pair.twin.places
    W = [pair.twin.network.W[r] for r in order]
    V = pair.ours.views()["theta.readout"].tolist()
    inputs = [[step.z[r] for r in order[1 + H :]] for step in tape]
    bases = [step.base for step in tape]
    first = tape[0].z[1 : 1 + H], tape[0].c_prev
    labels, settings = [label for _, label in events][-len(tape) :], pair.twin.network.settings

    def loss() -> float:
        return window_cross_entropy(W, V, first, inputs, bases, labels, settings)

    np.testing.assert_allclose(used_rows(pair.ours), W, 1e-8, 1e-8)
    np.testing.assert_allclose(dV, differences(V, loss), 1e-7, 1e-8)
    np.testing.assert_allclose(dW, differences(W, loss), 1e-7, 1e-8)
    assert np.abs(dV).max() > 1e-3  # a window without a loss would prove nothing
    assert np.abs(dW).max() > 1e-4


@pytest.mark.parametrize("seed", [1, 2])
def test_trained_gradients_are_the_twins(seed: int) -> None:
    """Classes that come late are on the tape from before with no share in it."""
    pair = ClassLockstep(ClassCase(classes=4, window=8, update_every=3, loss_decay=0.7, seed=seed))
    for event in pair.case.events:
        pair.learn(event)
        dW, dV = pair.twin.network.gradients()
        ours = class_gradient(pair.ours)
        np.testing.assert_allclose(ours[0], [dW[r] for r in pair.twin.places], 1e-8, 1e-9)
        np.testing.assert_allclose(ours[1], dV, 1e-8, 1e-9)
