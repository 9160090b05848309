"""Readings of the statistics of one target: expert weights and scale."""

import numpy as np

from streamlstm.bank.dispatch import dispatch
from streamlstm.bank.settings import Settings
from streamlstm.bank.slots.pieces import Array
from streamlstm.kernels import layout as at
from streamlstm.kernels.experts.mixture import mixture_weights
from streamlstm.kernels.layout import Shape, target_fields


def expert_weights(target: Array, shape: Shape) -> dict[str, float]:
    """Return the weight of each expert in the forecast of a target; they sum to 1.

    Examples
    --------
    >>> from streamlstm.bank import Bank
    >>> bank = Bank(Shape(), Settings())
    >>> _ = bank.open("a")
    >>> round(expert_weights(bank.views("a")["targets"][0], bank.shape)["persistence"], 2)
    0.2
    """
    offset = target_fields(shape)["losses"].offset
    weights = np.empty(len(at.EXPERTS))
    dispatch(mixture_weights)(target[offset : offset + len(at.EXPERTS)], weights)
    return dict(zip(at.EXPERTS, weights.tolist(), strict=True))


def target_scale(target: Array, settings: Settings) -> float:
    """Return the root mean square change of a target or, without lags, its standard deviation."""
    return float(np.sqrt(target[at.T_CHANGE_SQUARE if settings.autoregressive else at.T_VARIANCE]))
