"""Forecasts under way: what intervals several steps ahead are calibrated with."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from streamlstm.bank import Bank
from streamlstm.bank.dispatch import dispatch
from streamlstm.estimators.shared.intervals import Intervals
from streamlstm.kernels.decision.interval import track_intervals


class Origins:
    """A copy of the model for each of the last events, rolled forward from there without learning.

    The copy made h − 1 events ago says of the next event what a forecast of h steps said then, had
    it been told the features that came. It is moved on by one step an event, so an event costs
    ``steps`` forecasts, not ``steps``². The intervals judged are those that were given out then.

    Parameters
    ----------
    bank
        Of one target; the copies are slots of it, and so grow with it.
    key
        The stream of the model.
    steps
        How far ahead.
    levels
        As in :class:`~streamlstm.estimators.shared.intervals.Intervals`.

    Examples
    --------
    >>> from streamlstm.bank import Settings, Shape
    >>> bank = Bank(Shape(), Settings())
    >>> model = [bank.open("model")]
    >>> origins = Origins(bank, "model", steps=2, levels=(0.8,))
    >>> for y in (5.0, 5.0, 7.0, 7.0, 7.0):
    ...     origins.judge(np.array([[y]]))
    ...     _ = bank.learn(model, [[y]])
    ...     origins.add()
    >>> bool(origins.intervals.half_widths(0.8).min() > 0.0)
    True
    """

    def __init__(self, bank: Bank, key: str, steps: int, levels: Iterable[float] | None) -> None:
        self._bank, self._key, self._steps = bank, key, steps
        self._keys = [f"{key}, origin {n}" for n in range(steps)]
        self._slots = np.array([bank.open(name) for name in self._keys])
        self._made = 0
        self.intervals = Intervals(levels, targets=steps)
        half_widths = self.intervals.all_half_widths
        self._given_out = np.repeat(half_widths[None], steps, axis=0)  # (origins, steps, levels)

    def judge(self, row: NDArray[np.float64]) -> None:
        """Compare all forecasts of an event with it, before the model learns it.

        Parameters
        ----------
        row : (1, C + 1)
            The event: features, then the target.
        """
        steps = np.arange(min(self._made, self._steps))  # 0 for the newest origin
        origins = (self._made - 1 - steps) % self._steps
        results = np.empty((len(steps), 2))
        self._bank.roll_slots(self._slots[origins], np.repeat(row, len(steps), axis=0), results)
        forecasts = np.full((1, 1 + self._steps), np.nan)
        forecasts[0, 1 + steps] = results[:, 1]
        self.intervals.all_half_widths[steps] = self._given_out[origins, steps]
        truths = np.full((1, self._steps), row[0, -1])
        dispatch(track_intervals)(self.intervals.states, truths, forecasts)

    def add(self) -> None:
        """Begin a forecast from the model as it now stands; the oldest has come to its end."""
        origin = self._made % self._steps
        self._bank.copy_stream(self._key, self._keys[origin])
        self._given_out[origin] = self.intervals.all_half_widths
        self._made += 1
