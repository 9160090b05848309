"""The LSTM without a forget gate: c accumulates and never decays.

Hochreiter & Schmidhuber (1997), "Long short-term memory", section 4:

    i = σ(W_i z)   o = σ(W_o z)   g = tanh(W_g z)
    c = c_prev + i ∘ g            h = o ∘ tanh(c)

with z = [1 | h_prev | x] and rows of the weights [W_i | W_o | W_g]. The paper squashes g to ±2 and
c to ±1 by logistic functions, which are 2 tanh(·/2) and tanh(·/2). Here both are tanh, as in
:mod:`streamlstm.kernels.cells.lstm`, so that the forget gate is the only difference. The paper also
truncates the gradient at the gates for speed; here it runs back through the whole window.
"""

from streamlstm.kernels.cells.cell import Cell
from streamlstm.kernels.cells.lstm import TINY, add_rows, weights_backward
from streamlstm.kernels.compile import Vector, kernel, part
from streamlstm.kernels.functions.elementary import sigmoid_in_place, tanh_in_place


@kernel
def cell_forward(
    weights: Vector, z: Vector, c_prev: Vector, gates: Vector, tanh_c: Vector, state: Vector
) -> None:
    """Advance the cell by one event.

    Parameters
    ----------
    weights : (R · 3H,)
        Rows of z, each the gates i, o, g.
    z : (R,)
        Bias 1, previous hidden state, inputs.
    c_prev : (H,)
    gates : (3H,), out
        Activated gates i, o, g, which the backward pass reads.
    tanh_c : (H,), out
    state : (2H,), out
        The new h, then the new c.

    Examples
    --------
    >>> import numpy as np
    >>> weights, z = np.zeros(3 * 3, np.float32), np.array([1, 0, 2], np.float32)
    >>> gates, tanh_c, state = (np.zeros(n, np.float32) for n in (3, 1, 2))
    >>> cell_forward(weights, z, np.ones(1, np.float32), gates, tanh_c, state)
    >>> gates.tolist(), state[1].item()
    ([0.5, 0.5, 0.0], 1.0)
    """
    hidden = c_prev.size
    width = 3 * hidden
    bias = part(weights, 0, width)
    for j in range(width):
        gates[j] = bias[j]
    add_rows(gates, part(z, 1, z.size - 1), part(weights, width, weights.size - width))
    sigmoid_in_place(part(gates, 0, 2 * hidden))
    tanh_in_place(part(gates, 2 * hidden, hidden))
    i, o, g = (
        part(gates, 0, hidden),
        part(gates, hidden, hidden),
        part(gates, 2 * hidden, hidden),
    )
    h, c = part(state, 0, hidden), part(state, hidden, hidden)
    for j in range(hidden):
        c[j] = c_prev[j] + i[j] * g[j]
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
    gates, tanh_c : (3H,), (H,)
        As written by :func:`cell_forward`.
    c_prev : (H,)
        Not used.
    dh : (H,)
        Loss gradient at h, from the readout and from the next event.
    dc : (H,), in and out
        In: loss gradient at c from the next event. Out: loss gradient at ``c_prev``.
    delta : (3H,), out
        Loss gradient at the gates before activation.

    Examples
    --------
    >>> import numpy as np
    >>> gates = np.array([0.5, 0.5, 0.0])
    >>> dc, delta = np.zeros(1), np.zeros(3)
    >>> cell_backward(gates, np.ones(1), np.zeros(1), np.ones(1), dc, delta)
    >>> dc.tolist(), delta.tolist()
    ([0.5], [0.0, 0.0, 0.25])
    """
    hidden = tanh_c.size
    one = gates.dtype.type(1.0)
    zero = gates.dtype.type(0.0)
    tiny = gates.dtype.type(TINY)
    i, o, g = (
        part(gates, 0, hidden),
        part(gates, hidden, hidden),
        part(gates, 2 * hidden, hidden),
    )
    di, do, dg = (
        part(delta, 0, hidden),
        part(delta, hidden, hidden),
        part(delta, 2 * hidden, hidden),
    )
    for j in range(hidden):
        d = dc[j] + dh[j] * o[j] * (one - tanh_c[j] * tanh_c[j])
        di[j] = d * g[j] * i[j] * (one - i[j])
        do[j] = dh[j] * tanh_c[j] * o[j] * (one - o[j])
        dg[j] = d * i[j] * (one - g[j] * g[j])
        dc[j] = d if abs(d) > tiny else zero


CELL = Cell(
    "lstm_1997", ("input", "output", "candidate"), cell_forward, cell_backward, weights_backward
)
