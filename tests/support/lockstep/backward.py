"""The gradient a bank would step along, and the slopes to hold it against; nothing changes."""

import numpy as np

from streamlstm.bank import Bank
from streamlstm.kernels import layout as at
from streamlstm.kernels.network.tbptt import scratch_size
from streamlstm.kernels.specialise import backward_of
from tests.support.lockstep.bank_lockstep import KEY, used_weights

STEP = 1e-5


def gradient(bank: Bank) -> list[np.ndarray]:
    """Return dW (rows in use, 4H for the LSTM) and dV (1 + H, O) of the losses on the tape.

    After them, dW of each layer above the first, from the second up.
    """
    shape, slot = bank.shape, bank.slots[KEY]
    room = scratch_size(shape, bank.settings.window)
    scratch = np.full(room, np.nan, bank.store.singles.dtype)
    dtheta = np.full(int(bank.store.plan[at.THETA]), np.nan, bank.store.singles.dtype)
    single, double = bank.store.singles[slot], bank.store.doubles[slot]
    backward_of(shape.cell)(single, double, dtheta, scratch, bank.store.plan)
    W, V = used_weights(bank)
    first = dtheta.size - W.size
    upper = dtheta[V.size : first].reshape(shape.layers - 1, shape.upper_rows, shape.gates)
    return [dtheta[first:].reshape(W.shape), dtheta[: V.size].reshape(V.shape), *upper[::-1]]


def freeze(bank: Bank) -> None:
    """Let the stream's network forecast and remember, but never change again."""
    bank.views(KEY)["scalars"][at.LEARNING_RATE] = 0.0


def differences(rows, loss):
    """Return the central difference of ``loss()`` at every entry of ``rows``."""
    slopes = np.empty((len(rows), len(rows[0])))
    for r, row in enumerate(rows):
        for j, value in enumerate(row):
            row[j] = value + STEP
            above = loss()
            row[j] = value - STEP
            slopes[r, j] = (above - loss()) / (2 * STEP)
            row[j] = value
    return slopes
