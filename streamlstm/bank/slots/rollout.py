"""A bank that looks several events ahead, on copies of its slots."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from streamlstm.bank.dispatch import dispatch
from streamlstm.bank.slots.arena import aligned_zeros
from streamlstm.bank.slots.store import SlotStore
from streamlstm.kernels.specialise import roll_forward_of


class RollingStore(SlotStore):
    """A slot store whose slots can be rolled forward.

    Parameters are those of :class:`~streamlstm.bank.bank.Bank`.

    Examples
    --------
    >>> from streamlstm.bank import Bank, Settings, Shape
    >>> bank = Bank(Shape(), Settings())
    >>> slot = bank.open("pump 7")
    >>> _ = bank.learn([slot] * 3, [[20.0], [21.0], [22.0]])
    >>> [round(y) for y in bank.roll_forward("pump 7", [[np.nan]] * 3)[:, 0].tolist()]
    [22, 23, 23]
    """

    def roll_forward(self, key: str, values: ArrayLike) -> NDArray[np.float64]:
        """Forecast a stream's next events, each from the forecasts before it; changes nothing.

        Parameters
        ----------
        key
        values : (n, C + O)
            Feature columns (NaN = missing), then targets, which are not looked at.

        Returns
        -------
        numpy.ndarray, (n, O)
        """
        values = np.ascontiguousarray(values, np.float64)
        slot = self.slots[key]
        single = aligned_zeros(1, self.singles.shape[1], self.singles.dtype)
        single[0] = self.singles[slot]
        double = aligned_zeros(1, self.doubles.shape[1], np.float64)
        double[0] = self.doubles[slot]
        results = np.empty((len(values), 1 + self.shape.outputs))
        slots, room = np.zeros(len(values), np.int64), (self._scratch, self._work)
        roll_forward = dispatch(roll_forward_of(self.shape.cell))
        roll_forward(single, double, *room, slots, values, results, self.plan)
        return results[:, 1:]

    def roll_slots(
        self, slots: NDArray[np.int64], values: NDArray[np.float64], results: NDArray[np.float64]
    ) -> None:
        """Move slots on by their own forecasts, in place, between arrays the caller keeps.

        Parameters
        ----------
        slots : (n,)
        values : (n, C + O)
        results : (n, 1 + O), out
        """
        room = (self._scratch, self._work)
        roll_forward = dispatch(roll_forward_of(self.shape.cell))
        roll_forward(self.singles, self.doubles, *room, slots, values, results, self.plan)

    def copy_stream(self, key: str, other: str) -> None:
        """Let a stream's slot hold what another's holds; both are open."""
        source, target = self.slots[key], self.slots[other]
        self.singles[target] = self.singles[source]
        self.doubles[target] = self.doubles[source]
