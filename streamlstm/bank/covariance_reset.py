"""Covariance resetting: after a drift the experts keep their weights and learn quickly again."""

import numpy as np

from streamlstm.bank.slots.pieces import Array, feature_variances, least_squares_blocks
from streamlstm.kernels import layout as at
from streamlstm.kernels.classification import layout as its
from streamlstm.kernels.layout import Shape, target_fields

ERRORS_KEPT = 10.0  # the error variance counts as estimated from so many errors after a reset


def reset_expert_covariance(views: dict[str, Array], shape: Shape) -> None:
    """Reset the mixture of a regressor and the covariance of its least-squares experts.

    The losses of all experts become equal, and the covariance P of each least-squares block is set
    to its initial value: covariance resetting [1]_. Weights, scales, the network and its state do
    not change.

    References
    ----------
    .. [1] Goodwin, G. C., Elliott, H. & Teoh, E. K. (1983). Deterministic convergence of a
       self-tuning regulator with covariance resetting. IEE Proceedings D 130(1).

    Examples
    --------
    >>> from streamlstm.bank import Bank, Settings
    >>> bank = Bank(Shape(), Settings())
    >>> _ = bank.learn([bank.open("a")] * 9, [[float(n % 2)] for n in range(9)])
    >>> reset_expert_covariance(bank.views("a"), bank.shape)
    >>> round(bank.expert_weights("a")["lstm"], 2)
    0.2
    """
    losses = target_fields(shape)["losses"].offset
    for target in views["targets"]:
        _even(target[losses : losses + len(at.EXPERTS)])
        for block, size in least_squares_blocks(target, shape):
            block[: size * size] = np.eye(size).ravel()
            block[-1] = min(block[-1], ERRORS_KEPT)
        variances, errors = feature_variances(target, shape)
        variances[variances > 0.0] = 1.0
        errors[0] = min(errors[0], ERRORS_KEPT)


def reset_class_covariance(views: dict[str, Array]) -> None:
    """Reset the losses of a classifier and the covariance of its random features."""
    _even(views["losses"][: len(its.EXPERTS)])
    views["random_p"][...] = np.eye(its.UNITS)


def _even(losses: Array) -> None:
    """Set the losses of all enabled experts to 0."""
    losses[np.isfinite(losses)] = 0.0
