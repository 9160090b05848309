"""Drift detection for one stream, with a state of a few numbers that a snapshot can hold."""

from streamlstm.kernels.experts.mixture import LOSS_MAX

DETECTORS = ("page_hinkley",)
RECENT = 30  # errors in the moving average that shows whether errors have grown
ALPHA = 1.0 - 0.0001
DELTA = 0.005
EVENTS_LEAST = 30


class DriftDetector:
    """The Page-Hinkley test [1]_ on the errors of a stream.

    It has the arithmetic of ``river.drift.PageHinkley(mode="up")``, but its state is seven numbers
    that a snapshot can hold. As in the estimators, a drift counts only if the recent errors are
    larger than those since the last drift.

    Parameters
    ----------
    threshold : float
        λ of the test. The larger, the fewer and the later the detections.

    References
    ----------
    .. [1] Page, E. S. (1954). Continuous inspection schemes. Biometrika 41(1/2).

    Examples
    --------
    >>> detector = DriftDetector(threshold=5.0)
    >>> [n for n in range(200) if detector.update(0.1 if n < 100 else 0.9)]
    [106]
    """

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._reset_test()
        self._reset_errors()

    def _reset_test(self) -> None:
        self._seen, self._mean, self._sum, self._lowest = 0.0, 0.0, 0.0, 0.0

    def _reset_errors(self) -> None:
        self._errors, self._error, self._recent = 0.0, 0.0, 0.0

    @property
    def state(self) -> list[float]:
        """The state, which can be assigned to a new detector."""
        test = [self._seen, self._mean, self._sum, self._lowest]
        return [*test, self._errors, self._error, self._recent]

    @state.setter
    def state(self, state: list[float]) -> None:
        self._seen, self._mean, self._sum, self._lowest = map(float, state[:4])
        self._errors, self._error, self._recent = map(float, state[4:])

    def update(self, error: float) -> bool:
        """Add an error, 0 to 1, and return whether a drift is detected."""
        self._errors += 1.0
        self._error += (error - self._error) / self._errors
        self._recent += (error - self._recent) / min(self._errors, RECENT)
        self._seen += 1.0
        self._mean += (1.0 / self._seen) * (error - self._mean)  # in the order of river
        self._sum = ALPHA * self._sum + (error - self._mean) - DELTA
        self._lowest = self._sum if self._seen == 1.0 else min(self._lowest, self._sum)
        if self._seen < EVENTS_LEAST or self._sum - self._lowest <= self._threshold:
            return False
        self._reset_test()
        if self._recent <= self._error:
            return False
        self._reset_errors()
        return True


def scaled_error(target: float, forecast: float, scale: float) -> float:
    """Return an error in units of the typical change, capped and scaled to 0 to 1.

    Examples
    --------
    >>> scaled_error(3.0, 1.0, 2.0), scaled_error(1e9, 1.0, 2.0)
    (0.2, 1.0)
    """
    return min(abs(target - forecast) / scale, LOSS_MAX) / LOSS_MAX
