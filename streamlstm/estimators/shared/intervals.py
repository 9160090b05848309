"""Prediction intervals of an estimator: calibrated half-widths for each target and level."""

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

    They start at the quantiles of a Laplace distribution and are infinite before the first error is
    observed. They are calibrated online by conformal PID control [1]_.

    Parameters
    ----------
    levels : tuple of float or None
        Coverage levels between 0 and 1; ``None`` disables intervals.
    targets : int
        Number of targets, or of steps ahead.

    Raises
    ------
    ValueError
        If a level is out of range, or ``levels`` is empty.

    Examples
    --------
    >>> intervals = Intervals((0.95, 0.8), targets=2)
    >>> intervals.levels, intervals.half_widths(0.8).tolist()
    ((0.8, 0.95), [inf, inf])

    References
    ----------
    .. [1] Angelopoulos, A., Candès, E. & Tibshirani, R. (2023). Conformal PID control for time
       series prediction. NeurIPS 36.
    """

    def __init__(self, levels: Iterable[float] | None, targets: int) -> None:
        self.levels = tuple(sorted(set(levels or ())))
        if levels is not None and not self.levels:  # river cannot clone an empty tuple
            raise ValueError("interval_levels must not be empty; None disables intervals")
        for level in self.levels:
            if not 0.0 < level < 1.0:
                raise ValueError(f"interval_levels must be between 0 and 1; got {level!r}")
        self.states = np.zeros((targets, at.LEVELS_AT + at.LEVEL * len(self.levels)))
        for n, level in enumerate(self.levels):
            start = at.LEVELS_AT + at.LEVEL * n
            missed = round(1.0 - level, 12)
            self.states[:, start + at.ALPHA] = missed
            beginning = round(-math.log(missed), 12)  # the last bit depends on libm
            self.states[:, start + at.BEGINNING] = self.states[:, start + at.QUANTILE] = beginning
            self.states[:, start + at.HALF_WIDTH] = math.inf

    def half_widths(self, level: float) -> NDArray[np.float64]:
        """Return a view of the half-width of each target at a level.

        Raises
        ------
        ValueError
            If ``level`` is not one of the levels; the message lists them.
        """
        if level not in self.levels:
            kept = ", ".join(map(str, self.levels)) or "none"
            raise ValueError(f"level must be one of interval_levels ({kept}); got {level!r}")
        return self.all_half_widths[:, self.levels.index(level)]

    @property
    def all_half_widths(self) -> NDArray[np.float64]:
        """View of the half-widths, (targets, levels in ascending order)."""
        return self.states[:, at.LEVELS_AT + at.HALF_WIDTH :: at.LEVEL]


def around(forecasts: Iterable[float], half_widths: Iterable[float]) -> list[Interval]:
    """Return river's intervals around forecasts.

    Examples
    --------
    >>> around([5.0], [2.0])
    [Interval(lower=3.0, upper=7.0)]
    """
    from river.conf import Interval  # noqa: PLC0415 - a fifth of the import time, rarely needed

    return [
        Interval(lower=float(forecast - width), upper=float(forecast + width))
        for forecast, width in zip(forecasts, half_widths, strict=True)
    ]
