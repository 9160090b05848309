"""The state of a stream's alert, as it lies in a slot: its beginning, and what people do to it."""

import numpy as np
from numpy.typing import NDArray

from streamlstm.bank.settings import Detection
from streamlstm.kernels import layout as at

Decision = NDArray[np.floating]


def begin_decision(decision: Decision, detection: Detection) -> None:
    """Write when alerts open and end."""
    decision[at.D_THRESHOLD] = detection.threshold
    decision[at.D_WARM_UP] = detection.warm_up
    decision[at.D_REST_LENGTH] = detection.cooldown
    decision[at.D_QUIET_LENGTH] = detection.resolve_after


def suppress(decision: Decision, expected: int, muted: int) -> None:
    """Let no alert open in the next events; the ``expected`` do not teach what is normal either."""
    decision[at.D_EXPECTED] = max(decision[at.D_EXPECTED], expected)
    decision[at.D_MUTED] = max(decision[at.D_MUTED], muted)


def lasted(decision: Decision) -> tuple[int, float]:
    """Return how many events the newest alert has lasted, and its largest score."""
    return int(decision[at.D_EVENTS]), float(decision[at.D_PEAK])


def end_alert(decision: Decision) -> tuple[int, float] | None:
    """End the alert, with the rest that follows one; return what it :func:`lasted`, if open.

    Examples
    --------
    >>> decision = np.zeros(at.D_LARGEST)
    >>> decision[at.D_OPEN], decision[at.D_EVENTS], decision[at.D_PEAK] = 1, 7, 4.5
    >>> end_alert(decision), end_alert(decision)
    ((7, 4.5), None)
    """
    if not decision[at.D_OPEN]:
        return None
    decision[at.D_OPEN] = 0.0
    decision[at.D_REST] = decision[at.D_REST_LENGTH]
    return lasted(decision)
