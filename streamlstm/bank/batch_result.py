"""Results of a batch of scored events, by name."""

import numpy as np
from numpy.typing import NDArray

from streamlstm.kernels.layout import EXPERTS
from streamlstm.kernels.regression.events import ACCEPTED


def result_columns(outputs: int) -> int:
    """Return the number of columns in a result row of a scored event.

    Examples
    --------
    >>> result_columns(1) == 5 + 3 + len(EXPERTS)
    True
    """
    return 5 + (3 + len(EXPERTS)) * outputs


class BatchResult:
    """Results of a batch of scored events: named views of the result rows.

    Parameters
    ----------
    rows : (n, 5 + (3 + E) O) float64
        Result rows as the kernels write them, for O targets and E experts.
    outputs : int
        Number of targets, O.

    Attributes
    ----------
    rows
        The result rows.
    accepted : (n,) bool
        False for a refused event; all its other results are NaN.
    forecast : (n, O)
        Forecast of each target, made before the event was learnt.
    alert_event : (n,)
        0 for none, 1 where an alert opened, 2 where one closed.
    score : (n,)
        Anomaly score: −log₁₀ of the probability of an error as large as this one. 0 during
        warm-up.
    alert_length, alert_peak : (n,)
        Number of events of the most recent alert so far, and its largest score.
    half_width : (n, O)
        Half-width of the interval around the forecast; a target outside it opens an alert.
    standardised_error : (n, O)
        Forecast error divided by the typical error of the target.
    expert_weights : (n, O, E)
        Weight of each expert in the forecast, in the order of ``EXPERTS``.

    Examples
    --------
    >>> from streamlstm import Bank, Detection, Settings, Shape
    >>> bank = Bank(Shape(), Settings(), detection=Detection())
    >>> result = bank.detect([bank.open("a")] * 2, [[1.0], [2.0]], learn=True)
    >>> result.forecast.tolist(), result.score.tolist()
    ([[0.0], [1.0]], [0.0, 0.0])
    """

    def __init__(self, rows: NDArray[np.float64], outputs: int) -> None:
        self.rows = rows
        self.accepted = rows[:, 0] == ACCEPTED
        self.forecast = rows[:, 1 : 1 + outputs]
        self.alert_event = rows[:, 1 + outputs]
        self.score = rows[:, 2 + outputs]
        self.alert_length = rows[:, 3 + outputs]
        self.alert_peak = rows[:, 4 + outputs]
        self.half_width = rows[:, 5 + outputs : 5 + 2 * outputs]
        self.standardised_error = rows[:, 5 + 2 * outputs : 5 + 3 * outputs]
        self.expert_weights = rows[:, 5 + 3 * outputs :].reshape(len(rows), outputs, len(EXPERTS))
