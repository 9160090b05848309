"""The plain recurrent cell without gates, h = tanh(b + U h_prev + W x).

Elman (1990), "Finding structure in time", with tanh in place of the logistic function. The cell has
no c; its place in the state stays 0.
"""

from streamlstm.kernels.cells.cell import Cell
from streamlstm.kernels.cells.lstm import add_rows, weights_backward
from streamlstm.kernels.compile import Vector, kernel, part
from streamlstm.kernels.functions.elementary import tanh_in_place


@kernel
def cell_forward(
    weights: Vector, z: Vector, c_prev: Vector, gates: Vector, tanh_c: Vector, state: Vector
) -> None:
    """Advance the cell by one event.

    Parameters
    ----------
    weights : (R · H,)
        Rows of z.
    z : (R,)
        Bias 1, previous hidden state, inputs.
    c_prev, tanh_c : (H,), (H,)
        Not used.
    gates : (H,), out
        The new h, which the backward pass reads.
    state : (2H,), out
        The new h, and zeros.

    Examples
    --------
    >>> import numpy as np
    >>> weights, z = np.array([0.0, 0.0, 40.0]), np.array([1.0, 0.5, 1.0])
    >>> gates, state = np.zeros(1), np.ones(2)
    >>> cell_forward(weights, z, np.zeros(1), gates, np.zeros(1), state)
    >>> state.tolist()
    [1.0, 0.0]
    """
    hidden = gates.size
    bias = part(weights, 0, hidden)
    for j in range(hidden):
        gates[j] = bias[j]
    add_rows(gates, part(z, 1, z.size - 1), part(weights, hidden, weights.size - hidden))
    tanh_in_place(gates)
    h, c = part(state, 0, hidden), part(state, hidden, hidden)
    for j in range(hidden):
        h[j] = gates[j]
        c[j] = gates.dtype.type(0.0)


@kernel
def cell_backward(
    gates: Vector, c_prev: Vector, tanh_c: Vector, dh: Vector, dc: Vector, delta: Vector
) -> None:
    """Propagate the gradient of one event from h to the argument of tanh.

    Parameters
    ----------
    gates : (H,)
        As written by :func:`cell_forward`.
    c_prev, tanh_c, dc : (H,), (H,), (H,)
        Not used.
    dh : (H,)
        Loss gradient at h, from the readout and from the next event.
    delta : (H,), out
        Loss gradient at the argument of tanh.

    Examples
    --------
    >>> import numpy as np
    >>> none, delta = np.zeros(1), np.zeros(1)
    >>> cell_backward(np.array([0.5]), none, none, np.ones(1), none, delta)
    >>> delta.tolist()
    [0.75]
    """
    one = gates.dtype.type(1.0)
    for j in range(gates.size):
        delta[j] = dh[j] * (one - gates[j] * gates[j])


CELL = Cell("rnn", ("",), cell_forward, cell_backward, weights_backward, has_c=False)
