"""Naive twin of the tracked quantiles: it keeps every error, and is written in lists.

Nothing here comes from the package it judges.
"""

import math

SCALE_RATE_MIN, STEP_MIN, OUTLIER = 0.05, 0.05, 10.0


class NaiveInterval:
    """Half-widths of the levels that may miss shares ``alphas``, the narrowest level first."""

    def __init__(self, alphas):
        self.alphas, self.errors, self.scale = alphas, [], 0.0
        self.quantiles = [-math.log(alpha) for alpha in alphas]
        self.half_widths = [math.inf] * len(alphas)
        self.first = True

    def learn(self, error):
        if self.first:
            self.first = False
            return
        missed = [error > width for width in self.half_widths]
        bounded = min(error, OUTLIER * self.scale) if self.scale > 0 else error
        self.errors.append(error)
        n = len(self.errors)
        self.scale += max(1 / n, SCALE_RATE_MIN) * (bounded - self.scale)
        if n > 1:
            step = max(0.4 / math.sqrt(n), STEP_MIN)
            moved = zip(self.quantiles, missed, self.alphas, strict=True)
            self.quantiles = [
                max(q - step * math.log(alpha) * (m - alpha), 0.0) for q, m, alpha in moved
            ]
        own = [q * self.scale for q in self.quantiles]
        self.half_widths = [max(own[: k + 1]) for k in range(len(own))]
