"""The gated recurrent unit: two gates, and no memory apart from h.

Cho et al. (2014), "Learning phrase representations using RNN encoder–decoder", equations 5 to 8, in
the form of cuDNN and PyTorch: the reset gate r weighs the matrix product, q, instead of what goes
into it.

    q = b_q + U_q h_prev                    r = σ(b_r + U_r h_prev + W_r x)
    n = tanh(b_n + W_n x + r ∘ q)           u = σ(b_u + U_u h_prev + W_u x)
    h = (1 − u) ∘ n + u ∘ h_prev

u is the paper's and PyTorch's z (here z is what goes in), n is PyTorch's n, q its W_hn h + b_hn.

Rows of the weights are as the LSTM's, blocks [q | r | u | n]. The rows of h have zeros for n and
the rows of x zeros for q, for ever: a quarter of the matrix, for the LSTM's arithmetic unchanged.
c is h once more, so that what u lets through goes back in time as the LSTM's c does.
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
        The previous hidden state again.
    gates : (4H,), out
        q as it is, and r, u, n activated, kept for the way back.
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
    """Send the gradient of one event from its h to its gates and, through u, to the h before.

    Parameters
    ----------
    gates, c_prev, tanh_c : (4H,), (H,), (H,)
        As :func:`cell_forward` left them.
    dh : (H,)
        Loss gradient at h, from the readout and from the gates of the next event.
    dc : (H,), in and out
        What the next event's u lets through; on return, what this event's lets through.
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
    """Add the gradient of row ``r`` of the weights; none where the row is zero for ever.

    Parameters
    ----------
    dweights : (4H,), in and out
    column : (events,)
        z[r] of each event.
    deltas : (events · 4H,)
        As :func:`cell_backward` wrote them.
    r
        0 is the bias, then come H rows of h, then the inputs.

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
