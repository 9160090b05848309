"""Looking inside a model; nothing here changes it, not by a bit."""

from streamlstm.inside.activations import gates
from streamlstm.inside.explanation import Expert, Explanation
from streamlstm.inside.gradient import reach

__all__ = ["Expert", "Explanation", "gates", "reach"]
