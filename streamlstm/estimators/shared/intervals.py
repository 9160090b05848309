"""Prediction intervals of an estimator: a row of tracked half-widths for each target."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from streamlstm.kernels.decision import interval as at

if TYPE_CHECKING:
    from river.conf import Interval


class Intervals:
    """Half-widths of prediction intervals, for each target and each level.

    They begin where errors that follow a Laplace law would have them, and are infinite before the
    first error is seen.

    Parameters
    ----------
    levels
        Shares of the targets that intervals are to cover, between 0 and 1; ``None`` for none.
    targets
        How many targets, or steps ahead.

    Raises
    ------
    ValueError
        For a level out of its range, or an empty tuple.

    Examples
    --------
    >>> intervals = Intervals((0.95, 0.8), targets=2)
    >>> intervals.levels, intervals.half_widths(0.8).tolist()
    ((0.8, 0.95), [inf, inf])
    """

    def __init__(self, levels: Iterable[float] | None, targets: int) -> None:
        self.levels = tuple(sorted(set(levels or ())))
        if levels is not None and not self.levels:  # river cannot clone an empty tuple
            raise ValueError("interval_levels must hold one level at least; None keeps none")
        for level in self.levels:
            if not 0.0 < level < 1.0:
                raise ValueError(f"interval_levels must lie between 0 and 1; got {level!r}")
        self.states = np.zeros((targets, at.LEVELS_AT + at.LEVEL * len(self.levels)))
        for n, level in enumerate(self.levels):
            start = at.LEVELS_AT + at.LEVEL * n
            missed = round(1.0 - level, 12)
            self.states[:, start + at.ALPHA] = missed
            beginning = round(-math.log(missed), 12)  # libm's last bit is not ours
            self.states[:, start + at.BEGINNING] = self.states[:, start + at.QUANTILE] = beginning
            self.states[:, start + at.HALF_WIDTH] = math.inf

    def half_widths(self, level: float) -> NDArray[np.float64]:
        """View the half-width of each target at a level.

        Raises
        ------
        ValueError
            For a level that is not tracked, naming those that are.
        """
        if level not in self.levels:
            kept = ", ".join(map(str, self.levels)) or "none"
            raise ValueError(f"level must be one of interval_levels ({kept}); got {level!r}")
        return self.all_half_widths[:, self.levels.index(level)]

    @property
    def all_half_widths(self) -> NDArray[np.float64]:
        """View the half-widths, (targets, levels in rising order)."""
        return self.states[:, at.LEVELS_AT + at.HALF_WIDTH :: at.LEVEL]


def around(forecasts: Iterable[float], half_widths: Iterable[float]) -> list[Interval]:
    """Return river's intervals around forecasts.

    Examples
    --------
    >>> around([5.0], [2.0])
    [Interval(lower=3.0, upper=7.0)]
    """
    from river.conf import Interval  # noqa: PLC0415 - a fifth of our import, which few need

    return [
        Interval(lower=float(forecast - width), upper=float(forecast + width))
        for forecast, width in zip(forecasts, half_widths, strict=True)
    ]
