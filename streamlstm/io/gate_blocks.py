"""Conversion of gate weights between the block orders of streamlstm and of other libraries."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from streamlstm.bank.slots.pieces import Array


class Layout(NamedTuple):
    """Blocks of streamlstm in another library's order: for the weights on inputs, and on h."""

    of_x: Sequence[int]
    of_h: Sequence[int]


class Gates(NamedTuple):
    """Gate weights in another library's layout: a row per unit of each gate, and two biases."""

    of_x: Array
    of_h: Array
    bias_x: Array
    bias_h: Array


def split_gates(rows: Array, hidden: int, layout: Layout) -> Gates:
    """Return our rows of [1 | h | inputs] as gate weights in another layout.

    The bias becomes the input bias, except for a block without inputs (the GRU's q).

    Examples
    --------
    >>> gates = split_gates(np.arange(12.0).reshape(3, 4), 1, Layout((0, 1, 3, 2), (0, 1, 3, 2)))
    >>> gates.of_x.ravel().tolist(), gates.bias_x.tolist(), gates.bias_h.tolist()
    ([8.0, 9.0, 11.0, 10.0], [0.0, 1.0, 3.0, 2.0], [0.0, 0.0, 0.0, 0.0])
    """
    blocks = np.split(rows, rows.shape[1] // hidden, axis=1)
    nothing = np.zeros(hidden, rows.dtype)
    return Gates(
        np.concatenate([blocks[k][1 + hidden :] for k in layout.of_x], axis=1).T.copy(),
        np.concatenate([blocks[k][1 : 1 + hidden] for k in layout.of_h], axis=1).T.copy(),
        np.concatenate([blocks[k][0] for k in layout.of_x]),
        np.concatenate([nothing if k in layout.of_x else blocks[k][0] for k in layout.of_h]),
    )


def join_gates(gates: Gates, layout: Layout) -> Array:
    """Return gate weights of another layout as our rows; the inverse of :func:`split_gates`.

    Examples
    --------
    >>> rows, layout = np.arange(12.0).reshape(3, 4), Layout((1, 2, 3), (1, 2, 0))
    >>> gates = split_gates(rows, 1, layout)
    >>> join_gates(gates, layout).tolist()
    [[0.0, 1.0, 2.0, 3.0], [4.0, 5.0, 6.0, 0.0], [0.0, 9.0, 10.0, 11.0]]
    """
    hidden, inputs = gates.of_h.shape[1], gates.of_x.shape[1]
    count = len({*layout.of_x, *layout.of_h})
    rows = np.zeros((count, 1 + hidden + inputs, hidden), gates.of_x.dtype)
    for first, ours in enumerate(layout.of_x):
        part = slice(first * hidden, (first + 1) * hidden)
        rows[ours, 1 + hidden :] = gates.of_x[part].T
        rows[ours, 0] += gates.bias_x[part]
    for first, ours in enumerate(layout.of_h):
        part = slice(first * hidden, (first + 1) * hidden)
        rows[ours, 1 : 1 + hidden] = gates.of_h[part].T
        rows[ours, 0] += gates.bias_h[part]
    return np.concatenate(rows, axis=1)
