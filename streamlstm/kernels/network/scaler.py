"""Online standardisation of inputs, with bounded influence of outliers.

Every estimate is updated with rate max(1/n, ``RATE_MIN``): an average at first, then an exponential
average over about a thousand events. An innovation is limited to ``OUTLIER`` standard deviations,
so that a spike of 1e30 does not ruin the scale.
"""

import math

from streamlstm.kernels.compile import Vector, kernel, part
from streamlstm.kernels.functions.elementary import sine_cosine
from streamlstm.kernels.layout import (
    CHANGE_SQUARE,
    CHANGES,
    COLUMN,
    LAST,
    MEAN,
    PERIOD,
    SEEN,
    VARIANCE,
)

RATE_MIN = 0.001
OUTLIER = 10.0
INPUT_MAX = 5.0
VALUE_MAX = 1e30
CLOCK = -1.0  # the "period" of a column of seconds: its value is the time since the last event


@kernel
def track(moments: Vector, value: float) -> None:
    """Update the running mean and variance by ``value``.

    Welford's recurrence with a lower limit of the rate (West 1979).

    Parameters
    ----------
    moments : (3,), in and out
        Count, mean, variance.
    value

    Examples
    --------
    >>> import numpy as np
    >>> moments = np.zeros(3)
    >>> for value in (1.0, 3.0):
    ...     track(moments, value)
    >>> moments.tolist()
    [2.0, 2.0, 1.0]
    """
    moments[0] += 1.0
    rate = max(1.0 / moments[0], RATE_MIN)
    d = value - moments[1]
    if moments[2] > 0.0:
        limit = OUTLIER * math.sqrt(moments[2])
        d = min(max(d, -limit), limit)
    moments[1] += rate * d
    moments[2] += rate * ((1.0 - rate) * d * d - moments[2])


@kernel
def track_square(mean_square: Vector, value: float) -> None:
    """Update a running mean square by ``value``².

    Parameters
    ----------
    mean_square : (2,), in and out
        Count, mean square.
    value

    Examples
    --------
    >>> import numpy as np
    >>> mean_square = np.zeros(2)
    >>> for value in (1.0, 3.0):
    ...     track_square(mean_square, value)
    >>> mean_square.tolist()
    [2.0, 5.0]
    """
    square = value * value
    if mean_square[1] > 0.0:
        square = min(square, OUTLIER * OUTLIER * mean_square[1])
    mean_square[0] += 1.0
    mean_square[1] += max(1.0 / mean_square[0], RATE_MIN) * (square - mean_square[1])


@kernel
def standardise(value: float, variance: float) -> float:
    """Return ``value`` / √variance, limited to ±``INPUT_MAX``; 0 if the variance is 0.

    Examples
    --------
    >>> standardise(3.0, 4.0), standardise(1e30, 4.0), standardise(1.0, 0.0)
    (1.5, 5.0, 0.0)
    """
    if not variance > 0.0:
        return 0.0
    return min(max(value / math.sqrt(variance), -INPUT_MAX), INPUT_MAX)


@kernel
def encode_columns(inputs: Vector, columns: Vector, values: Vector, n: int) -> None:
    """Write two inputs for each of ``n`` feature columns; a missing value (NaN) gives 0, 0.

    A plain number gives its standardised value and change. A cyclic number (hour, weekday) gives
    the sine and cosine of its phase. A clock gives the standardised time since the last event,
    and 0.

    Parameters
    ----------
    inputs : (2n,), out
    columns : (n · COLUMN,)
        State of each column: period, count, mean, variance, last value, scale of the change.
    values : (n,)
    n
        Columns in use.

    Examples
    --------
    >>> import numpy as np
    >>> columns, inputs = np.zeros(COLUMN), np.zeros(2)
    >>> columns[PERIOD] = 24.0
    >>> encode_columns(inputs, columns, np.array([6.0]), 1)
    >>> inputs.round(12).tolist()
    [1.0, 0.0]
    """
    real = inputs.dtype.type
    for j in range(n):
        column = part(columns, j * COLUMN, COLUMN)
        a = 0.0
        b = 0.0
        value = values[j]
        if not math.isnan(value):
            if column[PERIOD] > 0.0:
                a, b = sine_cosine(value / column[PERIOD])
            elif column[SEEN] > 0.0 or column[CHANGES] > 0.0:
                change = value - column[LAST]
                if column[PERIOD] == CLOCK:
                    a = standardise(max(change, 0.0) - column[MEAN], column[VARIANCE])
                else:
                    a = standardise(value - column[MEAN], column[VARIANCE])
                    b = standardise(change, column[CHANGE_SQUARE])
        inputs[2 * j] = real(a)
        inputs[2 * j + 1] = real(b)


@kernel
def track_columns(columns: Vector, values: Vector, n: int) -> None:
    """Update the scales of ``n`` feature columns by one event; a missing value changes nothing.

    Examples
    --------
    >>> import numpy as np
    >>> columns = np.zeros(COLUMN)
    >>> track_columns(columns, np.array([2.0]), 1)
    >>> columns[SEEN].item(), columns[LAST].item()
    (1.0, 2.0)
    """
    for j in range(n):
        column = part(columns, j * COLUMN, COLUMN)
        value = values[j]
        if not math.isnan(value):
            change = value - column[LAST]
            known = column[CHANGES] > 0.0 or column[SEEN] > 0.0
            if column[PERIOD] == CLOCK:  # a step back in time gives an interval of 0
                if known:
                    track(part(column, SEEN, 3), max(change, 0.0))
                column[CHANGES] += 1.0
            else:
                if known:
                    track_square(part(column, CHANGES, 2), change)
                track(part(column, SEEN, 3), value)
            column[LAST] = value
