"""A stored stream through one of our cells, its steps on a tape as a bank keeps them."""

import numpy as np

from streamlstm.bank import Settings, Shape
from streamlstm.bank.settings import make_plan
from streamlstm.bank.slots.pieces import slot_views, tape_views
from streamlstm.kernels import layout as at
from streamlstm.kernels.cells import CELLS
from streamlstm.kernels.functions.readout import LOSSES, loss_gradient, readout_forward
from streamlstm.kernels.layout import double_fields, single_fields
from streamlstm.kernels.network.tbptt import scratch_size
from streamlstm.kernels.specialise import backward_of


class Run:
    """``stream`` has inputs, targets, h0 and, for a cell with a memory, c0; weights as rows."""

    def __init__(self, cell, W, V, stream, dtype, loss="squared", limit=1.0):
        (hidden, outputs), steps = np.subtract(V.shape, (1, 0)), len(stream["inputs"])
        room = len(stream["inputs"][0])
        self.shape = Shape(cell, inputs=room, hidden=int(hidden), outputs=int(outputs))
        self.plan = make_plan(self.shape, Settings(window=steps, update_every=steps))
        self.single = np.zeros(single_fields(self.shape, steps)["end"].offset, dtype)
        self.double = np.zeros(double_fields(self.shape)["end"].offset)
        views = slot_views(self.single, self.double, self.shape, steps)
        tape = tape_views(views["tape"], self.shape)
        views["theta"][: V.size + W.size] = np.concatenate([V.ravel(), W.ravel()])
        self.plan[at.INPUTS], self.plan[at.THETA] = len(stream["inputs"][0]), V.size + W.size
        self.double[[at.TAPE_HEAD, at.TAPE_LENGTH]] = steps - 1, steps
        weights = views["theta"][V.size : V.size + W.size]
        cell_forward = CELLS[cell].forward
        c0 = stream.get("c0", stream["h0"] if cell == "gru" else [0.0] * hidden)
        state = np.concatenate([stream["h0"], c0]).astype(dtype)
        self.states, self.outputs = [], []
        for t in range(steps):
            z = np.concatenate([[1.0], state[:hidden], stream["inputs"][t]]).astype(dtype)
            tape["z"][t, : z.size], tape["c_prev"][t] = z, state[hidden:]
            state, y = np.empty(2 * hidden, dtype), np.empty(outputs, dtype)
            gates, tanh_c = tape["gates"][t], tape["tanh_c"][t]
            cell_forward(weights, z, tape["c_prev"][t], gates, tanh_c, state)
            readout_forward(views["theta"][: V.size], state[:hidden], y)
            for k, error in enumerate((y - stream["targets"][t]).tolist()):
                tape["dy"][t, k] = loss_gradient(LOSSES[loss], error, limit)
            self.states.append(state)
            self.outputs.append(y)
        views["state"][...] = state.reshape(2, -1)

    def gradients(self):
        """Return dW and dV."""
        dtheta = np.full(self.plan[at.THETA], np.nan, self.single.dtype)
        scratch = np.full(scratch_size(self.shape, len(self.states)), np.nan, self.single.dtype)
        backward_of(self.shape.cell)(self.single, self.double, dtheta, scratch, self.plan)
        outputs = self.shape.outputs
        readout = (1 + self.shape.hidden) * outputs
        return dtheta[readout:].reshape(-1, self.shape.gates), dtheta[:readout].reshape(-1, outputs)
