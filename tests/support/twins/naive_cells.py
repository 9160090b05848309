"""Naive twins of the cells beside the LSTM: loops from the formulas, each weight on its own.

Nothing here comes from the package it judges. ``W`` holds rows of z = [1 | h | x]; blocks of H
columns are q, r, u, n for the GRU, the unit itself for the plain cell, and i, o, g for the LSTM of
1997. A cell returns what it keeps for the way back; on the way back it is given the gradients at
its new h and c, adds to dW, and returns those at the h and c before.
"""

import math
from dataclasses import dataclass

from tests.support.twins import naive
from tests.support.twins.naive import NaiveNetwork, loss, loss_weight, readout, sigmoid, zeros_like


@dataclass
class Step:
    """What one event leaves behind for the way back."""

    z: list
    kept: dict
    c_prev: list
    c: list
    h: list
    y: list
    dy: list


def column(W, z, j, rows):
    return sum(W[r][j] * z[r] for r in rows)


def forward_gru(W, h_prev, c_prev, x):
    """Step by the paper's words: q sees no x, and what r leaves alone sees no h."""
    H, z = len(h_prev), [1.0, *h_prev, *x]
    hs, xs = range(1, 1 + H), range(1 + H, len(z))
    kept = {name: [] for name in "qrun"}
    for j in range(H):
        q = W[0][j] + column(W, z, j, hs)
        r = sigmoid(W[0][H + j] + column(W, z, H + j, hs) + column(W, z, H + j, xs))
        u = sigmoid(W[0][2 * H + j] + column(W, z, 2 * H + j, hs) + column(W, z, 2 * H + j, xs))
        n = math.tanh(W[0][3 * H + j] + column(W, z, 3 * H + j, xs) + r * q)
        for name, value in zip("qrun", (q, r, u, n), strict=True):
            kept[name].append(value)
    h = [(1 - u) * n + u * old for u, n, old in zip(kept["u"], kept["n"], h_prev, strict=True)]
    return z, kept, h, h


def backward_gru(W, step, dW, dh, dc):
    """Send all of the gradient back to h_prev; c is another name of h."""
    H, z = len(dh), step.z
    dh_prev = [0.0] * H
    for j in range(H):
        q, r, u, n = (step.kept[name][j] for name in "qrun")
        d = dh[j] + dc[j]
        to_n = d * (1 - u) * (1 - n * n)
        to_u = d * (z[1 + j] - n) * u * (1 - u)
        to_r = to_n * q * r * (1 - r)
        dh_prev[j] += d * u
        for r_, value in enumerate(z):
            of_h, of_x = 1 <= r_ <= H, r_ > H
            for block, slope in ((0, to_n * r), (1, to_r), (2, to_u), (3, to_n)):
                if (block == 0 and of_x) or (block == 3 and of_h):
                    continue
                dW[r_][block * H + j] += value * slope
                if of_h:
                    dh_prev[r_ - 1] += W[r_][block * H + j] * slope
    return dh_prev, [0.0] * H


def forward_rnn(W, h_prev, c_prev, x):
    z = [1.0, *h_prev, *x]
    h = [math.tanh(column(W, z, j, range(len(z)))) for j in range(len(h_prev))]
    return z, {"h": h}, [0.0] * len(h), h


def backward_rnn(W, step, dW, dh, dc):
    H = len(dh)
    deltas = [d * (1 - h * h) for d, h in zip(dh, step.h, strict=True)]
    return through_weights(W, step, dW, deltas, H), [0.0] * H


def forward_lstm_1997(W, h_prev, c_prev, x):
    H, z = len(h_prev), [1.0, *h_prev, *x]
    a = [column(W, z, j, range(len(z))) for j in range(3 * H)]
    i, o = [sigmoid(v) for v in a[:H]], [sigmoid(v) for v in a[H : 2 * H]]
    g = [math.tanh(v) for v in a[2 * H :]]
    c = [c_prev[j] + i[j] * g[j] for j in range(H)]
    h = [o[j] * math.tanh(c[j]) for j in range(H)]
    return z, {"i": i, "o": o, "g": g}, c, h


def backward_lstm_1997(W, step, dW, dh, dc):
    H = len(dh)
    i, o, g = (step.kept[name] for name in "iog")
    t = [math.tanh(c) for c in step.c]
    d = [dc[j] + dh[j] * o[j] * (1 - t[j] * t[j]) for j in range(H)]
    deltas = [d[j] * g[j] * i[j] * (1 - i[j]) for j in range(H)]
    deltas += [dh[j] * t[j] * o[j] * (1 - o[j]) for j in range(H)]
    deltas += [d[j] * i[j] * (1 - g[j] * g[j]) for j in range(H)]
    return through_weights(W, step, dW, deltas, H), d


def through_weights(W, step, dW, deltas, H):
    """Add what the weights get from ``deltas``; return what the h before gets."""
    for r, value in enumerate(step.z):
        for j, delta in enumerate(deltas):
            dW[r][j] += value * delta
    return [sum(W[1 + r][j] * delta for j, delta in enumerate(deltas)) for r in range(H)]


CELLS = {
    "gru": (forward_gru, backward_gru),
    "rnn": (forward_rnn, backward_rnn),
    "lstm_1997": (forward_lstm_1997, backward_lstm_1997),
}


class NaiveCellNetwork(NaiveNetwork):
    """The network of ``naive.py`` over another cell; ``settings`` names it."""

    def forward(self, x):
        run, _ = CELLS[self.settings["cell"]]
        z, kept, c, h = run(self.W, self.h, self.c, x)
        y = readout(self.V, h)
        return Step(z, kept, self.c, c, h, y, dy=[0.0] * len(y))

    def gradients(self):
        settings, V = self.settings, self.V
        _, back = CELLS[settings["cell"]]
        H = len(V) - 1
        dW, dV, dh, dc = zeros_like(self.W), zeros_like(V), [0.0] * H, [0.0] * H
        for age, step in enumerate(reversed(self.past[-settings["window"] :])):
            weight = loss_weight(age, settings["update_every"], settings["loss_decay"])
            for k, dy in enumerate(step.dy):
                for j, value in enumerate([1.0, *step.h]):
                    dV[j][k] += weight * dy * value
                for j in range(H):
                    dh[j] += weight * dy * V[1 + j][k]
            dh, dc = back(self.W, step, dW, dh, dc)
        return dW, dV


def window_loss(W, V, first, inputs, targets, settings):
    """Do what ``naive.window_loss`` does, whatever the cell."""
    if settings["cell"] == "lstm":
        return naive.window_loss(W, V, first, inputs, targets, settings)
    run, _ = CELLS[settings["cell"]]
    h, c = first
    total = 0.0
    for n, (x, wanted) in enumerate(zip(inputs, targets, strict=True)):
        _, _, c, h = run(W, h, c, x)
        weight = loss_weight(len(inputs) - 1 - n, settings["update_every"], settings["loss_decay"])
        for y, u in zip(readout(V, h), wanted, strict=True):
            if u is not None:
                total += weight * loss(settings["loss"], y - u, settings["loss_limit"])
    return total
