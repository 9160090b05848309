"""Naive twin of the decision: it keeps every surprise it has ever seen, and sorts them.

Nothing here comes from the package it judges.
"""

import math

from tests.support.twins.naive_model import RATE_MIN

SCORE_MAX, SURPRISE_MAX = 300.0, 1e12
TAIL_FLOOR, OUT_OF_RANGE = 0.02, 0.05


class Calibration:
    """Turns a surprise into -log10 of how probable one at least as large is."""

    def __init__(self):
        self.standardised_errors, self.mean, self.tail = [], 0.0, 0.0

    @property
    def largest(self):
        """The largest surprises, which the tail is fitted to: 1 % of all, 20 to 100 of them."""
        count = min(max(len(self.standardised_errors) // 100, 20), 100)
        return sorted(self.standardised_errors, reverse=True)[:count]

    @property
    def shift(self):
        return max(self.mean / 3, 1e-6)

    def learn(self, standardised_error):
        above, before = (
            sum(s >= standardised_error for s in self.standardised_errors),
            len(self.largest),
        )
        bounded = min(standardised_error, 10 * self.mean) if self.mean > 0 else standardised_error
        self.standardised_errors.append(standardised_error)
        self.mean += max(1 / len(self.standardised_errors), RATE_MIN) * (bounded - self.mean)
        fitted = self.largest
        if above < len(fitted) or len(fitted) != before:  # else the tail is as it was
            least = fitted[-1] + self.shift
            self.tail = sum(math.log((s + self.shift) / least) for s in fitted) / len(fitted)

    def score(self, standardised_error):
        if not self.standardised_errors:
            return 0.0
        fitted = self.largest
        share = math.log10(len(self.standardised_errors) / len(fitted))
        if standardised_error <= fitted[-1]:
            return share * standardised_error / fitted[-1] if fitted[-1] > 0 else 0.0
        ratio = (standardised_error + self.shift) / (fitted[-1] + self.shift)
        return min(share + math.log10(ratio) / (self.tail + TAIL_FLOOR), SCORE_MAX)


class Alert:
    """Opens at the threshold, closes after ``resolve_after`` events below it, then cools down."""

    def __init__(self, threshold, resolve_after, cooldown):
        self.threshold, self.resolve_after, self.cooldown = threshold, resolve_after, cooldown
        self.open, self.below, self.resting, self.silent = False, 0, 0, 0
        self.events, self.peak = 0, 0.0

    def decide(self, score):
        """Return 1 where an alert opens, 2 where one ends, else 0."""
        odd, silent = score >= self.threshold, self.silent > 0
        self.silent = max(self.silent - 1, 0)
        if self.open:
            self.events, self.peak = self.events + 1, max(self.peak, score)
            self.below = 0 if odd else self.below + 1
            if self.below == self.resolve_after:
                self.open, self.resting = False, self.cooldown
                return 2
        elif self.resting:
            self.resting -= 1
        elif odd and not silent:
            self.open, self.below, self.events, self.peak = True, 0, 1, score
            return 1
        return 0


class TypicalError:
    """The range of a target, and its usual error."""

    def __init__(self):
        self.low, self.high, self.n, self.value, self.seen = None, None, 0, 0.0, 0

    def beyond(self, y):
        """Score a value beyond the range by more than 5 % of it."""
        if self.low is None:
            return 0.0
        margin = OUT_OF_RANGE * (self.high - self.low)
        excess = max(self.low - y, y - self.high) - margin
        if excess <= 0:
            return 0.0
        ratio = min(1 + excess / margin, SURPRISE_MAX) if margin > 0 else SURPRISE_MAX
        return min(math.log10(self.seen * ratio), SCORE_MAX)

    def standardised_error(self, error):
        if self.n == 0 or (error == 0 and self.value == 0):
            return 0.0
        return min(error / self.value, SURPRISE_MAX) if self.value > 0 else SURPRISE_MAX

    def learn(self, y, error, *, learnable):
        self.seen += 1
        if self.low is None:
            self.low = self.high = y
            return
        self.low, self.high = min(self.low, y), max(self.high, y)
        if learnable:
            self.n += 1
            bounded = min(error, 10 * self.value) if self.value > 0 else error
            self.value += max(1 / self.n, RATE_MIN) * (bounded - self.value)
