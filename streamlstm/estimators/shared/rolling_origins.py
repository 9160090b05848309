"""Rolling forecast origins: calibration of prediction intervals several steps ahead."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from streamlstm.bank import Bank
from streamlstm.bank.dispatch import dispatch
from streamlstm.bank.slots.rollout import roll_slots
from streamlstm.estimators.shared.intervals import Intervals
from streamlstm.estimators.shared.state import State
from streamlstm.kernels.decision.interval import track_intervals


class RollingOrigins:
    """Copies of a model at the last events, each rolled forward from there without learning.

    An origin is the event after which a forecast starts. The copy made h − 1 events ago forecasts
    the next event as an h-step forecast made then would have, given the features observed since.
    Every copy advances one step per event, so an event costs ``steps`` forecasts. The intervals
    are calibrated with the half-widths that were current at each origin.

    Parameters
    ----------
    bank : Bank
        Bank of the model, with one target. The copies are further slots of it.
    key : str
        Stream of the model.
    steps : int
        Number of steps ahead.
    levels : tuple of float or None
        Interval levels, as in :class:`~streamlstm.estimators.shared.intervals.Intervals`.

    Examples
    --------
    >>> from streamlstm.bank import Settings, Shape
    >>> bank = Bank(Shape(), Settings())
    >>> model = [bank.open("model")]
    >>> origins = RollingOrigins(bank, "model", steps=2, levels=(0.8,))
    >>> for y in (5.0, 5.0, 7.0, 7.0, 7.0):
    ...     origins.calibrate(np.array([[y]]))
    ...     _ = bank.learn(model, [[y]])
    ...     origins.add()
    >>> bool(origins.intervals.half_widths(0.8).min() > 0.0)
    True
    """

    def __init__(self, bank: Bank, key: str, steps: int, levels: Iterable[float] | None) -> None:
        self._bank, self._key, self._steps = bank, key, steps
        self._keys = [f"{key}, origin {n}" for n in range(steps)]  # stored in model files
        self._slots = np.array([bank.open(name) for name in self._keys])
        self._made = 0
        self.intervals = Intervals(levels, targets=steps)
        half_widths = self.intervals.all_half_widths
        self._given_out = np.repeat(half_widths[None], steps, axis=0)  # (origins, steps, levels)

    def calibrate(self, row: NDArray[np.float64]) -> None:
        """Update the intervals with an event, (1, C + 1), before the model learns it."""
        steps = np.arange(min(self._made, self._steps))  # 0 for the newest origin
        origins = (self._made - 1 - steps) % self._steps
        results = np.empty((len(steps), 2))
        rows = np.repeat(row, len(steps), axis=0)
        roll_slots(self._bank.store, self._slots[origins], rows, results)
        forecasts = np.full((1, 1 + self._steps), np.nan)
        forecasts[0, 1 + steps] = results[:, 1]
        self.intervals.all_half_widths[steps] = self._given_out[origins, steps]
        truths = np.full((1, self._steps), row[0, -1])
        dispatch(track_intervals)(self.intervals.states, truths, forecasts)

    def add(self) -> None:
        """Start an origin at the current state of the model; it replaces the oldest one."""
        origin = self._made % self._steps
        self._bank.store.copy(self._key, self._keys[origin])
        self._given_out[origin] = self.intervals.all_half_widths
        self._made += 1

    def add_state(self, state: State) -> None:
        """Add intervals and origins to a state; the copies are part of the bank's."""
        state.header["origins_made"] = self._made
        state.arrays |= {"intervals": self.intervals.states, "given_out": self._given_out}

    def restore_state(self, state: State) -> None:
        """Restore what :meth:`add_state` added."""
        self._made = state.header["origins_made"]
        state.copy_into("intervals", self.intervals.states)
        state.copy_into("given_out", self._given_out)
