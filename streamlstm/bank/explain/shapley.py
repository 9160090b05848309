"""Shapley values of the parts of an event, where an excluded part is missing.

The value of part j of n is the change of the prediction f when the part becomes known, averaged
over all orders in which the parts can become known (Shapley 1953):

    φ_j = Σ_S |S|! (n − |S| − 1)! / n! · (f(S ∪ j) − f(S)),  over all sets S without j

The values sum to the difference between the predictions with all parts known and with none.
"""

from collections.abc import Callable
from math import comb

import numpy as np
from numpy.typing import NDArray

EXACT_MAX = 10  # up to so many parts all sets are evaluated, 1024 at most
ORDERS_MAX = 64  # number of orders evaluated for more parts

Rows = NDArray[np.float64]
Ask = Callable[[NDArray[np.bool_]], Rows]  # known parts, (m, n), to predictions, (m, O)


def over_sets(n: int, ask: Ask) -> tuple[Rows, Rows]:
    """Evaluate every set of parts; return the baseline, (O,), and the values, (n, O)."""
    sets = np.arange(2**n)
    known = (sets[:, None] >> np.arange(n)) & 1 == 1
    said = ask(known)
    sizes = known.sum(axis=1)
    shares = np.zeros((n, said.shape[1]))
    for j in range(n):
        without = sets[~known[:, j]]
        weights = np.array([1.0 / (n * comb(n - 1, size)) for size in sizes[without].tolist()])
        shares[j] = (weights[:, None] * (said[without | 1 << j] - said[without])).sum(axis=0)
    return said[0], shares


def over_orders(n: int, ask: Ask) -> tuple[Rows, Rows]:
    """Evaluate some orders of the parts; return the baseline, (O,), and the values, (n, O).

    The orders are rotations of one order and of its reverse, so that of any two parts each comes
    first equally often.
    """
    turns = [np.roll(np.arange(n), -start) for start in range(0, n, -(-2 * n // ORDERS_MAX))]
    orders = turns + [turn[::-1] for turn in turns]
    changes = []
    for order in orders:
        said = ask(np.tri(n + 1, n, -1, dtype=bool)[:, np.argsort(order)])
        changes.append(np.diff(said, axis=0)[np.argsort(order)])
    return said[0], np.mean(changes, axis=0)


def shapley(
    event: Rows, owner: NDArray[np.int64], predict: Callable[[Rows], Rows]
) -> tuple[Rows, Rows]:
    """Return the Shapley values of the parts of an event.

    Parameters
    ----------
    event : (C,)
        Numbers; NaN is missing.
    owner : (C,)
        Part of each number, from 0 to n − 1; a number with −1 stays missing.
    predict : (m, C) to (m, O)
        Predictions for events.

    Returns
    -------
    tuple of numpy.ndarray, (O,) and (n, O)
        The prediction with all parts missing, and the values. They are exact for up to
        ``EXACT_MAX`` parts; for more, they are exact if at most two parts interact.

    Examples
    --------
    >>> event, owner = np.array([2.0, 5.0]), np.array([0, 1])
    >>> _, shares = shapley(event, owner, lambda rows: np.nan_to_num(rows).prod(1)[:, None])
    >>> shares.tolist()
    [[5.0], [5.0]]
    """
    n = int(owner.max(initial=-1)) + 1

    def ask(known: NDArray[np.bool_]) -> Rows:
        of_none = np.zeros((len(known), 1), bool)  # the last column, where −1 points
        return predict(np.where(np.hstack([known, of_none])[:, owner], event, np.nan))

    return over_sets(n, ask) if n <= EXACT_MAX else over_orders(n, ask)
