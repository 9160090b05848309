"""The alert state of a stream in its slot: initial values, and changes by operators."""

import numpy as np
from numpy.typing import NDArray

from streamlstm.bank.settings import Detection
from streamlstm.kernels import layout as at

Decision = NDArray[np.floating]


def begin_decision(decision: Decision, detection: Detection) -> None:
    """Write the alert settings into a new slot."""
    decision[at.D_THRESHOLD] = detection.threshold
    decision[at.D_WARM_UP] = detection.warm_up
    decision[at.D_COOLDOWN] = detection.cooldown
    decision[at.D_RESOLVE_AFTER] = detection.resolve_after


def suppress(decision: Decision, expected: int, muted: int) -> None:
    """Suppress alerts for the next events; ``expected`` ones are not used for calibration."""
    decision[at.D_EXPECTED] = max(decision[at.D_EXPECTED], expected)
    decision[at.D_MUTED] = max(decision[at.D_MUTED], muted)


def lasted(decision: Decision) -> tuple[int, float]:
    """Return the number of events of the most recent alert, and its largest score."""
    return int(decision[at.D_EVENTS]), float(decision[at.D_PEAK])


def end_alert(decision: Decision) -> tuple[int, float] | None:
    """End the alert and start the cooldown; return its length and peak, or None if none was open.

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
    decision[at.D_COOLING] = decision[at.D_COOLDOWN]
    return lasted(decision)
