"""Looking inside a model; nothing here changes it, not by a bit."""

from streamlstm.bank.explain.activations import gates
from streamlstm.bank.explain.explanation import Expert, Explanation
from streamlstm.inspection.plots import plot_experts, plot_explanation, plot_gates, plot_memory
from streamlstm.inspection.reach import reach

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
