"""Truncated back-propagation through time over the tape of the last events.

Williams & Peng (1990), with k1 = ``update_every`` and k2 = ``window``. From the newest event on the
tape to the oldest, the gradients of the outputs and of the later events are propagated through the
stored activations. The losses of the events since the last update have weight 1. Those of older
events, which earlier updates have used, have weight ``loss_decay`` to the power of their age. At
each event the layers are processed from the top down; the input of a layer is the h of the layer
below.
"""

from streamlstm.kernels import layout as at
from streamlstm.kernels.cells.lstm import TINY, add_rows, cell_backward, weights_backward
from streamlstm.kernels.compile import Vector, kernel, part
from streamlstm.kernels.functions.readout import readout_backward
from streamlstm.kernels.layout import Shape


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
        Working memory: δ of each layer and event, newest first; dh, dc of each layer; dy; one
        input of every event; the weights of h, and of the h below, as rows of the gates.
    plan : (PLAN_SIZE,)
    """
    hidden, outputs, window = plan[at.HIDDEN], plan[at.OUTPUTS], plan[at.WINDOW]
    width, readout, row_size = plan[at.GATES], (1 + hidden) * outputs, plan[at.TAPE_ROW]
    layers, upper, layer_row = plan[at.LAYERS], plan[at.UPPER], plan[at.LAYER_ROW]
    head, length = int(double[at.TAPE_HEAD]), int(double[at.TAPE_LENGTH])
    zero = dtheta.dtype.type(0.0)
    rest, size = layers * window * width, layers * hidden
    dh, dc = part(scratch, rest, size), part(scratch, rest + size, size)
    rest += 2 * size
    dy, column = part(scratch, rest, outputs), part(scratch, rest + outputs, length)
    rest += outputs + window
    for place in range(layers):
        sent = hidden if place == layers - 1 else 2 * hidden
        rows = part(single, readout + place * upper + width, width * sent)
        transpose(rows, sent, part(scratch, rest + place * 2 * hidden * width, width * sent))
    for i in range(plan[at.THETA]):
        dtheta[i] = zero
    for j in range(size):
        dh[j] = zero
        dc[j] = zero
    h = part(single, plan[at.STATE_AT], hidden)
    c_at, gates_at, tanh_at = plan[at.ROW_C_PREV], plan[at.ROW_GATES], plan[at.ROW_TANH_C]
    weight = 1.0
    for age in range(length):
        if age >= plan[at.UPDATE_EVERY]:
            weight *= double[at.LOSS_DECAY]
        row = part(single, plan[at.TAPE_AT] + (head - age) % window * row_size, row_size)
        if weight > 0.0:
            for k in range(outputs):
                dy[k] = dtheta.dtype.type(weight) * row[plan[at.ROW_DY] + k]
            top = part(dh, 0, hidden)
            readout_backward(part(single, 0, readout), h, dy, top, part(dtheta, 0, readout))
        for place in range(layers):
            block = part(row, place * layer_row, layer_row)
            gates, tanh_c = part(block, gates_at, width), part(block, tanh_at, hidden)
            c_prev, dh_own = part(block, c_at, hidden), part(dh, place * hidden, hidden)
            delta = part(scratch, (place * window + age) * width, width)
            cell_backward(gates, c_prev, tanh_c, dh_own, part(dc, place * hidden, hidden), delta)
            if layers > 1:
                settle(delta)
            for j in range(hidden):
                dh_own[j] = zero
            # dh of the layer below is adjacent to dh of this layer, so one product adds to both.
            sent = hidden if place == layers - 1 else 2 * hidden
            rows = part(scratch, rest + place * 2 * hidden * width, width * sent)
            add_rows(part(dh, place * hidden, sent), delta, rows)
        h = part(row, 1, hidden)  # the h that this event received is the output of the previous
    for place in range(layers):
        deltas = part(scratch, place * window * width, window * width)
        given = plan[at.INPUTS] if place == layers - 1 else hidden
        for r in range(1 + hidden + given):
            z_at, to = plan[at.TAPE_AT] + place * layer_row + r, readout + place * upper + r * width
            for age in range(length):
                column[age] = single[z_at + (head - age) % window * row_size]
            weights_backward(part(dtheta, to, width), column, deltas, r)


@kernel
def settle(delta: Vector) -> None:
    """Set nearly denormal gradients to 0: several layers shrink them until arithmetic is slow.

    Examples
    --------
    >>> import numpy as np
    >>> delta = np.array([1e-29, -1e-31])
    >>> settle(delta)
    >>> delta.tolist()
    [1e-29, 0.0]
    """
    tiny, zero = delta.dtype.type(TINY), delta.dtype.type(0.0)
    for j in range(delta.size):
        delta[j] = delta[j] if abs(delta[j]) > tiny else zero


@kernel
def transpose(rows: Vector, hidden: int, transposed: Vector) -> None:
    """Copy weights from rows of h, (H, G), to rows of the gates, (G, H).

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
    """Return the size of the working memory of :func:`backward_through_time`, in numbers.

    Examples
    --------
    >>> scratch_size(Shape(hidden=1, outputs=1), window=2)
    17
    """
    hidden, width, layers = shape.hidden, shape.gates, shape.layers
    of_layers = layers * (window * width + 2 * hidden) + (2 * layers - 1) * width * hidden
    return of_layers + shape.outputs + window
