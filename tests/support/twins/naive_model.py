"""Naive twin of a whole stream: scaling, experts, mixture, and the network of ``naive.py``,
``naive_cells.py``, ``naive_layers.py`` or ``naive_real_time.py``.

Nothing here comes from the package it judges. An event is a list of features (NaN = missing) and a
list of targets (NaN = missing, where another target is there).
"""

import math

from tests.support.twins.naive import NaiveNetwork, clamp
from tests.support.twins.naive_cells import NaiveCellNetwork
from tests.support.twins.naive_experts import (
    FORGETTING_LONG,
    HISTORY,
    Diagonal,
    LeastSquares,
    Period,
    calendar,
    mixture_weights,
)
from tests.support.twins.naive_layers import NaiveLayers
from tests.support.twins.naive_real_time import NaiveRealTimeNetwork

RATE_MIN, OUTLIER, INPUT_MAX, VALUE_MAX = 0.001, 10.0, 5.0, 1e30
LAGS, LAGS_LONG, OLDER_MAX, CHANGES_LEAST = 12, 24, 2.0, 48
LOSS_MAX, LOSS_MEMORY = 5.0, 0.99


def standardise(value, variance):
    return clamp(value / math.sqrt(variance), INPUT_MAX) if variance > 0 else 0.0


class Moments:
    """Mean and variance that forget: each value counts 1/n at first, never less than RATE_MIN."""

    def __init__(self):
        self.n, self.mean, self.variance = 0, 0.0, 0.0

    def learn(self, value):
        self.n += 1
        rate = max(1 / self.n, RATE_MIN)
        d = value - self.mean
        if self.variance > 0:
            d = clamp(d, OUTLIER * math.sqrt(self.variance))
        self.mean += rate * d
        self.variance = (1 - rate) * (self.variance + rate * d * d)


class MeanSquare:
    def __init__(self):
        self.n, self.value = 0, 0.0

    def learn(self, value):
        self.n += 1
        rate = max(1 / self.n, RATE_MIN)
        square = value * value
        if self.value > 0:
            square = min(square, OUTLIER**2 * self.value)
        self.value = (1 - rate) * self.value + rate * square


class Number:
    """A plain feature: its value and its change, in deviations."""

    def __init__(self):
        self.moments, self.change, self.last = Moments(), MeanSquare(), None

    def encode(self, value):
        if self.last is None:
            return [0.0, 0.0]
        level = standardise(value - self.moments.mean, self.moments.variance)
        return [level, standardise(value - self.last, self.change.value)]

    def learn(self, value):
        if self.last is not None:
            self.change.learn(value - self.last)
        self.moments.learn(value)
        self.last = value


class Cyclic:
    """Hour of day or day of week: a point on a circle, nothing to learn."""

    def __init__(self, period):
        self.period = period

    def encode(self, value):
        angle = 2 * math.pi * value / self.period
        return [math.sin(angle), math.cos(angle)]

    def learn(self, value):
        pass


class Clock:
    """Seconds: the time since the last event, in deviations; never below zero."""

    def __init__(self):
        self.intervals, self.last = Moments(), None

    def encode(self, value):
        if self.last is None:
            return [0.0, 0.0]
        since = max(value - self.last, 0.0)
        return [standardise(since - self.intervals.mean, self.intervals.variance), 0.0]

    def learn(self, value):
        if self.last is not None:
            self.intervals.learn(max(value - self.last, 0.0))
        self.last = value


COLUMNS = {"number": Number, "hour": lambda: Cyclic(24.0), "weekday": lambda: Cyclic(7.0)}
COLUMNS["clock"] = Clock
NETWORKS = {"lstm": NaiveNetwork, "elstm": NaiveRealTimeNetwork}


class Target:
    """One target: its scale, its last changes, its experts and what each of them is worth."""

    def __init__(self, hidden, outputs, autoregressive, mixture):
        self.autoregressive, self.mixture = autoregressive, mixture
        self.own = 2 * outputs  # inputs of the network that are no feature's
        self.moments, self.change, self.last = Moments(), MeanSquare(), 0.0
        self.changes, self.period = [], Period()
        self.linear = {
            "linear_1": LeastSquares(3),
            "linear_24": LeastSquares(2 + LAGS_LONG, FORGETTING_LONG),
            "memory": LeastSquares(2 + LAGS + hidden, FORGETTING_LONG),
            "seasonal": LeastSquares(15),
            "periodic": LeastSquares(2),
            "linear_features": Diagonal(),
        }
        names = ["lstm"]
        if mixture:
            names += ["persistence", "memory"]
            names += ["linear_1", "periodic"] * autoregressive
        self.losses = dict.fromkeys(names, 0.0)

    @property
    def lags(self):
        return (self.changes + [0.0] * LAGS_LONG)[:LAGS_LONG]

    @property
    def anchor(self):
        return self.last if self.autoregressive else self.moments.mean

    @property
    def scale(self):
        return math.sqrt(self.change.value if self.autoregressive else self.moments.variance)

    def encode(self):
        """Return the two inputs of the network that tell of the last target."""
        if not self.autoregressive:
            return [0.0, 0.0]
        level = standardise(self.last - self.moments.mean, self.moments.variance)
        return [level, standardise(self.lags[0], self.change.value)]

    def regressors(self, h, when, inputs):
        """Return what each linear expert looks at.

        ``when`` is (hour, weekday) or None, ``inputs`` what the network sees, or None where there
        is no feature.
        """
        level, changes = 0.0, [0.0] * LAGS_LONG
        if self.autoregressive:
            level = self.encode()[0]
            if self.change.value > 0:
                changes = [clamp(d / math.sqrt(self.change.value), OUTLIER) for d in self.lags]
        recent, older = changes[:LAGS], changes[LAGS:]
        seen = {
            "linear_1": [1.0, level, changes[0]],
            "linear_24": [1.0, level, *recent, *(clamp(d, OLDER_MAX) for d in older)],
            "memory": [1.0, level, *recent, *h],
        }
        if inputs is not None:
            seen["linear_features"] = inputs
        if when is not None:
            seen["seasonal"] = [1.0, *calendar(*when), level, changes[0]]
        if self.autoregressive and self.period.period:
            missed = self.changes[0] - self.period.profile(self.changes[1:HISTORY])
            expected = self.period.profile(self.changes[:HISTORY])
            root = math.sqrt(self.change.value)
            seen["periodic"] = [clamp(d / root, OUTLIER) for d in (expected, missed)]
        return seen

    def experts(self, output, seen):
        said = {"persistence": 0.0, "lstm": output, "seasonal": 0.0, "periodic": 0.0}
        said["linear_features"] = 0.0
        said |= {name: self.linear[name].predict(x) for name, x in seen.items()}
        return {name: clamp(u, OUTLIER) for name, u in said.items()}

    def forecast(self, output, seen):
        said, weights = self.experts(output, seen), mixture_weights(self.losses)
        mixed = sum(weight * said[name] for name, weight in weights.items())
        return self.anchor + self.scale * mixed

    def track(self, y):
        """Learn the scale from ``y``; return u, what it was in units of the scale, or None."""
        anchor, known = self.anchor, self.moments.n > 0
        if known:
            self.change.learn(y - self.last)
            self.changes = [y - self.last, *self.changes]
        self.moments.learn(y)
        self.last = y
        if not (known and self.scale > 0):
            return None
        return clamp((y - anchor) / self.scale, OUTLIER)

    def learn(self, y, output, seen, has_clock):
        """Learn ``y``; return u as :meth:`track` does."""
        if math.isnan(y):
            return None
        said = self.experts(output, seen)
        u = self.track(y)
        if u is None:
            return None
        for name in self.losses:
            missed = min(abs(said[name] - u), LOSS_MAX)
            self.losses[name] = LOSS_MEMORY * self.losses[name] + missed
        if has_clock and self.mixture and "seasonal" not in self.losses:
            self.losses["seasonal"] = self.losses["persistence"]
        enough = self.autoregressive and len(self.changes) >= CHANGES_LEAST
        if enough and self.mixture and "linear_24" not in self.losses:
            self.losses["linear_24"] = self.losses["persistence"]
        asleep = self.mixture and "linear_features" not in self.losses
        if asleep and any(seen.get("linear_features", [])[self.own :]):
            self.losses["linear_features"] = self.losses["persistence"]
        for name, x in seen.items():
            self.linear[name].learn(x, u)
        if self.autoregressive:
            self.period.learn(self.changes, self.scale)
        return u


class NaiveModel:
    """A stream's model, event by event; weights are handed to it, as they are for new columns."""

    def __init__(self, W, V, upper, settings):
        one = NETWORKS.get(settings["cell"], NaiveCellNetwork)
        self.network = NaiveLayers(W, V, upper, settings) if upper else one(W, V, settings)
        hidden, outputs = len(V) - 1, len(V[0])
        kind = settings["autoregressive"], settings["mixture"]
        self.targets = [Target(hidden, outputs, *kind) for _ in range(outputs)]
        self.columns, self.kinds = [], []

    def add_column(self, kind, rows):
        """Give a feature of ``kind`` its column, and its two ``rows`` of gate weights."""
        self.columns.append(COLUMNS[kind]())
        self.kinds.append(kind)
        self.network.W += rows

    def encode(self, features):
        x = [a for target in self.targets for a in target.encode()]
        for column, value in zip(self.columns, features, strict=True):
            x += [0.0, 0.0] if math.isnan(value) else column.encode(value)
        return x

    def when(self, features):
        if "hour" not in self.kinds:
            return None
        found = [features[self.kinds.index(kind)] for kind in ("hour", "weekday")]
        return None if any(map(math.isnan, found)) else found

    def look(self, features):
        """Return the network's step, and for each target what its experts look at."""
        encoded = self.encode(features)
        step, when = self.network.forward(encoded), self.when(features)
        inputs = encoded if features else None
        return step, [target.regressors(step.h, when, inputs) for target in self.targets]

    def forecast(self, features):
        step, seen = self.look(features)
        return [t.forecast(y, s) for t, y, s in zip(self.targets, step.y, seen, strict=True)]

    def learn(self, features, targets):
        """Return what was expected; None for an event that is refused."""
        numbers = [value for value in [*features, *targets] if not math.isnan(value)]
        if all(map(math.isnan, targets)) or any(abs(value) > VALUE_MAX for value in numbers):
            return None
        step, seen = self.look(features)
        zipped = list(zip(self.targets, step.y, seen, strict=True))
        expected = [target.forecast(y, s) for target, y, s in zipped]
        has_clock = "hour" in self.kinds
        u = [
            target.learn(wanted, y, s, has_clock)
            for (target, y, s), wanted in zip(zipped, targets, strict=True)
        ]
        for column, value in zip(self.columns, features, strict=True):
            if not math.isnan(value):
                column.learn(value)
        self.network.learn(step, u)
        return expected
