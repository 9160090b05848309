"""Every entry of the gradient is the slope of the loss over the window.

The loss is recomputed by the naive forward pass, from the h and c that the oldest event on the tape
started with (they are constants: that is the truncation), with the inputs on the tape, and with
targets that a naive scaler made. Central differences with a step of 1e-5 err by 1e-10 of the third
derivative, and rounding by 1e-16 · loss / 1e-5: together well under 1e-8 here.
"""

from dataclasses import replace

import numpy as np
import pytest

from tests.support.lockstep.backward import differences, freeze, gradient
from tests.support.lockstep.bank_lockstep import Case, Lockstep, every_weight, used_weights
from tests.support.lockstep.bank_replay import build, play
from tests.support.streams.seeded import uniform
from tests.support.twins import naive_layers
from tests.support.twins.naive_cells import window_loss
from tests.support.twins.naive_model import Target

LEARNED = {"fresh": 0, "fresh with a readout": 0, "trained": 300}


def targets_of(case, events):
    """Return u of every event and target: what the LSTM is to say; None where it has no loss."""
    many = case.outputs
    targets = [Target(1, many, case.autoregressive, mixture=True) for _ in range(many)]
    return [[t.track(y) for t, y in zip(targets, ys, strict=True)] for ys in events.tolist()]


def prepared(case, weights):
    """Return a frozen pair whose whole tape was written by the weights it has now."""
    pair = Lockstep(case)
    learned = LEARNED[weights]
    for event in case.events[:learned]:
        pair.learn(event)
    freeze(pair.bank)
    pair.model.network.optimizer.learning_rate = 0.0
    _, V = used_weights(pair.bank)
    if weights == "fresh with a readout":
        V[...] = uniform(case.seed, *V.shape)
        pair.model.network.V[:] = V.tolist()
    for event in case.events[learned:]:
        pair.learn(event)
    return pair


CASES = [
    Case(outputs=1, window=6, update_every=1, loss_decay=0.0, n=320),
    Case(outputs=1, window=6, update_every=1, loss_decay=0.9, n=320),
    Case(outputs=1, window=6, update_every=4, loss_decay=1.0, n=320),
    Case(outputs=2, window=6, update_every=4, loss_decay=0.0, n=320),
    Case(outputs=2, window=6, update_every=2, loss_decay=0.9, n=320),
    Case(outputs=2, window=1, update_every=1, loss_decay=0.9, n=320),
    Case(outputs=1, window=5, update_every=5, loss="squared", n=320),
    Case(outputs=2, window=5, loss="huber", loss_limit=0.3, loss_decay=1.0, n=320),
    Case(outputs=1, window=5, loss="absolute", loss_decay=0.9, n=320),
    Case(hidden=1, columns=1, autoregressive=False, loss_decay=1.0, n=320),
    Case(hidden=4, columns=1, clock=True, window=5, loss_decay=0.9, n=320),
    Case(hidden=2, columns=3, kind="gap", window=5, loss_decay=0.9, n=320),
]
CASES += [
    replace(case, cell=cell)
    for case in (CASES[1], CASES[3], CASES[4], CASES[5], CASES[7], CASES[10])
    for cell in ("gru", "rnn", "lstm_1997")
]
LAYERED = [
    Case(cell=cell, layers=layers, hidden=2, window=5, n=310, **change)
    for cell, layers, change in (
        ("lstm", 2, {"outputs": 2, "update_every": 2, "loss_decay": 0.9}),
        ("lstm", 3, {"loss_decay": 1.0, "columns": 2}),
        ("gru", 2, {"loss_decay": 0.9}),
        ("rnn", 3, {"update_every": 4, "outputs": 2}),
        ("lstm_1997", 2, {"columns": 0, "loss_decay": 1.0}),
    )
]


def no_longer_than_needed(case, weights):
    """Cut the events after a tape of weights that were never trained."""
    return case if weights == "trained" else replace(case, n=case.window + 4)


@pytest.mark.parametrize("weights", LEARNED)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_entry_is_a_finite_difference(case, weights):
    case = no_longer_than_needed(case, weights)
    pair = prepared(case, weights)
    dW, dV = gradient(pair.bank)
    W, V = (rows.tolist() for rows in used_weights(pair.bank))
    settings, tape = pair.model.network.settings, pair.model.network.past[-case.window :]
    H = case.hidden
    first = tape[0].z[1 : 1 + H], tape[0].c_prev
    inputs = [step.z[1 + H :] for step in tape]
    wanted = targets_of(case, case.events[:, -case.outputs :])[-case.window :]

    def loss():
        return window_loss(W, V, first, inputs, wanted, settings)

    np.testing.assert_allclose(dV, differences(V, loss), 1e-7, 1e-8)
    np.testing.assert_allclose(dW, differences(W, loss), 1e-7, 1e-8)
    assert np.abs(dV).max() > 1e-3  # a window without a loss would prove nothing
    if weights != "fresh":  # a fresh readout is 0 and sends nothing back
        assert np.abs(dW).max() > 1e-4
        assert (np.abs(dW) > 0).mean() > 0.3


@pytest.mark.parametrize("weights", LEARNED)
@pytest.mark.parametrize("case", LAYERED, ids=str)
def test_every_entry_of_every_layer_is_a_finite_difference(case, weights):
    case = no_longer_than_needed(case, weights)
    pair = prepared(case, weights)
    settings, tape = pair.model.network.settings, pair.model.network.past[-case.window :]
    inputs = [step.x for step in tape]
    wanted = targets_of(case, case.events[:, -case.outputs :])[-case.window :]
    layers = [rows.tolist() for rows in every_weight(pair.bank)]

    def loss():
        return naive_layers.window_loss(layers, tape[0].before, inputs, wanted, settings)

    found = gradient(pair.bank)
    assert len(found) == 1 + case.layers
    for ours, rows in zip(found, layers, strict=True):
        np.testing.assert_allclose(ours, differences(rows, loss), 1e-7, 1e-8)
        if weights != "fresh":
            assert np.abs(ours).max() > 1e-4
            assert (np.abs(ours) > 0).mean() > 0.3


@pytest.mark.parametrize("case", [*CASES, *LAYERED], ids=str)
def test_trained_gradients_are_the_twins(case):
    """While it learns, activations on the tape are older than the weights; the twin's are too."""
    pair = Lockstep(Case(**(vars(case) | {"n": 60})))
    for event in pair.case.events:
        pair.learn(event)
        for ours, twin in zip(gradient(pair.bank), pair.model.network.gradients(), strict=True):
            np.testing.assert_allclose(ours, twin, 1e-9, 1e-10)


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn", "lstm_1997"])
def test_what_layers_have_shrunk_to_nearly_denormal_is_nothing(cell):
    bank = build(Case(cell=cell, layers=3, window=5))
    freeze(bank)
    used_weights(bank)[1][...] = 1e-36
    play(bank, Case(n=20).events)
    dW, dV, *upper = gradient(bank)
    assert np.abs(dV).max() > 1e-3
    assert not any(rows.any() for rows in (dW, *upper))
