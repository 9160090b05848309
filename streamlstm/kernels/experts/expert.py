"""What the rest of the code asks about an expert of the forecast: one record.

An expert forecasts u = (y − anchor) / s: the change of the target since its last value in units of
the typical change, or the distance from its mean where the last target may not be used. So 0 is
the forecast of persistence.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

Kernel = Callable[..., Any]


def no_numbers(hidden: int, inputs: int) -> int:
    """Return 0, the size of the block of an expert without one."""
    return 0


class Expert(NamedTuple):
    """An expert of the forecast.

    Parameters
    ----------
    name
        In ``expert_weights`` and in the layout of a target.
    forecast
        Kernel ``(block, target, inputs, output, x, plan) -> u``: what the expert forecasts, from
        its block, the state of the target, the inputs and the output of the network, and the
        regressors ``x``. Where the block ends is for the expert to know.
    learn
        Kernel ``(block, target, inputs, u, x, plan)``: learns what u was. None where
        there is nothing to learn.
    size
        Numbers in the block, for the units of a layer and the inputs of the network.
    regressors
        Where the block is one of recursive least squares: its number of regressors, for the units
        of a layer.
    enable
        Kernel ``(target, inputs, plan) -> bool``: whether an expert that starts disabled is enabled
        now, with the loss of persistence. None where it is enabled from the start.
    past_targets
        Whether it needs past targets, and stays disabled without them.

    Examples
    --------
    >>> from streamlstm.kernels.experts import EXPERTS
    >>> EXPERTS["linear_1"].size(16, 4), EXPERTS["linear_24"].enable is not None
    (14, True)
    """

    name: str
    forecast: Kernel
    learn: Kernel | None = None
    size: Callable[[int, int], int] = no_numbers
    regressors: Callable[[int], int] | None = None
    enable: Kernel | None = None
    past_targets: bool = False


def growth(expert: Expert) -> tuple[bool, bool]:
    """Return whether the block grows with the inputs, and with the units: the sort key of blocks.

    Parameters
    ----------
    expert : Expert

    Examples
    --------
    >>> from streamlstm.kernels.experts import EXPERTS
    >>> growth(EXPERTS["memory"]), growth(EXPERTS["persistence"])
    ((False, True), (False, False))
    """
    smallest = expert.size(1, 1)
    return expert.size(1, 2) != smallest, expert.size(2, 1) != smallest
