"""Persistence: the next value is the last one."""

from streamlstm.kernels.compile import Vector, kernel
from streamlstm.kernels.experts.expert import Expert


@kernel
def forecast(
    block: Vector, target: Vector, inputs: Vector, output: float, x: Vector, plan: Vector
) -> float:
    """Return 0, no change."""
    return 0.0


EXPERT = Expert(name="persistence", forecast=forecast)
