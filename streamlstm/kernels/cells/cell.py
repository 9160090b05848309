"""Interface of a recurrent cell."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cell:
    """A recurrent cell: its blocks of weights, and its kernels.

    The kernels have the signatures of :mod:`streamlstm.kernels.cells.lstm`. A cell has either
    ``backward`` and ``weights_backward``, which truncated back-propagation through time calls, or
    ``gradient``, which replaces it.

    Parameters
    ----------
    name
        The value of ``cell`` that selects it.
    gates
        Names of its blocks of H columns, in their order in a row of weights. A block that is not
        the activation of a gate has the name ``""``.
    forward
        Computes the new h and c of one event.
    backward
        Computes the gradients at the gates and at the previous c from those at h and c.
    weights_backward
        Adds the gradient of one row of weights.
    gradient
        Computes the gradient of all weights by the cell's own rule.
    scratch
        Computes the size of the working memory of ``gradient`` from H and the width of a row of
        weights.
    has_c
        Whether c is a state separate from h. Default: True.
    keep_gate
        Index of the block whose gate keeps the state; its bias starts at 1 or more. Default: no
        such gate.
    zero_for_h, zero_for_inputs
        Indices of the blocks whose weights are always 0 in the rows of h, and in those of the
        inputs. Default: none.

    Raises
    ------
    ValueError
        If it has neither ``backward`` nor ``gradient``, or lacks the kernel that goes with one.
    """

    name: str
    gates: tuple[str, ...]
    forward: Callable[..., None]
    backward: Callable[..., None] | None = None
    weights_backward: Callable[..., None] | None = None
    gradient: Callable[..., None] | None = None
    scratch: Callable[[int, int], int] | None = None
    has_c: bool = True
    keep_gate: int | None = None
    zero_for_h: tuple[int, ...] = ()
    zero_for_inputs: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Refuse an incomplete cell."""
        through_time = self.backward is not None and self.weights_backward is not None
        real_time = self.gradient is not None and self.scratch is not None
        if through_time == real_time:
            raise ValueError(
                f"cell {self.name!r} needs either backward and weights_backward, or gradient and "
                "scratch"
            )

    @property
    def blocks(self) -> int:
        """Blocks of H columns in a row of weights."""
        return len(self.gates)

    @property
    def real_time(self) -> bool:
        """Whether the gradient is carried forward in time; units are then not interconnected."""
        return self.gradient is not None
