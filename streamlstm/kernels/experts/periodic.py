"""The period of a target, found online, and what the periods before lead one to expect.

All is about changes, the newest first. A period is likely where changes that lie so far apart have
the same sign and size: the running sum of their products, an autocovariance, is kept for each
period that is tried, and the largest wins. Of the past periods the last counts most (exponential
smoothing of the seasonal change, as in Winters 1960).
"""

from streamlstm.kernels.compile import Vector, kernel, part
from streamlstm.kernels.experts.expert import Expert
from streamlstm.kernels.experts.least_squares import (
    FORGETTING,
    block_size,
    least_squares_forecast,
    least_squares_learn,
)
from streamlstm.kernels.plan import (
    AUTOREGRESSIVE,
    HIDDEN,
    PERIOD_MIN,
    PERIODIC,
    T_PERIOD,
    X_GAIN,
    X_PERIODIC,
)

TALLY_MEMORY = 0.998
TALLY_DEVIATIONS = 3.0  # a change counts for at most so many: two spikes make no period
PERIODS_BACK = 4
PERIOD_FADES = 0.6
TINY = 1e-30  # a tally below it is 0, before it sticks at a denormal


@kernel
def track_period(changes: Vector, tally: Vector, period: float, scale: float) -> float:
    """Add the newest change to the tally of every period; return the likeliest, 0 for none.

    Parameters
    ----------
    changes : (PERIOD_MIN + len(tally) or more,)
        Newest first; 0 where there was none yet.
    tally : (periods that are tried,), in and out
        From ``PERIOD_MIN`` on.
    period
        What was the likeliest before; it stays until another has a larger tally.
    scale
        Typical change.

    Examples
    --------
    >>> import numpy as np
    >>> changes, tally, period = np.zeros(64), np.zeros(50), 0.0
    >>> for n in range(90):
    ...     changes[1:] = changes[:-1].copy()
    ...     changes[0] = 3.0 if n % 15 == 0 else -0.2
    ...     period = track_period(changes, tally, period, 1.0)
    >>> period
    15.0
    """
    limit = TALLY_DEVIATIONS * scale
    newest = min(max(changes[0], -limit), limit) / limit / limit
    for k in range(tally.size):
        earlier = min(max(changes[PERIOD_MIN + k], -limit), limit)
        total = TALLY_MEMORY * tally[k] + newest * earlier
        tally[k] = total if abs(total) > TINY else 0.0
    largest = max(tally[int(period) - PERIOD_MIN], 0.0) if period > 0.0 else 0.0
    larger = 0  # counted first, because a loop that only counts is four times as fast
    for k in range(tally.size):
        larger += 1 if tally[k] > largest else 0
    if larger == 0:
        return period if largest > 0.0 else 0.0
    for k in range(tally.size):
        if tally[k] > largest:
            largest, period = tally[k], float(PERIOD_MIN + k)
    return period


@kernel
def profile(changes: Vector, period: int) -> float:
    """Return the mean change one period, two, three and four before the next, newer ones more.

    Parameters
    ----------
    changes
        Those there are, newest first; at least ``period`` of them.
    period

    Examples
    --------
    >>> import numpy as np
    >>> profile(np.array([0.0, 4.0, 0.0, 4.0]), 2)
    4.0
    """
    total, weights, weight = 0.0, 0.0, 1.0
    for k in range(1, PERIODS_BACK + 1):
        place = k * period - 1
        if place >= changes.size:
            break
        total += weight * changes[place]
        weights += weight
        weight *= PERIOD_FADES
    return total / weights


@kernel
def forecast(
    block: Vector, target: Vector, inputs: Vector, output: float, x: Vector, plan: Vector
) -> float:
    """Return w · [the change of the periods before, its last error]."""
    return least_squares_forecast(block, part(x, X_PERIODIC, PERIODIC))


@kernel
def learn(block: Vector, target: Vector, inputs: Vector, u: float, x: Vector, plan: Vector) -> None:
    """Learn u by recursive least squares, once a period is known."""
    if plan[AUTOREGRESSIVE] and target[T_PERIOD] > 0.0:
        regressors = part(x, X_PERIODIC, PERIODIC)
        gain = part(x, X_GAIN + plan[HIDDEN], regressors.size)
        least_squares_learn(block, regressors, u, FORGETTING, gain)


EXPERT = Expert(
    name="periodic",
    forecast=forecast,
    learn=learn,
    size=lambda hidden, inputs: block_size(PERIODIC),
    regressors=lambda hidden: PERIODIC,
    past_targets=True,
)
