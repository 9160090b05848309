"""Naive twins of the experts beside the network, and of the mixture that weighs them.

Nothing here comes from the package it judges.
"""

import math

from tests.support.twins.naive import clamp

RATE_MIN = 0.001
FORGETTING, FORGETTING_LONG, TRACE_MAX = 0.999, 0.996, 1000.0
ERROR_DEVIATIONS, VARIANCE_MAX = 4.0, 10.0
HISTORY, PERIOD_MIN, TALLY_MEMORY, PERIODS_BACK, FADES = 384, 12, 0.998, 4, 0.6
SHARPNESS = 0.5


class ClippedError:
    """An error within four of its deviations, which it has learnt from those before it."""

    def __init__(self):
        self.variance, self.n = 0.0, 0

    def learn(self, error):
        square = error * error
        if self.variance > 0:
            error = clamp(error, ERROR_DEVIATIONS * math.sqrt(self.variance))
            square = min(square, 100 * self.variance)
        self.n += 1
        self.variance += max(1 / self.n, RATE_MIN) * (square - self.variance)
        return error


class LeastSquares:
    """Recursive least squares with forgetting: w += P x e / (λ + xᵀ P x)."""

    def __init__(self, n, forgetting=FORGETTING):
        self.forgetting = forgetting
        self.P = [[float(i == j) for j in range(n)] for i in range(n)]
        self.w = [0.0] * n
        self.error = ClippedError()

    def predict(self, x):
        return sum(w * a for w, a in zip(self.w, x, strict=True))

    def learn(self, x, target):
        n = len(x)
        error = self.error.learn(target - self.predict(x))
        trace = sum(self.P[i][i] for i in range(n))
        forgetting = self.forgetting if trace <= TRACE_MAX * n else 1.0
        gain = [sum(self.P[i][j] * x[j] for j in range(n)) for i in range(n)]
        total = forgetting + sum(gain[i] * x[i] for i in range(n))
        for i in range(n):
            self.w[i] += gain[i] * error / total
            for j in range(n):
                self.P[i][j] = (self.P[i][j] - gain[i] * gain[j] / total) / forgetting


class Diagonal:
    """Least squares whose P is one variance for each input; inputs may be appended."""

    def __init__(self):
        self.P, self.w, self.error = [], [], ClippedError()

    def predict(self, x):
        return sum(w * a for w, a in zip(self.w, x, strict=False))

    def learn(self, x, target):
        fresh = len(x) - len(self.w)
        self.P, self.w = self.P + [1.0] * fresh, self.w + [0.0] * fresh
        error = self.error.learn(target - self.predict(x))
        total = FORGETTING + sum(p * a * a for p, a in zip(self.P, x, strict=True))
        for j, a in enumerate(x):
            self.w[j] += self.P[j] * a * error / total
            left = self.P[j] - (self.P[j] * a) ** 2 / total
            self.P[j] = min(left / FORGETTING, VARIANCE_MAX)


def calendar(hour, weekday):
    """Return four harmonics of the day and two of the week."""
    turns = [k * hour / 24 for k in range(1, 5)] + [k * weekday / 7 for k in range(1, 3)]
    return [f(2 * math.pi * t) for t in turns for f in (math.sin, math.cos)]


class Period:
    """How far apart changes are alike: Σ 0.998^age d(t) d(t − p), d within three deviations."""

    def __init__(self):
        self.tally, self.period = dict.fromkeys(range(PERIOD_MIN, HISTORY - 1), 0.0), 0

    def learn(self, changes, scale):
        """Learn from all changes so far, the newest first."""
        short = [clamp(d, 3 * scale) / scale / 3 for d in changes[:HISTORY]]
        for p in self.tally:
            self.tally[p] *= TALLY_MEMORY
            if p < len(short):
                self.tally[p] += short[0] * short[p]
        largest = max(self.tally.values())
        if not largest > 0:
            self.period = 0
        elif self.tally.get(self.period, 0.0) < largest:
            self.period = next(p for p, total in self.tally.items() if total == largest)

    def profile(self, changes):
        """Return the change to expect next, from those one to four periods before it."""
        places = [k * self.period - 1 for k in range(1, PERIODS_BACK + 1)]
        found = [changes[place] for place in places if place < len(changes)]
        weights = [FADES**k for k in range(len(found))]
        return sum(w * d for w, d in zip(weights, found, strict=True)) / sum(weights)


def mixture_weights(losses):
    least = min(losses.values())
    raw = {name: math.exp(-SHARPNESS * (each - least)) for name, each in losses.items()}
    return {name: weight / sum(raw.values()) for name, weight in raw.items()}
