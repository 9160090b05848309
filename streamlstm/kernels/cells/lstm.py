"""The LSTM cell: forward step of one event, and its gradient.

Hochreiter & Schmidhuber (1997) with the forget gate of Gers, Schmidhuber & Cummins (2000):

    i = σ(W_i z)   f = σ(W_f z)   o = σ(W_o z)   g = tanh(W_g z)
    c = f ∘ c_prev + i ∘ g        h = o ∘ tanh(c)

with z = [1 | h_prev | x]. The weights are stored as rows of z, and each row holds the four gates
side by side, ``weights[r, :] = [W_i | W_f | W_o | W_g]``. The inner loop then runs over 4H
contiguous numbers, and a new feature appends a row.
"""

from streamlstm.kernels.cells.cell import Cell
from streamlstm.kernels.compile import Vector, kernel, part
from streamlstm.kernels.functions.elementary import sigmoid_in_place, tanh_in_place

TINY = 1e-30  # below it a float32 is nearly denormal, and denormals cost 100 cycles each


@kernel
def add_rows(total: Vector, factors: Vector, rows: Vector) -> None:
    """Add ``factors @ rows`` to ``total``; every matrix product of the cells uses this loop.

    Each pass adds four rows, so that ``total`` is loaded and stored a quarter as often. Each
    element is still summed in the order of the rows.

    Parameters
    ----------
    total : (M,), in and out
    factors : (R,)
    rows : (R · M,)

    Examples
    --------
    >>> import numpy as np
    >>> total = np.ones(2)
    >>> add_rows(total, np.array([1.0, 2.0]), np.array([1.0, 2.0, 3.0, 4.0]))
    >>> total.tolist()
    [8.0, 11.0]
    """
    width = total.size
    whole = factors.size - factors.size % 4
    for r in range(0, whole, 4):
        a, b, c, d = factors[r], factors[r + 1], factors[r + 2], factors[r + 3]
        start = r * width
        row_a, row_b = part(rows, start, width), part(rows, start + width, width)
        start += 2 * width
        row_c, row_d = part(rows, start, width), part(rows, start + width, width)
        for j in range(width):
            total[j] = total[j] + a * row_a[j] + b * row_b[j] + c * row_c[j] + d * row_d[j]
    for r in range(whole, factors.size):
        a = factors[r]
        row = part(rows, r * width, width)
        for j in range(width):
            total[j] += a * row[j]


@kernel
def cell_forward(
    weights: Vector, z: Vector, c_prev: Vector, gates: Vector, tanh_c: Vector, state: Vector
) -> None:
    """Advance the cell by one event.

    Parameters
    ----------
    weights : (R · 4H,)
        Rows of z, each the gates i, f, o, g.
    z : (R,)
        Bias 1, previous hidden state, inputs.
    c_prev : (H,)
    gates : (4H,), out
        Activated gates i, f, o, g, which the backward pass reads.
    tanh_c : (H,), out
    state : (2H,), out
        The new h, then the new c.

    Examples
    --------
    >>> import numpy as np
    >>> weights, z = np.zeros(3 * 4, np.float32), np.array([1, 0, 2], np.float32)
    >>> gates, tanh_c, state = (np.zeros(n, np.float32) for n in (4, 1, 2))
    >>> cell_forward(weights, z, np.ones(1, np.float32), gates, tanh_c, state)
    >>> gates.tolist(), state[1].item()
    ([0.5, 0.5, 0.5, 0.0], 0.5)
    """
    hidden = c_prev.size
    width = 4 * hidden
    bias = part(weights, 0, width)
    for j in range(width):
        gates[j] = bias[j]
    add_rows(gates, part(z, 1, z.size - 1), part(weights, width, weights.size - width))
    sigmoid_in_place(part(gates, 0, 3 * hidden))
    tanh_in_place(part(gates, 3 * hidden, hidden))
    i, f = part(gates, 0, hidden), part(gates, hidden, hidden)
    o, g = part(gates, 2 * hidden, hidden), part(gates, 3 * hidden, hidden)
    h, c = part(state, 0, hidden), part(state, hidden, hidden)
    for j in range(hidden):
        c[j] = f[j] * c_prev[j] + i[j] * g[j]
        tanh_c[j] = c[j]
    tanh_in_place(tanh_c)
    for j in range(hidden):
        h[j] = o[j] * tanh_c[j]


@kernel
def cell_backward(
    gates: Vector, c_prev: Vector, tanh_c: Vector, dh: Vector, dc: Vector, delta: Vector
) -> None:
    """Propagate the gradient of one event from h and c to the gates and to ``c_prev``.

    Parameters
    ----------
    gates, c_prev, tanh_c : (4H,), (H,), (H,)
        As written by :func:`cell_forward`.
    dh : (H,)
        Loss gradient at h, from the readout and from the next event.
    dc : (H,), in and out
        In: loss gradient at c from the next event. Out: loss gradient at ``c_prev``.
    delta : (4H,), out
        Loss gradient at the gates before activation.

    Examples
    --------
    >>> import numpy as np
    >>> gates = np.array([0.5, 0.5, 0.5, 0.0])
    >>> dc, delta = np.zeros(1), np.zeros(4)
    >>> cell_backward(gates, np.ones(1), np.zeros(1), np.ones(1), dc, delta)
    >>> dc.tolist(), delta.tolist()
    ([0.25], [0.0, 0.125, 0.0, 0.25])
    """
    hidden = c_prev.size
    one = gates.dtype.type(1.0)
    zero = gates.dtype.type(0.0)
    tiny = gates.dtype.type(TINY)
    i, f = part(gates, 0, hidden), part(gates, hidden, hidden)
    o, g = part(gates, 2 * hidden, hidden), part(gates, 3 * hidden, hidden)
    di, df = part(delta, 0, hidden), part(delta, hidden, hidden)
    do, dg = part(delta, 2 * hidden, hidden), part(delta, 3 * hidden, hidden)
    for j in range(hidden):
        d = dc[j] + dh[j] * o[j] * (one - tanh_c[j] * tanh_c[j])
        di[j] = d * g[j] * i[j] * (one - i[j])
        df[j] = d * c_prev[j] * f[j] * (one - f[j])
        do[j] = dh[j] * tanh_c[j] * o[j] * (one - o[j])
        dg[j] = d * i[j] * (one - g[j] * g[j])
        back = d * f[j]
        dc[j] = back if abs(back) > tiny else zero


@kernel
def weights_backward(dweights: Vector, column: Vector, deltas: Vector, r: int) -> None:
    """Add the gradient of row ``r`` of the gate weights, over all events on the tape.

    Parameters
    ----------
    dweights : (4H,), in and out
        The row's gradient.
    column : (events,)
        z[r] of each event.
    deltas : (events · 4H,)
        As written by :func:`cell_backward`.
    r
        Index of the row; not used, since all rows are treated alike.

    Examples
    --------
    >>> import numpy as np
    >>> dweights = np.zeros(4)
    >>> weights_backward(dweights, np.array([2.0]), np.arange(4.0), 0)
    >>> dweights.tolist()
    [0.0, 2.0, 4.0, 6.0]
    """
    add_rows(dweights, column, deltas)


CELL = Cell(
    "lstm",
    ("input", "forget", "output", "candidate"),
    cell_forward,
    cell_backward,
    weights_backward,
    keep_gate=1,
)
