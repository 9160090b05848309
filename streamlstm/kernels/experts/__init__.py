"""The experts of a forecast: what does each one know, and how are they weighted?

A new expert is one file with a record `Expert`, and one line in the table below.
"""

from streamlstm.kernels.experts import (
    linear_1,
    linear_24,
    linear_features,
    lstm,
    memory,
    periodic,
    persistence,
    seasonal,
)
from streamlstm.kernels.experts.expert import Expert, growth

__all__ = ["EXPERTS", "Expert", "growth"]

EXPERTS: dict[str, Expert] = {
    expert.name: expert
    for expert in (
        persistence.EXPERT,
        linear_1.EXPERT,
        linear_24.EXPERT,
        lstm.EXPERT,
        memory.EXPERT,
        seasonal.EXPERT,
        periodic.EXPERT,
        linear_features.EXPERT,
    )
}
"""The experts by name, in the order of their losses and weights; append new ones."""
