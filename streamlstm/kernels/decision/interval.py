"""Prediction intervals calibrated online by tracking quantiles of the error.

An interval is forecast ± q · scale, where scale is a running mean of |error|. For a level with
miscoverage α, each event moves q by η (missed − α). This is quantile tracking, the proportional
part of conformal PID control (Angelopoulos, Candès & Tibshirani 2023), which superseded the
adaptation of α itself (Gibbs & Candès 2021). Over T events, the number of misses exceeds α T by the
total change of q divided by η. The fraction of misses therefore converges to α for any sequence of
errors.

η is proportional to −ln α, the initial value of q, so that a miss of a rarely missed level moves q
further. The factor falls with 1/√T at first (Angelopoulos, Barber & Bates 2024) down to a minimum,
so that the interval follows drift.
"""

import math

from streamlstm.kernels.compile import Vector, kernel

# State of one target: number of errors, their scale; then, for each level in ascending order:
SEEN, SCALE, LEVELS_AT = range(3)
ALPHA, BEGINNING, QUANTILE, HALF_WIDTH = range(4)
LEVEL = 4

SCALE_RATE_MIN = 0.05
STEP, STEP_MIN = 0.4, 0.05
OUTLIER = 10.0


@kernel
def track_interval(state: Vector, error: float) -> None:
    """Update the half-widths of all levels of one target by one error.

    The first error is ignored, since no event had been learnt before that forecast. A level is
    never narrower than the level below it. A miss is counted against the interval that was
    returned.

    Parameters
    ----------
    state : (2 + 4 L,), in and out
    error
        |observed − forecast|.

    Examples
    --------
    >>> import numpy as np
    >>> state = np.array([0.0, 0.0, 0.2, 1.6, 1.6, np.inf])
    >>> for error in (9.0, 2.0):
    ...     track_interval(state, error)
    >>> state[SCALE].item(), state[-1].item()
    (2.0, 3.2)
    """
    state[SEEN] += 1.0
    errors = state[SEEN] - 1.0
    if errors == 0.0:
        return
    bounded = min(error, OUTLIER * state[SCALE]) if state[SCALE] > 0.0 else error
    state[SCALE] += max(1.0 / errors, SCALE_RATE_MIN) * (bounded - state[SCALE])
    step = max(STEP / math.sqrt(errors), STEP_MIN)
    half_width = 0.0
    for start in range(LEVELS_AT, state.size, LEVEL):
        if state[start + HALF_WIDTH] < math.inf:
            missed = 1.0 if error > state[start + HALF_WIDTH] else 0.0
            moved = step * state[start + BEGINNING] * (missed - state[start + ALPHA])
            state[start + QUANTILE] = max(state[start + QUANTILE] + moved, 0.0)
        half_width = max(half_width, state[start + QUANTILE] * state[SCALE])
        state[start + HALF_WIDTH] = half_width


@kernel
def track_intervals(states: Vector, values: Vector, results: Vector) -> None:
    """Update the half-widths of every target by the events that a single-stream bank has learnt.

    Parameters
    ----------
    states : (O, 2 + 4 L), in and out
    values : (n, C + O)
        The events; a missing target (NaN) changes nothing.
    results : (n, 1 + O)
        Rows of :func:`~streamlstm.kernels.regression.events.run_events`; the forecasts are last.

    Examples
    --------
    >>> import numpy as np
    >>> states = np.array([[1.0, 0.0, 0.2, 1.6, 1.6, np.inf]])
    >>> track_intervals(states, np.array([[7.0]]), np.array([[1.0, 5.0]]))
    >>> states[0, -1].item()
    3.2
    """
    targets = states.shape[0]
    first = values.shape[1] - targets
    for n in range(values.shape[0]):
        for k in range(targets):
            error = abs(values[n, first + k] - results[n, 1 + k])
            if not math.isnan(error):
                track_interval(states[k], error)
