"""Looking inside a model; nothing here changes it, not by a bit."""

from streamlstm.inside.activations import gates
from streamlstm.inside.explanation import Expert, Explanation
from streamlstm.inside.gradient import reach
from streamlstm.inside.plots import plot_experts, plot_explanation, plot_gates, plot_memory

__all__ = [
    "Expert",
    "Explanation",
    "gates",
    "plot_experts",
    "plot_explanation",
    "plot_gates",
    "plot_memory",
    "reach",
]
