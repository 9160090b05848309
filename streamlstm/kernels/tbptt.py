"""Truncated back-propagation through time over the tape of the last events.

Williams & Peng (1990), with k1 = ``update_every`` and k2 = ``window``: from the newest event to
the oldest on the tape, the loss gradients of the outputs and of the later events run back through
the stored activations. The losses of the events since the last update count in full; those of
older ones, already used once, count ``loss_decay`` to the power of their age.
"""

from streamlstm.kernels import shape as at
from streamlstm.kernels.compile import Vector, kernel, part
from streamlstm.kernels.lstm import add_rows, cell_backward, weights_backward
from streamlstm.kernels.readout import readout_backward
from streamlstm.kernels.shape import Shape


@kernel
def backward_through_time(
    single: Vector, double: Vector, dtheta: Vector, scratch: Vector, plan: Vector
) -> None:
    """Write the gradient of the losses on the tape to ``dtheta``.

    Parameters
    ----------
    single, double
        The two parts of a slot; read only.
    dtheta : (THETA,), out
    scratch : (:func:`scratch_size`,)
        Room to work in: δ of each event, newest first; dh, dc; dy; the recurrent weights
        as rows of the gates; one input of every event.
    plan : (PLAN_SIZE,)
    """
    hidden, outputs, window = plan[at.HIDDEN], plan[at.OUTPUTS], plan[at.WINDOW]
    width, readout, row_size = plan[at.GATES], (1 + hidden) * outputs, plan[at.TAPE_ROW]
    head, length = int(double[at.TAPE_HEAD]), int(double[at.TAPE_LENGTH])
    zero = dtheta.dtype.type(0.0)
    deltas, rest = part(scratch, 0, window * width), window * width
    dh, dc = part(scratch, rest, hidden), part(scratch, rest + hidden, hidden)
    rest += 2 * hidden
    dy, column = part(scratch, rest, outputs), part(scratch, rest + outputs, length)
    transposed = part(scratch, rest + outputs + window, width * hidden)
    transpose(part(single, readout + width, width * hidden), hidden, transposed)
    for i in range(plan[at.THETA]):
        dtheta[i] = zero
    for j in range(hidden):
        dh[j] = zero
        dc[j] = zero
    h = part(single, plan[at.STATE_AT], hidden)
    weight = 1.0
    for age in range(length):
        if age >= plan[at.UPDATE_EVERY]:
            weight *= double[at.LOSS_DECAY]
        row = part(single, plan[at.TAPE_AT] + (head - age) % window * row_size, row_size)
        gates = part(row, plan[at.ROW_GATES], width)
        tanh_c = part(row, plan[at.ROW_TANH_C], hidden)
        if weight > 0.0:
            for k in range(outputs):
                dy[k] = dtheta.dtype.type(weight) * row[plan[at.ROW_DY] + k]
            readout_backward(part(single, 0, readout), h, dy, dh, part(dtheta, 0, readout))
        delta = part(deltas, age * width, width)
        cell_backward(gates, part(row, plan[at.ROW_C_PREV], hidden), tanh_c, dh, dc, delta)
        for j in range(hidden):
            dh[j] = zero
        add_rows(dh, delta, transposed)
        h = part(row, 1, hidden)  # what this event was given is what the one before it put out
    for r in range(1 + hidden + plan[at.INPUTS]):
        for age in range(length):
            column[age] = single[plan[at.TAPE_AT] + (head - age) % window * row_size + r]
        weights_backward(part(dtheta, readout + r * width, width), column, deltas, r)


@kernel
def transpose(rows: Vector, hidden: int, transposed: Vector) -> None:
    """Copy the recurrent weights from rows of h, (H, G), to rows of the gates, (G, H).

    Examples
    --------
    >>> import numpy as np
    >>> transposed = np.zeros(16)
    >>> transpose(np.arange(16.0), 2, transposed)
    >>> transposed.tolist()[:4]
    [0.0, 8.0, 1.0, 9.0]
    """
    width = rows.size // hidden
    for r in range(hidden):
        for j in range(width):
            transposed[j * hidden + r] = rows[r * width + j]


def scratch_size(shape: Shape, window: int) -> int:
    """Count the numbers :func:`backward_through_time` needs to work in.

    Examples
    --------
    >>> scratch_size(Shape(hidden=1, outputs=1), window=2)
    17
    """
    hidden, width = shape.hidden, shape.gates
    return window * width + 2 * hidden + shape.outputs + window + width * hidden
