"""Reports and plots of a model, which they do not change: gates, reach, explanations."""

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
