"""Watch an estimator's errors with one of river's drift detectors."""

from typing import Any

from river import base

RECENT = 30  # errors that say whether a change was for the worse


class DriftWatch:
    """A drift detector of one's own, fed with errors, and what it found.

    A detector fires at any change. One for the better, such as a model's first learning, is no
    drift; so the mean of the last errors must be above that of all since the last drift.

    Parameters
    ----------
    detector
        Of river; it is cloned. ``None`` watches nothing.
    binary
        Whether the errors are 0 or 1, so that a detector of those will do.

    Raises
    ------
    TypeError
        If it is no detector of such errors.

    Examples
    --------
    >>> from river import drift
    >>> watch = DriftWatch(drift.ADWIN())
    >>> found = [n for n in range(300) if watch.drifted(float(n % 9 == 0 or n > 200))]
    >>> found, watch.drifts_seen
    ([223], 1)
    """

    def __init__(self, detector: Any, *, binary: bool = False) -> None:
        wanted = (base.DriftDetector, base.BinaryDriftDetector) if binary else base.DriftDetector
        if not (detector is None or isinstance(detector, wanted)):
            raise TypeError(
                f"drift_detector must be one of river's for {'labels' if binary else 'numbers'}, "
                f"drift.ADWIN() for instance; got {type(detector).__name__}"
            )
        self._detector = None if detector is None else detector.clone()
        self._errors, self._mean, self._recent = 0, 0.0, 0.0
        self.drifts_seen = 0

    def __bool__(self) -> bool:
        return self._detector is not None

    def drifted(self, error: float) -> bool:
        """Take the error of an event, 0 to 1; return whether it shows a drift."""
        assert self._detector is not None
        self._errors += 1
        self._mean += (error - self._mean) / self._errors
        self._recent += (error - self._recent) / min(self._errors, RECENT)
        self._detector.update(error)  # type: ignore[arg-type]  # 0 or 1 where it takes no other
        if not self._detector.drift_detected or self._recent <= self._mean:
            return False
        self._errors, self._mean, self._recent = 0, 0.0, 0.0
        self.drifts_seen += 1
        return True
