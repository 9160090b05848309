"""After a drift: what the experts know stays, but how sure they are of it is forgotten."""

import numpy as np

from streamlstm.bank.slots.pieces import Array, feature_variances, least_squares_blocks
from streamlstm.kernels import layout as at
from streamlstm.kernels.classification import layout as its
from streamlstm.kernels.layout import Shape, target_fields

ERRORS_KEPT = 10.0  # what the error's variance has seen, so that it follows the new errors


def reset_expert_covariance(views: dict[str, Array], shape: Shape) -> None:
    """Let a regressor's experts compete anew, and their least squares learn as fast as at first.

    The losses between the experts become equal. The covariance P of each least-squares block goes
    back to where it began: covariance resetting (Goodwin, Elliott & Teoh 1983). Weights, scales,
    the network and its memory stay.

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
    """Do the same for a classifier: losses, and the covariance of its random features."""
    _even(views["losses"][: len(its.EXPERTS)])
    views["random_p"][...] = np.eye(its.UNITS)


def _even(losses: Array) -> None:
    """Make the losses of those experts that take part equal."""
    losses[np.isfinite(losses)] = 0.0
