"""The cells, one interface: what each of them forgets shows what the others' gates are for.

A cell is a module of kernels with the signatures of :mod:`streamlstm.kernels.cells.lstm`:

- ``cell_forward`` runs it one event on; ``cell_backward`` sends a gradient one event back;
- ``weights_backward`` adds the gradient of one row of weights; the LSTM's does for most.

A cell that learns by another rule has its own ``backward_through_time`` in the place of the last
two: the eLSTM's carries the gradient forward in time.

The tape, the way back through it, the optimizer, the scales and the experts are the same source
for every cell. The kernels that reach a cell are compiled over each cell that is used, and over no
other.
"""

from collections.abc import Callable
from functools import cache

from streamlstm.kernels.cells import elstm, gru, lstm_1997, rnn
from streamlstm.kernels.compile import over
from streamlstm.kernels.layout import Shape
from streamlstm.kernels.network import tbptt
from streamlstm.kernels.network.tbptt import backward_through_time
from streamlstm.kernels.regression.events import run_events
from streamlstm.kernels.regression.forecast import forward
from streamlstm.kernels.regression.rollout import roll_forward

Kernels = dict[str, Callable[..., None]]
OTHERS: dict[str, Kernels] = {
    "gru": {
        "cell_forward": gru.cell_forward,
        "cell_backward": gru.cell_backward,
        "weights_backward": gru.weights_backward,
    },
    "rnn": {"cell_forward": rnn.cell_forward, "cell_backward": rnn.cell_backward},
    "lstm_1997": {
        "cell_forward": lstm_1997.cell_forward,
        "cell_backward": lstm_1997.cell_backward,
    },
    "elstm": {
        "cell_forward": elstm.cell_forward,
        "backward_through_time": elstm.real_time_gradient,
    },
}


@cache
def forward_of(cell: str) -> Callable[..., None]:
    """Return :func:`~streamlstm.kernels.regression.forecast.forward` over a cell.

    Examples
    --------
    >>> forward_of("lstm") is forward
    True
    """
    if cell not in OTHERS:
        return forward
    return over(forward, cell, **OTHERS[cell])


@cache
def backward_of(cell: str) -> Callable[..., None]:
    """Return the kernel that computes the gradient of a cell, its own or truncated BPTT.

    Examples
    --------
    >>> backward_of("lstm") is backward_through_time
    True
    """
    if cell not in OTHERS:
        return backward_through_time
    inner = OTHERS[cell]
    return inner.get("backward_through_time") or over(backward_through_time, cell, **inner)


def scratch_size(shape: Shape, window: int) -> int:
    """Count the numbers that the kernel of :func:`backward_of` needs to work in.

    Examples
    --------
    >>> scratch_size(Shape(hidden=1), 2), scratch_size(Shape("elstm", hidden=1), 2)
    (17, 12)
    """
    return elstm.scratch_size(shape) if shape.real_time else tbptt.scratch_size(shape, window)


@cache
def run_events_of(cell: str) -> Callable[..., None]:
    """Return :func:`~streamlstm.kernels.regression.events.run_events` over a cell.

    Parameters
    ----------
    cell
        One of :data:`~streamlstm.kernels.layout.CELLS`.

    Examples
    --------
    >>> run_events_of("lstm") is run_events
    True
    >>> run_events_of("gru") is run_events_of("gru")
    True
    """
    if cell not in OTHERS:
        return run_events
    inner: Kernels = {
        "forward": forward_of(cell),
        "backward_through_time": backward_of(cell),
    }
    return over(run_events, cell, **inner)


@cache
def roll_forward_of(cell: str) -> Callable[..., None]:
    """Return :func:`~streamlstm.kernels.regression.rollout.roll_forward` over a cell.

    Examples
    --------
    >>> roll_forward_of("lstm") is roll_forward
    True
    """
    if cell not in OTHERS:
        return roll_forward
    return over(roll_forward, cell, forward=forward_of(cell))
