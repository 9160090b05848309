"""Forecasts of several steps: slots are rolled forward on their own forecasts."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from streamlstm.bank.dispatch import dispatch
from streamlstm.bank.slots.arena import aligned_zeros
from streamlstm.bank.slots.store import SlotStore
from streamlstm.kernels.specialise import roll_forward_of


def roll_slots(
    store: SlotStore,
    slots: NDArray[np.int64],
    values: NDArray[np.float64],
    results: NDArray[np.float64],
) -> None:
    """Advance slots by their own forecasts, in place.

    Parameters
    ----------
    store
        The slots to advance.
    slots : (n,)
        Slot of each step.
    values : (n, C + O)
        Feature columns (NaN = missing), then targets, which are ignored.
    results : (n, 1 + O), out
        1, then the forecasts of each step.
    """
    roll_forward = dispatch(roll_forward_of(store.shape.cell))
    state = store.singles, store.doubles, store.scratch, store.work
    roll_forward(*state, slots, values, results, store.plan)


def roll_copy(store: SlotStore, key: str, values: ArrayLike) -> NDArray[np.float64]:
    """Forecast the next steps of a stream on a copy of its slot, and return them, (n, O).

    Parameters
    ----------
    store
        The slots; they do not change.
    key
        The stream.
    values : (n, C + O)
        As in :func:`roll_slots`.

    Examples
    --------
    >>> from streamlstm.bank import Bank, Settings, Shape
    >>> bank = Bank(Shape(), Settings())
    >>> slot = bank.open("pump 7")
    >>> _ = bank.learn([slot] * 3, [[20.0], [21.0], [22.0]])
    >>> [round(y) for y in roll_copy(bank.store, "pump 7", [[np.nan]] * 3)[:, 0].tolist()]
    [22, 23, 23]
    """
    values = np.ascontiguousarray(values, np.float64)
    slot = store.slots[key]
    single = aligned_zeros(1, store.singles.shape[1], store.singles.dtype)
    double = aligned_zeros(1, store.doubles.shape[1], np.float64)
    single[0], double[0] = store.singles[slot], store.doubles[slot]
    results = np.empty((len(values), 1 + store.shape.outputs))
    roll_forward = dispatch(roll_forward_of(store.shape.cell))
    slots, working = np.zeros(len(values), np.int64), (store.scratch, store.work)
    roll_forward(single, double, *working, slots, values, results, store.plan)
    return results[:, 1:]
