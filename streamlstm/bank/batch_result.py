"""What came of a batch of events, by name."""

import numpy as np
from numpy.typing import NDArray

from streamlstm.kernels.layout import EXPERTS
from streamlstm.kernels.regression.events import ACCEPTED


class BatchResult:
    """What came of a batch: named views of the result rows.

    Parameters
    ----------
    rows : (n, 5 + (3 + E) O) float64
        Results as the kernels write them, O targets and E experts.
    outputs
        Targets, O.

    Attributes
    ----------
    rows
        What it was made of.
    accepted : (n,) bool
        False for a refused event; all its numbers are NaN.
    forecast : (n, O)
        What was expected of each target.
    alert_event : (n,)
        0; 1 where an alert opened; 2 where one ended.
    score : (n,)
        −log₁₀ of how probable so odd an event is; 0 during warm-up.
    events, peak : (n,)
        Events of the newest alert so far, and its largest score.
    half_width : (n, O)
        An alert would open beyond forecast ± half-width.
    standardised_error : (n, O)
        Error in units of each target's typical error.
    weights : (n, O, E)
        How much each expert counted in the forecast, in the order of ``EXPERTS``.

    Examples
    --------
    >>> from streamlstm import Bank, Detection, Settings, Shape
    >>> bank = Bank(Shape(), Settings(), detection=Detection())
    >>> judged = bank.detect([bank.open("a")] * 2, [[1.0], [2.0]], learn=True)
    >>> judged.forecast.tolist(), judged.score.tolist()
    ([[0.0], [1.0]], [0.0, 0.0])
    """

    def __init__(self, rows: NDArray[np.float64], outputs: int) -> None:
        self.rows = rows
        self.accepted = rows[:, 0] == ACCEPTED
        self.forecast = rows[:, 1 : 1 + outputs]
        self.alert_event = rows[:, 1 + outputs]
        self.score = rows[:, 2 + outputs]
        self.events = rows[:, 3 + outputs]
        self.peak = rows[:, 4 + outputs]
        self.half_width = rows[:, 5 + outputs : 5 + 2 * outputs]
        self.standardised_error = rows[:, 5 + 2 * outputs : 5 + 3 * outputs]
        self.weights = rows[:, 5 + 3 * outputs :].reshape(len(rows), outputs, len(EXPERTS))
