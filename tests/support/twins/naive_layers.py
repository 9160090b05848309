"""Naive twin of layers on top of one another: the forward pass, differentiated by rote.

Nothing here comes from the package it judges, and no formula of the way back is written down.
Activations stay those of their time while the weights beside them change, as on a tape.
"""

import copy
from dataclasses import dataclass

from tests.support.twins.naive import NaiveNetwork, loss, loss_weight
from tests.support.twins.naive_autograd import Value, backward, layered, total


@dataclass
class Step:
    """What one event leaves behind; ``before`` and ``state`` are h and c of each layer."""

    x: list
    before: list
    state: list
    outputs: list
    dy: list

    @property
    def h(self):
        """The highest layer's, which the experts see."""
        return floats(self.state[-1][0])

    @property
    def y(self):
        return floats(self.outputs)


def floats(values):
    return [value.data for value in values]


def values(rows):
    return [[Value(number) for number in row] for row in rows]


def readout(V, h):
    return [total(V, [Value(1.0), *h], k, range(len(V))) for k in range(len(V[0]))]


class NaiveLayers(NaiveNetwork):
    """The network of ``naive.py`` with ``upper`` layers, from the second up, of any cell."""

    def __init__(self, W, V, upper, settings):
        super().__init__(W, V, settings)
        self.upper = upper
        zeros = [0.0] * (len(V) - 1)
        self.state = [values([zeros, zeros]) for _ in range(1 + len(upper))]
        self.weights = [values(rows) for rows in (W, V, *upper)]

    def __deepcopy__(self, memo):
        """Return a copy to move on; what lies behind it is deep, and nobody changes it."""
        return copy.copy(self)

    @property
    def memory(self):
        """h and c of each layer, from the highest down."""
        return [floats(part) for layer in reversed(self.state) for part in layer]

    def refresh(self):
        """Let the numbers that know how to differentiate be the weights as they are now."""
        for known, rows in zip(self.weights, (self.W, self.V, *self.upper), strict=True):
            known.extend(values(rows[len(known) :]))
            for row, numbers in zip(known, rows, strict=True):
                for value, number in zip(row, numbers, strict=True):
                    value.data, value.grad = number, 0.0

    def forward(self, x):
        """Run one event through all layers."""
        self.refresh()
        W, V, *upper = self.weights
        state = layered(self.settings["cell"], [W, *upper], self.state, list(map(Value, x)))
        y = readout(V, state[-1][0])
        return Step(x, self.state, state, y, dy=[0.0] * len(y))

    def move(self, step):
        self.state = step.state

    def gradients(self):
        recent = self.past[-self.settings["window"] :]
        for each in recent[0].before:
            for value in (*each[0], *each[1]):
                value.parents, value.slopes = (), tuple  # constants: that is the truncation
        root = Value(0.0)
        for age, step in enumerate(reversed(recent)):
            weight = loss_weight(age, self.settings["update_every"], self.settings["loss_decay"])
            for y, dy in zip(step.outputs, step.dy, strict=True):
                root = root + y * (weight * dy)
        self.refresh()
        backward(root)
        return [[[value.grad for value in row] for row in rows] for rows in self.weights]


def window_loss(weights, first, inputs, targets, settings):
    """Run the layers over a window from ``first``, h and c of each; return the weighted loss."""
    W, V, *upper = map(values, weights)
    state, result = first, 0.0
    for n, (x, wanted) in enumerate(zip(inputs, targets, strict=True)):
        state = layered(settings["cell"], [W, *upper], state, list(map(Value, x)))
        weight = loss_weight(len(inputs) - 1 - n, settings["update_every"], settings["loss_decay"])
        for y, u in zip(readout(V, state[-1][0]), wanted, strict=True):
            if u is not None:
                result += weight * loss(settings["loss"], y.data - u, settings["loss_limit"])
    return result
