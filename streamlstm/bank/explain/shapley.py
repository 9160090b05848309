"""What each part of an event adds to what is said of it: Shapley values over missing parts.

The share of part j of n is what it changes when it becomes known, averaged over all orders in which
the parts may (Shapley 1953):

    φ_j = Σ_S |S|! (n − |S| − 1)! / n! · (said(S ∪ j) − said(S)),  S every set without j

Shares sum to the difference between all known and none.
"""

from collections.abc import Callable
from math import comb

import numpy as np
from numpy.typing import NDArray

EXACT_MAX = 10  # parts of which every set is asked about, 1024 of them
ORDERS_MAX = 64  # beyond that

Rows = NDArray[np.float64]
Ask = Callable[[NDArray[np.bool_]], Rows]  # which parts are known, (m, n), to what is said, (m, O)


def over_sets(n: int, ask: Ask) -> tuple[Rows, Rows]:
    """Ask about every set of parts: the base (O,), and the shares (n, O) as defined."""
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
    """Ask along some orders, each part added to those before: the base (O,), the shares (n, O).

    The orders are turns of one and of its reverse, so that of any two parts each comes first
    equally often.
    """
    turns = [np.roll(np.arange(n), -start) for start in range(0, n, -(-2 * n // ORDERS_MAX))]
    orders = turns + [turn[::-1] for turn in turns]
    changes = []
    for order in orders:
        said = ask(np.tri(n + 1, n, -1, dtype=bool)[:, np.argsort(order)])
        changes.append(np.diff(said, axis=0)[np.argsort(order)])
    return said[0], np.mean(changes, axis=0)


def shapley(
    event: Rows, owner: NDArray[np.int64], say: Callable[[Rows], Rows]
) -> tuple[Rows, Rows]:
    """Share out what is said of an event among its parts.

    Parameters
    ----------
    event : (C,)
        Numbers; NaN is missing.
    owner : (C,)
        Which part each number is of, from 0 to n − 1; −1 is none, and stays missing. With no more
        than ``EXACT_MAX`` parts the shares are exact; with more, they are where no more than two
        parts act on each other at once.
    say : (m, C) to (m, O)
        What is said of events.

    Returns
    -------
    tuple of numpy.ndarray, (O,) and (n, O)
        What is said where all parts are missing; the shares.

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
        return say(np.where(np.hstack([known, of_none])[:, owner], event, np.nan))

    return over_sets(n, ask) if n <= EXACT_MAX else over_orders(n, ask)
