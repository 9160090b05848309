"""The forward pass of the network: layers of a cell, and the readout."""

from streamlstm.kernels import plan as at
from streamlstm.kernels.cells.lstm import cell_forward
from streamlstm.kernels.compile import Vector, kernel, part
from streamlstm.kernels.functions.readout import readout_forward


@kernel
def forward(single: Vector, row: Vector, out: Vector, plan: Vector) -> None:
    """Run the layers for one event, whose inputs are already in ``row``. The slot is not changed.

    Each layer above the first receives the new h of the layer below; the readout receives the top
    one (Graves 2013, without skip connections).

    Parameters
    ----------
    single
        The float32 part of a slot; read only.
    row : (TAPE_ROW,), in and out
        Values for the backward pass, for each layer: z = [1 | h | inputs], gates, c_prev, tanh c.
    out : (2HL + O,), out
        The new h and the new c of each layer from the top down; the outputs.
    plan : (PLAN_SIZE,)
    """
    hidden, outputs = plan[at.HIDDEN], plan[at.OUTPUTS]
    width, readout = plan[at.GATES], (1 + hidden) * outputs
    recurrent, lowest, size = plan[at.RECURRENT], plan[at.LAYERS] - 1, plan[at.LAYER_ROW]
    c_at, gates_at, tanh_at = plan[at.ROW_C_PREV], plan[at.ROW_GATES], plan[at.ROW_TANH_C]
    inputs = part(row, plan[at.INPUTS_AT], plan[at.INPUTS])
    for place in range(lowest, -1, -1):
        if place < lowest:
            inputs = part(row, place * size + 1 + recurrent, hidden)
            for j in range(hidden):
                inputs[j] = out[2 * hidden * (place + 1) + j]
        block = part(row, place * size, size)
        z, c_prev = part(block, 0, 1 + recurrent + inputs.size), part(block, c_at, hidden)
        state = part(single, plan[at.STATE_AT] + 2 * hidden * place, 2 * hidden)
        z[0] = single.dtype.type(1.0)
        for j in range(recurrent):
            z[1 + j] = state[j]
        for j in range(hidden):
            c_prev[j] = state[hidden + j]
        gates, tanh_c = part(block, gates_at, width), part(block, tanh_at, hidden)
        weights = part(single, readout + place * plan[at.UPPER], z.size * width)
        cell_forward(weights, z, c_prev, gates, tanh_c, part(out, 2 * hidden * place, 2 * hidden))
    y = part(out, plan[at.STATE], outputs)
    readout_forward(part(single, 0, readout), part(out, 0, hidden), y)
