"""The gated recurrent unit (GRU): two gates, and no state apart from h.

Cho et al. (2014), "Learning phrase representations using RNN encoder–decoder", equations 5 to 8, in
the form of cuDNN and PyTorch: the reset gate r multiplies the matrix product q, not the input of
the product.

    q = b_q + U_q h_prev                    r = σ(b_r + U_r h_prev + W_r x)
    n = tanh(b_n + W_n x + r ∘ q)           u = σ(b_u + U_u h_prev + W_u x)
    h = (1 − u) ∘ n + u ∘ h_prev

u is z in the paper and in PyTorch (here z is the input of the cell); n is PyTorch's n, and q is its
W_hn h + b_hn.

Rows of the weights are laid out as in the LSTM, with blocks [q | r | u | n]. The rows of h are
always zero for n, and the rows of x are always zero for q. This wastes a quarter of the matrix but
reuses the arithmetic of the LSTM. c is a copy of h, so that the gradient through u is carried back
in time like that of the LSTM's c.
"""

from streamlstm.kernels.cells.cell import Cell
from streamlstm.kernels.cells.lstm import TINY, add_rows
from streamlstm.kernels.compile import Vector, kernel, part
from streamlstm.kernels.functions.elementary import sigmoid_in_place, tanh_in_place


@kernel
def cell_forward(
    weights: Vector, z: Vector, c_prev: Vector, gates: Vector, tanh_c: Vector, state: Vector
) -> None:
    """Advance the cell by one event.

    Parameters
    ----------
    weights : (R · 4H,)
        Rows of z, each the blocks q, r, u, n.
    z : (R,)
        Bias 1, previous hidden state, inputs.
    c_prev : (H,)
        A copy of the previous hidden state.
    gates : (4H,), out
        q before activation; r, u, n after it. The backward pass reads them.
    tanh_c : (H,)
        Not used.
    state : (2H,), out
        The new h, twice.

    Examples
    --------
    >>> import numpy as np
    >>> weights, z = np.zeros(3 * 4, np.float32), np.array([1, 3, 2], np.float32)
    >>> gates, tanh_c, state = (np.zeros(n, np.float32) for n in (4, 1, 2))
    >>> cell_forward(weights, z, z[1:2], gates, tanh_c, state)
    >>> gates.tolist(), state.tolist()
    ([0.0, 0.5, 0.5, 0.0], [1.5, 1.5])
    """
    hidden = c_prev.size
    width = 4 * hidden
    one = gates.dtype.type(1.0)
    bias = part(weights, 0, width)
    for j in range(width):
        gates[j] = bias[j]
    add_rows(gates, part(z, 1, z.size - 1), part(weights, width, weights.size - width))
    sigmoid_in_place(part(gates, hidden, 2 * hidden))
    q, r = part(gates, 0, hidden), part(gates, hidden, hidden)
    u, n = part(gates, 2 * hidden, hidden), part(gates, 3 * hidden, hidden)
    for j in range(hidden):
        n[j] += r[j] * q[j]
    tanh_in_place(n)
    h, c = part(state, 0, hidden), part(state, hidden, hidden)
    for j in range(hidden):
        c[j] = (one - u[j]) * n[j] + u[j] * c_prev[j]
        h[j] = c[j]


@kernel
def cell_backward(
    gates: Vector, c_prev: Vector, tanh_c: Vector, dh: Vector, dc: Vector, delta: Vector
) -> None:
    """Propagate the gradient of one event from h to the gates and, through u, to the previous h.

    Parameters
    ----------
    gates, c_prev, tanh_c : (4H,), (H,), (H,)
        As written by :func:`cell_forward`.
    dh : (H,)
        Loss gradient at h, from the readout and from the gates of the next event.
    dc : (H,), in and out
        In: the gradient through u of the next event. Out: the gradient through u of this event.
    delta : (4H,), out
        Loss gradient at the blocks q, r, u, n before activation.

    Examples
    --------
    >>> import numpy as np
    >>> gates = np.array([2.0, 0.5, 0.5, 0.0])
    >>> dc, delta = np.zeros(1), np.zeros(4)
    >>> cell_backward(gates, np.ones(1), np.zeros(1), np.ones(1), dc, delta)
    >>> dc.tolist(), delta.tolist()
    ([0.5], [0.25, 0.25, 0.25, 0.5])
    """
    hidden = c_prev.size
    one = gates.dtype.type(1.0)
    zero = gates.dtype.type(0.0)
    tiny = gates.dtype.type(TINY)
    q, r = part(gates, 0, hidden), part(gates, hidden, hidden)
    u, n = part(gates, 2 * hidden, hidden), part(gates, 3 * hidden, hidden)
    dq, dr = part(delta, 0, hidden), part(delta, hidden, hidden)
    du, dn = part(delta, 2 * hidden, hidden), part(delta, 3 * hidden, hidden)
    for j in range(hidden):
        d = dc[j] + dh[j]
        dn[j] = d * (one - u[j]) * (one - n[j] * n[j])
        du[j] = d * (c_prev[j] - n[j]) * u[j] * (one - u[j])
        dr[j] = dn[j] * q[j] * r[j] * (one - r[j])
        dq[j] = dn[j] * r[j]
        back = d * u[j]
        dc[j] = back if abs(back) > tiny else zero


@kernel
def weights_backward(dweights: Vector, column: Vector, deltas: Vector, r: int) -> None:
    """Add the gradient of row ``r`` of the weights; it is 0 for blocks that are always zero.

    Parameters
    ----------
    dweights : (4H,), in and out
    column : (events,)
        z[r] of each event.
    deltas : (events · 4H,)
        As written by :func:`cell_backward`.
    r
        Index of the row: 0 is the bias, followed by H rows of h, then the inputs.

    Examples
    --------
    >>> import numpy as np
    >>> for r in range(3):
    ...     dweights = np.zeros(4)
    ...     weights_backward(dweights, np.array([2.0]), np.arange(1.0, 5.0), r)
    ...     print(dweights.tolist())
    [2.0, 4.0, 6.0, 8.0]
    [2.0, 4.0, 6.0, 0.0]
    [0.0, 4.0, 6.0, 8.0]
    """
    hidden = dweights.size // 4
    add_rows(dweights, column, deltas)
    if r > 0:
        silent = part(dweights, 3 * hidden if r <= hidden else 0, hidden)
        for j in range(hidden):
            silent[j] = dweights.dtype.type(0.0)


CELL = Cell(
    "gru",
    ("", "reset", "update", "candidate"),
    cell_forward,
    cell_backward,
    weights_backward,
    has_c=False,
    keep_gate=2,
    zero_for_h=(3,),
    zero_for_inputs=(0,),
)
