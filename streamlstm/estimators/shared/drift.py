"""Monitoring of an estimator's errors by a drift detector of river."""

from typing import Any

from river import base

RECENT = 30  # number of errors in the moving average that tells whether errors have grown


class DriftMonitor:
    """A drift detector that receives the errors of an estimator.

    A detector reports any change. A decrease of the errors, as when a model starts to learn, is not
    a drift here: the mean of the recent errors must exceed that of all errors since the last drift.

    Parameters
    ----------
    detector : river.base.DriftDetector, river.base.BinaryDriftDetector or None
        The detector, which is cloned. ``None`` disables monitoring.
    binary : bool, default False
        Whether the errors are 0 or 1, so that a binary detector is accepted.

    Raises
    ------
    TypeError
        If ``detector`` is of another type.

    Examples
    --------
    >>> from river import drift
    >>> monitor = DriftMonitor(drift.ADWIN())
    >>> found = [n for n in range(300) if monitor.drifted(float(n % 9 == 0 or n > 200))]
    >>> found, monitor.drifts_seen
    ([223], 1)
    """

    def __init__(self, detector: Any, *, binary: bool = False) -> None:
        wanted = (base.DriftDetector, base.BinaryDriftDetector) if binary else base.DriftDetector
        if not (detector is None or isinstance(detector, wanted)):
            raise TypeError(
                f"drift_detector must be a river detector for {'labels' if binary else 'numbers'}, "
                f"such as drift.ADWIN(); got {type(detector).__name__}"
            )
        self._detector = None if detector is None else detector.clone()
        self._errors, self._mean, self._recent = 0, 0.0, 0.0
        self.drifts_seen = 0

    def __bool__(self) -> bool:
        return self._detector is not None

    def drifted(self, error: float) -> bool:
        """Add the error of an event, 0 to 1, and return whether a drift is detected."""
        assert self._detector is not None
        self._errors += 1
        self._mean += (error - self._mean) / self._errors
        self._recent += (error - self._recent) / min(self._errors, RECENT)
        self._detector.update(error)  # type: ignore[arg-type]  # 0 or 1 for a binary detector
        if not self._detector.drift_detected or self._recent <= self._mean:
            return False
        self._errors, self._mean, self._recent = 0, 0.0, 0.0
        self.drifts_seen += 1
        return True
