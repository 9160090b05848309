"""Specialisation of the kernels that call a cell, for each cell that is used.

The source of the tape, truncated back-propagation through time, the optimizer, the scales and the
experts is the same for every cell. :data:`streamlstm.kernels.cells.CELLS` lists the cells;
:class:`streamlstm.kernels.cells.cell.Cell` defines their interface. A cell that is not used is not
compiled.
"""

from collections.abc import Callable
from functools import cache

from streamlstm.kernels.cells import CELLS
from streamlstm.kernels.classification.classify import classify_events
from streamlstm.kernels.compile import over
from streamlstm.kernels.layout import Shape
from streamlstm.kernels.network import tbptt
from streamlstm.kernels.network.forward import forward
from streamlstm.kernels.network.tbptt import backward_through_time
from streamlstm.kernels.regression.events import run_events
from streamlstm.kernels.regression.rollout import roll_forward

DEFAULT = "lstm"  # the cell that the kernel modules import


@cache
def forward_of(cell: str) -> Callable[..., None]:
    """Return :func:`~streamlstm.kernels.network.forward.forward` specialised for a cell.

    Examples
    --------
    >>> forward_of("lstm") is forward
    True
    """
    if cell == DEFAULT:
        return forward
    return over(forward, cell, cell_forward=CELLS[cell].forward)


@cache
def backward_of(cell: str) -> Callable[..., None]:
    """Return the gradient kernel of a cell: its own, or truncated BPTT specialised for it.

    Examples
    --------
    >>> backward_of("lstm") is backward_through_time
    True
    """
    if cell == DEFAULT:
        return backward_through_time
    own = CELLS[cell]
    if own.gradient is not None:
        return own.gradient
    assert own.backward is not None
    assert own.weights_backward is not None
    inner = {"cell_backward": own.backward, "weights_backward": own.weights_backward}
    return over(backward_through_time, cell, **inner)


def scratch_size(shape: Shape, window: int) -> int:
    """Return the size of the working memory of :func:`backward_of`'s kernel, in numbers.

    Examples
    --------
    >>> scratch_size(Shape(hidden=1), 2), scratch_size(Shape("elstm", hidden=1), 2)
    (17, 12)
    """
    scratch = CELLS[shape.cell].scratch
    return scratch(shape.hidden, shape.gates) if scratch else tbptt.scratch_size(shape, window)


@cache
def run_events_of(cell: str) -> Callable[..., None]:
    """Return :func:`~streamlstm.kernels.regression.events.run_events` specialised for a cell.

    Parameters
    ----------
    cell
        One of :data:`~streamlstm.kernels.cells.CELLS`.

    Examples
    --------
    >>> run_events_of("lstm") is run_events
    True
    >>> run_events_of("gru") is run_events_of("gru")
    True
    """
    if cell == DEFAULT:
        return run_events
    inner = {
        "forward": forward_of(cell),
        "backward_through_time": backward_of(cell),
    }
    return over(run_events, cell, **inner)


@cache
def roll_forward_of(cell: str) -> Callable[..., None]:
    """Return :func:`~streamlstm.kernels.regression.rollout.roll_forward` specialised for a cell.

    Examples
    --------
    >>> roll_forward_of("lstm") is roll_forward
    True
    """
    if cell == DEFAULT:
        return roll_forward
    return over(roll_forward, cell, forward=forward_of(cell))


@cache
def classify_events_of(cell: str) -> Callable[..., None]:
    """Return the classifier's kernel specialised for a cell.

    The kernel is :func:`~streamlstm.kernels.classification.classify.classify_events`.

    Examples
    --------
    >>> classify_events_of("lstm") is classify_events
    True
    """
    if cell == DEFAULT:
        return classify_events
    inner = {"forward": forward_of(cell), "backward_through_time": backward_of(cell)}
    return over(classify_events, cell, **inner)
