"""Prediction intervals whose coverage holds online: the quantiles of the error are tracked.

An interval is forecast ± q · scale, the scale a running mean of |error|. A level that may miss a
share α of the events moves its q by η (missed − α) after each of them: quantile tracking, the
proportional part of conformal PID control (Angelopoulos, Candès & Tibshirani 2023), which took
the place of moving α itself (Gibbs & Candès 2021). Added up, the misses beyond α T are the way q
has gone divided by η, so the share of misses comes to α whatever the errors do.

η is a share of −ln α, where q begins: a rare miss has to say more. The share falls with 1/√T at
first (Angelopoulos, Barber & Bates 2024), and stops falling, so that a drift is followed.
"""

import math

from streamlstm.kernels.compile import Vector, kernel

# Of one target: how many errors were seen, and their scale; then, of each level in rising order:
SEEN, SCALE, LEVELS_AT = range(3)
ALPHA, BEGINNING, QUANTILE, HALF_WIDTH = range(4)
LEVEL = 4

SCALE_RATE_MIN = 0.05
STEP, STEP_MIN = 0.4, 0.05
OUTLIER = 10.0


@kernel
def track_interval(state: Vector, error: float) -> None:
    """Move the half-widths of one target's levels on by one error.

    The first error is passed over: that forecast knew nothing. Wider levels are never narrower
    than the ones before them, and what counts as missed is the interval as it was given out.

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
    """Move the half-widths of every target on by each event, as a bank of one has learnt it.

    Parameters
    ----------
    states : (O, 2 + 4 L), in and out
    values : (n, C + O)
        The events; a target that is missing (NaN) moves nothing.
    results : (n, 1 + O)
        Rows of :func:`~streamlstm.kernels.regression.events.run_events`: the forecasts stand last.

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
