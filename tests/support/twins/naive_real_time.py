"""Naive twin of the eLSTM and of real-time recurrent learning: forward differentiation by rote.

Each c remembers how it moves with every weight of the whole network, whether it can or not; that a
unit is alone with its weights is nowhere used, and no slope of the cell is written down.
"""

import math

import numpy as np

from tests.support.twins.naive import NaiveNetwork, readout, sigmoid, zeros_like
from tests.support.twins.naive_autograd import elstm
from tests.support.twins.naive_cells import Step


class Dual:
    """A number, and how it moves with each weight; only +, × and tanh know what to do."""

    def __init__(self, data, moves):
        self.data, self.moves = data, moves

    def __add__(self, other):
        if not isinstance(other, Dual):
            return Dual(self.data + other, self.moves)
        return Dual(self.data + other.data, self.moves + other.moves)

    def __mul__(self, other):
        if not isinstance(other, Dual):
            return Dual(self.data * other, self.moves * other)
        moves = self.moves * other.data + other.moves * self.data
        return Dual(self.data * other.data, moves)

    def tanh(self):
        data = math.tanh(self.data)
        return Dual(data, self.moves * (1 - data * data))

    __radd__, __rmul__ = __add__, __mul__


def duals(W):
    """Give each weight a number of its own to move with."""
    made = []
    for r, row in enumerate(W):
        made.append([])
        for j, value in enumerate(row):
            moves = np.zeros((len(W), len(row)))
            moves[r, j] = 1.0
            made[-1].append(Dual(value, moves))
    return made


def cell(W, c_prev, x):
    """Rows of W are bias, each unit's own c, inputs; blocks of H columns f, g, o."""
    H, c, h = len(c_prev), [], []
    for j in range(H):

        def drive(block, own, column=j):
            k = block * H + column
            a = W[0][k] + W[1][k] * own
            return a + sum(row[k] * value for row, value in zip(W[2:], x, strict=True))

        f, g = sigmoid(drive(0, c_prev[j])), math.tanh(drive(1, c_prev[j]))
        c.append(f * c_prev[j] + (1 - f) * g)
        h.append(sigmoid(drive(2, c[j])) * c[j])
    return c, h


class NaiveRealTimeNetwork(NaiveNetwork):
    """The network of ``naive.py`` over the eLSTM; it looks back at no step it has taken."""

    def __init__(self, W, V, settings):
        super().__init__(W, V, settings)
        self.moves, self.unused = [np.zeros((0, len(W[0])))] * len(self.c), []

    def forward(self, x):
        c, h = cell(self.W, self.c, x)
        y = readout(self.V, h)
        return Step([1.0, 0.0, *x], {}, self.c, c, h, y, dy=[0.0] * len(y))

    def learn(self, step, targets):
        shape = len(self.W), len(self.W[0])
        c_prev = []
        for value, moves in zip(self.c, self.moves, strict=True):
            known = np.zeros(shape)  # rows given out since then have moved nothing
            known[: len(moves)] = moves
            c_prev.append(Dual(value, known))
        h, c = elstm(duals(self.W), [1.0, *self.h, *step.z[2:]], self.h, c_prev)
        self.moves = [each.moves for each in c]
        self.unused.append((step, [each.moves for each in h]))
        super().learn(step, targets)
        if len(self.past) % self.settings["update_every"] == 0:
            self.unused = []

    def gradients(self):
        """Sum over the events since the last update, each by the weights of its time."""
        V = self.V
        dW, dV = np.zeros((len(self.W), len(self.W[0]))), zeros_like(V)
        for step, moves in self.unused:
            for k, dy in enumerate(step.dy):
                for j, value in enumerate([1.0, *step.h]):
                    dV[j][k] += dy * value
                for j, of_h in enumerate(moves):
                    dW[: len(of_h)] += dy * V[1 + j][k] * of_h
        return dW.tolist(), dV
