"""Naive twin of the classifier: lists, floats and loops, written from the formulas.

Nothing here comes from the package it judges. Rows of weights are kept in the order in which
labels and features came; ``places`` says where each lies among [1 | h | labels | features].
"""

import math

from tests.support.twins.naive import NaiveNetwork, cell, loss_weight, readout
from tests.support.twins.naive_cells import CELLS, NaiveCellNetwork
from tests.support.twins.naive_model import COLUMNS, VALUE_MAX, Moments, standardise

FLOOR, LOSS_MEMORY, COUNT_MAX = 0.001, 0.99, 1000.0
RATE, SQUARE_START = 0.3, 1.0
FORGETTING, TRACE_MAX = 0.999, 10.0
GAIN_START, GAIN_MIN, GAIN_MAX, GAIN_RATE = 4.0, 0.5, 50.0, 0.05
UNIT_SPREAD, CERTAIN, WARM_UP = 2.0, 0.9, 200
EXPERTS = ("frequencies", "transitions", "logistic", "random_features", "lstm", "memory")


def softmax(scores, gain=1.0):
    raw = [math.exp(gain * (s - max(scores))) for s in scores]
    return [r / sum(raw) for r in raw]


def smoothed(counts, prior):
    return [(n + p) / (sum(counts) + 1.0) for n, p in zip(counts, prior, strict=True)]


def counted(counts, label):
    keep = min(1.0, (COUNT_MAX - 1) / sum(counts)) if sum(counts) > 0 else 1.0
    return [n * keep + (k == label) for k, n in enumerate(counts)]


class Logistic:
    """Multinomial logistic regression by AdaGrad; one row of weights an input."""

    def __init__(self):
        self.rows, self.squares = [], []

    def add_input(self, classes):
        self.rows.append([0.0] * classes)
        self.squares.append([0.0] * classes)

    def add_class(self):
        first = min(self.rows[0])
        for r, (row, square) in enumerate(zip(self.rows, self.squares, strict=True)):
            row.append(first if r == 0 else 0.0)
            square.append(0.0)

    def scores(self, x):
        classes = len(self.rows[0])
        return [sum(x[r] * self.rows[r][k] for r in range(len(x))) for k in range(classes)]

    def learn(self, x, p, label):
        for r, value in enumerate(x):
            for k in range(len(p)):
                g = (p[k] - (k == label)) * value
                self.squares[r][k] += g * g
                self.rows[r][k] -= RATE * g / math.sqrt(SQUARE_START + self.squares[r][k])


class RandomFeatures:
    """Least squares with forgetting on [1 | tanh(b + A x)]; A and b are handed to it."""

    def __init__(self, bias):
        self.bias, self.projection, self.gain = bias, [], GAIN_START
        n = len(bias)
        self.P = [[float(i == j) for j in range(n)] for i in range(n)]
        self.w = []

    def units(self, x, columns):
        spread = UNIT_SPREAD / math.sqrt(max(columns, 1))
        n = len(self.bias)
        turned = [
            sum(a * row[j] for a, row in zip(x, self.projection, strict=True)) for j in range(n)
        ]
        made = [math.tanh(self.bias[j] + spread * turned[j]) for j in range(n)]
        return [1.0, *made[1:]]

    def scores(self, units):
        return [sum(a * b for a, b in zip(row, units, strict=True)) for row in self.w]

    def learn(self, units, p, label):
        n, scores = len(units), self.scores(units)
        forgetting = FORGETTING if sum(self.P[i][i] for i in range(n)) <= TRACE_MAX * n else 1.0
        Px = [sum(self.P[i][j] * units[j] for j in range(n)) for i in range(n)]
        total = forgetting + sum(Px[i] * units[i] for i in range(n))
        for k, row in enumerate(self.w):
            for i in range(n):
                row[i] += Px[i] * ((k == label) - scores[k]) / total
        for i in range(n):
            for j in range(n):
                self.P[i][j] = (self.P[i][j] - Px[i] * Px[j] / total) / forgetting
        slope = sum((p[k] - (k == label)) * scores[k] for k in range(len(p)))
        slope = min(max(slope, -1.0), 1.0)
        self.gain = min(max(self.gain * (1.0 - GAIN_RATE * slope), GAIN_MIN), GAIN_MAX)


class NaiveClassifier:
    """A classifier, event by event; weights are handed to it as classes and features come.

    ``W`` holds the gate rows [1 | h]; ``bias`` the biases of the random units.
    """

    def __init__(self, W, bias, settings, experts):
        H = len(W) - 1
        kind = NaiveCellNetwork if settings["cell"] in CELLS else NaiveNetwork
        self.network = kind(W, [[] for _ in range(1 + H)], settings)
        self.losses = {name: 0.0 for name in EXPERTS if name in experts}
        self.random, self.logistic, self.memory = RandomFeatures(bias), Logistic(), Logistic()
        self.logistic.add_input(0)
        for _ in range(1 + H):
            self.memory.add_input(0)
        self.columns, self.kinds, self.order = [], [], ["own"] * (1 + H)
        self.frequencies, self.transitions, self.last, self.before = [], [], None, None
        self.moments, self.labelled = [Moments() for _ in range(H)], 0

    @property
    def classes(self):
        return len(self.frequencies)

    @property
    def places(self):
        """Return the rows in the order [1 | h | labels | features]."""
        named = range(len(self.order))
        return [r for kind in ("own", "label", "feature") for r in named if self.order[r] == kind]

    def add_class(self, rows):
        """Give a class its two ``rows`` of gate weights, and a score no one else is below."""
        for r, row in enumerate(self.network.V):
            row.append(min(row) if r == 0 and row else 0.0)
        for step in self.network.past:
            step.dy.append(0.0)
        for logistic in (self.logistic, self.memory):
            if self.classes:
                logistic.add_class()
            else:
                logistic.rows = [[0.0] for _ in logistic.rows]
                logistic.squares = [[0.0] for _ in logistic.squares]
        self.frequencies.append(0.0)
        for counts in self.transitions:
            counts.append(0.0)
        self.transitions.append([0.0] * self.classes)
        self.random.w.append([0.0] * len(self.random.bias))
        self._add_rows("label", rows)

    def add_column(self, kind, rows, projection):
        """Give a feature its column, two ``rows`` of gate weights, and two of the projection."""
        self.columns.append(COLUMNS[kind]())
        self.kinds.append(kind)
        self.random.projection += projection
        for _ in range(2):
            self.logistic.add_input(self.classes)
        self._add_rows("feature", rows)

    def _add_rows(self, kind, rows):
        self.network.W += rows
        self.order += [kind] * 2
        for _ in range(2):
            self.memory.add_input(self.classes)

    def inputs(self, features):
        """Return the inputs in the order their rows came, and those of the static experts."""
        labels, static, columns = [], [], []
        for k in range(self.classes):
            own = self.network.settings["autoregressive"]
            labels += [float(own and self.last == k), float(own and self.before == k)]
        for column, kind, value in zip(self.columns, self.kinds, features, strict=True):
            a, b = (0.0, 0.0) if math.isnan(value) else column.encode(value)
            columns += [a, b]
            static += [a, b if kind in {"hour", "weekday"} else 0.0]
        sources = {"label": iter(labels), "feature": iter(columns)}
        return [next(sources[kind]) for kind in self.order if kind != "own"], [1.0, *static]

    def look(self, features):
        """Return the network's step, each expert's opinion, and what it was formed from."""
        x, static = self.inputs(features)
        step = self.network.forward(x)
        uniform = [1.0 / self.classes] * self.classes
        said = {"frequencies": smoothed(self.frequencies, uniform)}
        said["transitions"] = said["frequencies"]
        if self.last is not None:
            said["transitions"] = smoothed(self.transitions[self.last], said["frequencies"])
        units = self.random.units(static[1:], len(self.columns))
        felt = [
            standardise(h - m.mean, m.variance) for h, m in zip(step.h, self.moments, strict=True)
        ]
        memory = [1.0, *felt, *x]
        step.base = self.logistic.scores(static)
        said["logistic"] = softmax(step.base)
        said["random_features"] = softmax(self.random.scores(units), self.random.gain)
        said["lstm"] = softmax([a + b for a, b in zip(step.y, step.base, strict=True)])
        said["memory"] = softmax(self.memory.scores(memory))
        return step, said, (static, units, memory)

    def mixture(self, said):
        least = min(self.losses.values())
        weights = {name: math.exp(least - loss) for name, loss in self.losses.items()}
        mixed = [sum(w * said[name][k] for name, w in weights.items()) for k in range(self.classes)]
        share = FLOOR / self.classes
        return [(1 - FLOOR) * m / sum(weights.values()) + share for m in mixed]

    def forecast(self, features):
        return self.mixture(self.look(features)[1])

    def learn(self, features, label):
        """Return the probabilities before ``label`` was seen (None: there is none)."""
        if any(abs(value) > VALUE_MAX for value in features):
            return None
        step, said, (static, units, memory) = self.look(features)
        mixed = self.mixture(said)
        if label is not None:
            for name in self.losses:
                p = (1 - FLOOR) * said[name][label] + FLOOR / self.classes
                self.losses[name] = LOSS_MEMORY * self.losses[name] - math.log(p)
            self.frequencies = counted(self.frequencies, label)
            if self.last is not None:
                self.transitions[self.last] = counted(self.transitions[self.last], label)
            self.last, self.before = label, self.last
            self.labelled += 1
            self.logistic.learn(static, said["logistic"], label)
            self.memory.learn(memory, said["memory"], label)
            self.random.learn(units, said["random_features"], label)
        for column, value in zip(self.columns, features, strict=True):
            if not math.isnan(value):
                column.learn(value)
        for h, moments in zip(step.h, self.moments, strict=True):
            moments.learn(h)
        self.remember(step, said["lstm"], label)
        return mixed

    def remember(self, step, p, label):
        """Move the network on; the gradient at the scores is p − t, or 0."""
        settings, network = self.network.settings, self.network
        step.dy = [0.0] * len(p)
        if label is not None and self.labelled > WARM_UP and p[label] < CERTAIN:
            step.dy = [q - (k == label) for k, q in enumerate(p)]
        network.h, network.c = step.h, step.c
        network.past.append(step)
        if len(network.past) % settings["update_every"] == 0:
            dW, dV = network.gradients()
            network.optimizer.step([network.W, network.V], [dW, dV])


def window_cross_entropy(W, V, first, inputs, bases, labels, settings):
    """Run the cell over a window from h and c in ``first``; return the weighted loss, a float.

    ``bases`` are the scores the logistic regression gave at each event.
    """
    h, c = first
    total = 0.0
    for n, (x, base, label) in enumerate(zip(inputs, bases, labels, strict=True)):
        *_, c, h = cell(W, h, c, x)
        age = len(inputs) - 1 - n
        if label is not None:
            weight = loss_weight(age, settings["update_every"], settings["loss_decay"])
            p = softmax([a + b for a, b in zip(readout(V, h), base, strict=True)])
            total -= weight * math.log(min(p[label], CERTAIN))
    return total
