"""The element-wise LSTM (eLSTM), learning by exact real-time recurrent learning.

Irie, Gopalakrishnan & Schmidhuber (2024), "Exploring the promise and limits of real-time recurrent
learning", ICLR:

    f = σ(W_f x + w_f ∘ c_prev)   g = tanh(W_g x + w_g ∘ c_prev)
    c = f ∘ c_prev + (1 − f) ∘ g
    o = σ(W_o x + w_o ∘ c)        h = o ∘ c

A unit receives the inputs and its own c, but not the c of other units. Each weight therefore
affects one c only, and its sensitivity ∂c/∂w is a single number, the *trace*, which is carried
forward in time together with c (Mozer 1989; Williams & Zipser 1989, whose fully connected networks
need one number for each pair of unit and weight):

    trace ← ∂c/∂c_prev · trace + ∂c/∂w of the current event

The gradient of a loss therefore covers all past events without truncation. It costs
O(H · inputs) per event and needs no backward pass. It is exact while the weights are constant.
After an update, a trace still contains the derivatives taken at the earlier weights.

In the paper, o receives all of c through a matrix. Here it receives the c of its own unit, which
keeps the cost linear in H.

z = [1 | c | x], and the rows of the weights are [W_f | W_g | W_o]. The value of z at the place of c
is ignored; the row of c holds the vectors w_f, w_g and w_o.
"""

from streamlstm.kernels import plan as at
from streamlstm.kernels.cells.cell import Cell
from streamlstm.kernels.cells.lstm import TINY, add_rows
from streamlstm.kernels.compile import Vector, kernel, part
from streamlstm.kernels.functions.elementary import sigmoid_in_place, tanh_in_place
from streamlstm.kernels.functions.readout import readout_backward

# If the weights of a unit make it oscillate, |∂c/∂c_prev| stays above 1. Its traces would grow
# without bound until the gradient overflows. As c is within ±1, a slope of 1e4 is valid only for
# weight changes below 1e-4.
TRACE_MAX = 1e4


@kernel
def cell_forward(
    weights: Vector, z: Vector, c_prev: Vector, gates: Vector, tanh_c: Vector, state: Vector
) -> None:
    """Advance the cell by one event.

    Parameters
    ----------
    weights : (R · 3H,)
        Rows of z, each the blocks f, g, o.
    z : (R,)
        Bias 1, an ignored value, inputs.
    c_prev : (H,)
    gates : (3H,), out
        Activated f, g, o.
    tanh_c : (H,), out
        The new c. It is not squashed, since it is within ±1.
    state : (2H,), out
        The new h, then the new c.

    Examples
    --------
    >>> import numpy as np
    >>> weights, z = np.zeros(3 * 3, np.float32), np.array([1, 0, 2], np.float32)
    >>> gates, tanh_c, state = (np.zeros(n, np.float32) for n in (3, 1, 2))
    >>> cell_forward(weights, z, np.ones(1, np.float32), gates, tanh_c, state)
    >>> gates.tolist(), state.tolist()
    ([0.5, 0.0, 0.5], [0.25, 0.5])
    """
    hidden = c_prev.size
    width = 3 * hidden
    one = gates.dtype.type(1.0)
    bias, own = part(weights, 0, width), part(weights, width, width)
    for j in range(width):
        gates[j] = bias[j]
    add_rows(gates, part(z, 2, z.size - 2), part(weights, 2 * width, weights.size - 2 * width))
    f, g = part(gates, 0, hidden), part(gates, hidden, hidden)
    o = part(gates, 2 * hidden, hidden)
    for j in range(hidden):
        f[j] += own[j] * c_prev[j]
        g[j] += own[hidden + j] * c_prev[j]
    sigmoid_in_place(f)
    tanh_in_place(g)
    h, c = part(state, 0, hidden), part(state, hidden, hidden)
    for j in range(hidden):
        c[j] = f[j] * c_prev[j] + (one - f[j]) * g[j]
        tanh_c[j] = c[j]
        o[j] += own[2 * hidden + j] * c[j]
    sigmoid_in_place(o)
    for j in range(hidden):
        h[j] = o[j] * c[j]


@kernel
def cell_slopes(
    own: Vector, gates: Vector, c_prev: Vector, c: Vector, dh: Vector, slopes: Vector
) -> None:
    """Compute the derivatives of the new c with respect to its inputs, and of the loss to c.

    Parameters
    ----------
    own : (3H,)
        The row of c: w_f, w_g, w_o.
    gates, c_prev, c : (3H,), (H,), (H,)
        As written by :func:`cell_forward`.
    dh : (H,)
        Loss gradient at h.
    slopes : (7H,), out
        Three blocks of 2H, for f and g: derivative of c with respect to the gate before activation,
        ∂c/∂c_prev, loss gradient at c. Then H values: the loss gradient at o before activation.

    Examples
    --------
    >>> import numpy as np
    >>> gates, slopes = np.array([0.5, 0.0, 0.5]), np.zeros(7)
    >>> cell_slopes(np.zeros(3), gates, np.ones(1), np.full(1, 0.5), np.ones(1), slopes)
    >>> slopes.tolist()
    [0.25, 0.5, 0.5, 0.5, 0.5, 0.5, 0.125]
    """
    hidden = c.size
    one = gates.dtype.type(1.0)
    for j in range(hidden):
        f, g, o = gates[j], gates[hidden + j], gates[2 * hidden + j]
        of_f = (c_prev[j] - g) * f * (one - f)
        of_g = (one - f) * (one - g * g)
        kept = f + of_f * own[j] + of_g * own[hidden + j]
        do = dh[j] * c[j] * o * (one - o)
        dc = dh[j] * o + do * own[2 * hidden + j]
        slopes[j], slopes[hidden + j] = of_f, of_g
        slopes[2 * hidden + j], slopes[3 * hidden + j] = kept, kept
        slopes[4 * hidden + j], slopes[5 * hidden + j] = dc, dc
        slopes[6 * hidden + j] = do


@kernel
def carry(traces: Vector, dweights: Vector, seen: Vector, slopes: Vector) -> None:
    """Advance the traces of one row of weights by one event, and add the row's gradient.

    Parameters
    ----------
    traces : (2H,), in and out
        ∂c/∂w of the row's weights in f and in g.
    dweights : (3H,), in and out
        The row's gradient.
    seen : (3H,)
        The factor by which each weight of the row is multiplied.
    slopes : (7H,)
        As written by :func:`cell_slopes`.

    Examples
    --------
    >>> import numpy as np
    >>> traces, dweights = np.array([4.0, 0.0]), np.zeros(3)
    >>> slopes = np.array([0.25, 0.5, 0.5, 0.5, 2.0, 2.0, 0.125])
    >>> carry(traces, dweights, np.full(3, 8.0), slopes)
    >>> traces.tolist(), dweights.tolist()
    ([4.0, 4.0], [8.0, 8.0, 1.0])
    """
    traced = traces.size
    real = traces.dtype.type
    limit, tiny, zero = real(TRACE_MAX), real(TINY), real(0.0)
    slope, kept = part(slopes, 0, traced), part(slopes, traced, traced)
    dc, do = part(slopes, 2 * traced, traced), part(slopes, 3 * traced, traced // 2)
    for j in range(traced):
        trace = kept[j] * traces[j] + slope[j] * seen[j]
        trace = min(max(trace, -limit), limit)
        trace = trace if abs(trace) > tiny else zero
        traces[j] = trace
        dweights[j] += dc[j] * trace
    for j in range(do.size):
        dweights[traced + j] += do[j] * seen[traced + j]


@kernel
def real_time_gradient(
    single: Vector, double: Vector, dtheta: Vector, scratch: Vector, plan: Vector
) -> None:
    """Advance the traces over the events since the last update; write the gradient of the losses.

    The weights do not change between updates, so the traces can be advanced once per update.

    Parameters
    ----------
    single, double
        The two parts of a slot. Only the traces are changed.
    dtheta : (THETA,), out
    scratch : (:func:`scratch_size`,)
        Working memory: h, dh, slopes, the factors of a row of weights.
    plan : (PLAN_SIZE,)
    """
    hidden, outputs, events = plan[at.HIDDEN], plan[at.OUTPUTS], plan[at.WINDOW]
    width, readout, row_size = plan[at.GATES], (1 + hidden) * outputs, plan[at.TAPE_ROW]
    head, length = int(double[at.TAPE_HEAD]), int(double[at.TAPE_LENGTH])
    h, dh = part(scratch, 0, hidden), part(scratch, hidden, hidden)
    slopes, seen = part(scratch, 2 * hidden, 7 * hidden), part(scratch, 9 * hidden, width)
    own, traced = part(single, readout + width, width), 2 * hidden
    for i in range(plan[at.THETA]):
        dtheta[i] = dtheta.dtype.type(0.0)
    for age in range(length - 1, -1, -1):
        row = part(single, plan[at.TAPE_AT] + (head - age) % events * row_size, row_size)
        gates, c = part(row, plan[at.ROW_GATES], width), part(row, plan[at.ROW_TANH_C], hidden)
        c_prev, dy = part(row, plan[at.ROW_C_PREV], hidden), part(row, plan[at.ROW_DY], outputs)
        for j in range(hidden):
            h[j] = gates[traced + j] * c[j]
            dh[j] = dtheta.dtype.type(0.0)
        readout_backward(part(single, 0, readout), h, dy, dh, part(dtheta, 0, readout))
        cell_slopes(own, gates, c_prev, c, dh, slopes)
        for r in range(2 + plan[at.INPUTS]):
            for j in range(width):
                seen[j] = row[r]
            if r == 1:
                for j in range(hidden):
                    seen[j], seen[hidden + j], seen[traced + j] = c_prev[j], c_prev[j], c[j]
            traces = part(single, plan[at.TRACES_AT] + r * traced, traced)
            carry(traces, part(dtheta, readout + r * width, width), seen, slopes)


def scratch_size(hidden: int, width: int) -> int:
    """Return the size of the working memory of :func:`real_time_gradient`, in numbers.

    Examples
    --------
    >>> scratch_size(2, 6)
    24
    """
    return 9 * hidden + width


CELL = Cell(
    "elstm",
    ("forget", "candidate", "output"),
    cell_forward,
    gradient=real_time_gradient,
    scratch=scratch_size,
    keep_gate=0,
)
