"""The network: the output of its readout."""

from streamlstm.kernels.compile import Vector, kernel
from streamlstm.kernels.experts.expert import Expert


@kernel
def forecast(
    block: Vector, target: Vector, inputs: Vector, output: float, x: Vector, plan: Vector
) -> float:
    """Return the output of the network."""
    return output


EXPERT = Expert(name="lstm", forecast=forecast)
