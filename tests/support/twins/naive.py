"""Naive twin of the network: lists, floats and loops, written from the formulas.

Nothing here comes from the package it judges. ``W`` holds the gate weights as rows of
z = [1 | h | x], each row the gates i, f, o, g side by side, H numbers each; ``V`` holds the readout
as rows of [1 | h], each row O numbers.
"""

import math
from dataclasses import dataclass

WEIGHT_MAX = 50.0
NORM_SQUARE_MAX = 1e30


def clamp(value, limit):
    return min(max(value, -limit), limit)


def zeros_like(rows):
    return [[0.0] * len(row) for row in rows]


@dataclass
class Step:
    """What one event leaves behind for the way back."""

    z: list
    i: list
    f: list
    o: list
    g: list
    c_prev: list
    c: list
    h: list
    y: list
    dy: list


def sigmoid(x):
    return 1.0 / (1.0 + math.exp(-x))


def cell(W, h_prev, c_prev, x):
    """Run the LSTM cell: return z, the four gates, the new c and the new h."""
    H = len(h_prev)
    z = [1.0, *h_prev, *x]
    a = [sum(W[r][j] * z[r] for r in range(len(z))) for j in range(4 * H)]
    i = [sigmoid(a[j]) for j in range(H)]
    f = [sigmoid(a[H + j]) for j in range(H)]
    o = [sigmoid(a[2 * H + j]) for j in range(H)]
    g = [math.tanh(a[3 * H + j]) for j in range(H)]
    c = [f[j] * c_prev[j] + i[j] * g[j] for j in range(H)]
    h = [o[j] * math.tanh(c[j]) for j in range(H)]
    return z, i, f, o, g, c, h


def readout(V, h):
    return [V[0][k] + sum(V[1 + j][k] * h[j] for j in range(len(h))) for k in range(len(V[0]))]


def loss(name, error, limit):
    if name == "squared":
        return error * error / 2
    if name == "absolute":
        return abs(error)
    if abs(error) <= limit:
        return error * error / 2
    return limit * (abs(error) - limit / 2)


def loss_gradient(name, error, limit):
    if name == "squared":
        return error
    if name == "absolute":
        return float((error > 0) - (error < 0))
    return error if abs(error) <= limit else math.copysign(limit, error)


def loss_weight(age, update_every, loss_decay):
    """Say what the loss of an event counts that is ``age`` events old, the newest being 0."""
    return 1.0 if age < update_every else loss_decay ** (age - update_every + 1)


def gradients(tape, W, V, update_every, loss_decay):
    """Walk the tape from its newest event to its oldest; return dW and dV."""
    H, O = len(V) - 1, len(V[0])  # noqa: E741 - the letter of the formula
    dW, dV = zeros_like(W), zeros_like(V)
    dh, dc = [0.0] * H, [0.0] * H
    for age, step in enumerate(reversed(tape)):
        weight = loss_weight(age, update_every, loss_decay)
        for k in range(O):
            dV[0][k] += weight * step.dy[k]
            for j in range(H):
                dV[1 + j][k] += weight * step.dy[k] * step.h[j]
                dh[j] += weight * step.dy[k] * V[1 + j][k]
        delta = [0.0] * (4 * H)
        for j in range(H):
            i, f, o, g, t = step.i[j], step.f[j], step.o[j], step.g[j], math.tanh(step.c[j])
            d = dc[j] + dh[j] * o * (1 - t * t)
            delta[j] = d * g * i * (1 - i)
            delta[H + j] = d * step.c_prev[j] * f * (1 - f)
            delta[2 * H + j] = dh[j] * t * o * (1 - o)
            delta[3 * H + j] = d * i * (1 - g * g)
            dc[j] = d * f
        for r, z in enumerate(step.z):  # a row given out since then was not there: its z is 0
            for j in range(4 * H):
                dW[r][j] += z * delta[j]
        dh = [sum(W[1 + r][j] * delta[j] for j in range(4 * H)) for r in range(H)]
    return dW, dV


def norm(*gradients):
    return math.sqrt(sum(g * g for rows in gradients for row in rows for g in row))


class Optimizer:
    """SGD, Adam, and RMSProp as Adam without its first moment; textbook bias correction."""

    def __init__(self, name, learning_rate, clip_norm, beta1, beta2, epsilon, decay=0.0):
        self.name, self.learning_rate, self.clip_norm = name, learning_rate, clip_norm
        self.beta1, self.beta2, self.epsilon = beta1, beta2, epsilon
        self.steps, self.decay = 0, decay
        self.m, self.v = {}, {}

    def step(self, groups, dgroups):
        """Change every weight of ``groups`` (lists of rows) in place."""
        size = norm(*dgroups)
        if not size * size < NORM_SQUARE_MAX:
            return
        shrink = 1.0
        if self.clip_norm > 0 and size > self.clip_norm:
            shrink = self.clip_norm / size
        self.steps += 1
        rate = self.learning_rate * max(0.25, 1 / (1 + self.decay * self.steps))
        for which, (rows, drows) in enumerate(zip(groups, dgroups, strict=True)):
            for r, (row, drow) in enumerate(zip(rows, drows, strict=True)):
                for j, g in enumerate(drow):
                    change = self.direction((which, r, j), g * shrink)
                    row[j] = clamp(row[j] - rate * change, WEIGHT_MAX)

    def direction(self, place, g):
        if self.name == "sgd":
            return g
        beta1, beta2 = self.beta1 if self.name == "adam" else 0.0, self.beta2
        m = self.m[place] = beta1 * self.m.get(place, 0.0) + (1 - beta1) * g
        v = self.v[place] = beta2 * self.v.get(place, 0.0) + (1 - beta2) * g * g
        m_hat = m / (1 - beta1**self.steps)
        v_hat = v / (1 - beta2**self.steps)
        return m_hat / (math.sqrt(v_hat) + self.epsilon)


class NaiveNetwork:
    """An LSTM that learns one event at a time; it keeps every step it has ever taken.

    ``settings`` names window, update_every, optimizer, learning_rate, loss, loss_limit,
    loss_decay, clip_norm, beta_1, beta_2 and epsilon.
    """

    def __init__(self, W, V, settings):
        self.W, self.V, self.settings = W, V, settings
        self.upper = []  # weights of layers above this one; see naive_layers.py
        self.h, self.c = [0.0] * (len(V) - 1), [0.0] * (len(V) - 1)
        self.past = []
        names = ("optimizer", "learning_rate", "clip_norm", "beta_1", "beta_2", "epsilon")
        names = (*names, "learning_rate_decay")
        self.optimizer = Optimizer(*(settings[name] for name in names))

    @property
    def memory(self):
        return [self.h, self.c]

    def move(self, step):
        self.h, self.c = step.h, step.c

    def forward(self, x):
        """Run one event from the present h and c, which stay as they are."""
        z, i, f, o, g, c, h = cell(self.W, self.h, self.c, x)
        y = readout(self.V, h)
        return Step(z, i, f, o, g, self.c, c, h, y, dy=[0.0] * len(y))

    def gradients(self):
        tape = self.past[-self.settings["window"] :]
        every, decay = self.settings["update_every"], self.settings["loss_decay"]
        return gradients(tape, self.W, self.V, every, decay)

    def learn(self, step, targets):
        """Move on by ``step``; a target of None has no loss."""
        name, limit = self.settings["loss"], self.settings["loss_limit"]
        step.dy = [
            0.0 if u is None else loss_gradient(name, y - u, limit)
            for y, u in zip(step.y, targets, strict=True)
        ]
        self.move(step)
        self.past.append(step)
        if len(self.past) % self.settings["update_every"] == 0:
            self.optimizer.step([self.W, self.V, *self.upper], self.gradients())


def window_loss(W, V, first, inputs, targets, settings):
    """Run the cell over a window from h and c in ``first``; return the weighted loss, a float."""
    h, c = first
    total = 0.0
    for n, (x, wanted) in enumerate(zip(inputs, targets, strict=True)):
        *_, c, h = cell(W, h, c, x)
        age = len(inputs) - 1 - n
        weight = loss_weight(age, settings["update_every"], settings["loss_decay"])
        for y, u in zip(readout(V, h), wanted, strict=True):
            if u is not None:
                total += weight * loss(settings["loss"], y - u, settings["loss_limit"])
    return total
