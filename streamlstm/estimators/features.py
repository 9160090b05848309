"""From river's feature dict to a row of numbers, and nothing else."""

from collections.abc import Hashable, Mapping
from datetime import UTC, datetime
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlstm.bank import Bank
from streamlstm.kernels.scaler import VALUE_MAX

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECONDS_PER_HOUR, HOURS_PER_DAY = 3600.0, 24.0


def clock_values(time: datetime) -> tuple[float, float, float]:
    """Return hour of day, seconds since 1970, and day of week (Monday 0) of a time.

    A naive time is taken as UTC; hour and day are those of the time's own zone.

    Examples
    --------
    >>> clock_values(datetime(1970, 1, 2, 12))
    (12.0, 129600.0, 4.5)
    """
    seconds = (time if time.tzinfo else time.replace(tzinfo=UTC)) - EPOCH
    hour = time.hour + time.minute / 60.0 + (time.second + time.microsecond * 1e-6) / 3600.0
    return hour, seconds.total_seconds(), time.weekday() + hour / HOURS_PER_DAY


class FeatureReader:
    """Write feature dicts into one kept row, in the columns of a bank.

    Parameters
    ----------
    bank
        Gives columns to new features, when asked to.

    Examples
    --------
    >>> from streamlstm.bank import Settings, Shape
    >>> reader = FeatureReader(Bank(Shape(), Settings()))
    >>> reader.read({"b": 2.0, "a": True}, grow=True)[0].tolist()
    [1.0, 2.0, nan]
    >>> reader.read({"b": None, "c": 5.0}, grow=False)[0].tolist()
    [nan, nan, nan]
    """

    def __init__(self, bank: Bank) -> None:
        self._bank = bank
        self._column: dict[Hashable, int] = {}
        self._row = np.full((1, bank.shape.outputs), np.nan)

    def read(self, x: Mapping[Hashable, Any], *, grow: bool) -> NDArray[np.float64]:
        """Return the row of an event, (1, C + O); what is absent is NaN.

        Parameters
        ----------
        x
            Numbers, booleans and datetimes by name. ``None`` and what is not finite are missing.
        grow
            Whether new names get columns; else they are passed over.

        Raises
        ------
        TypeError
            For a value of another type, naming the feature; nothing is learnt then.
        FeatureLimitError
            For more features than the bank takes.
        """
        column = self._column
        if grow and not column.keys() >= x.keys():
            self._add(x)
        row = self._row
        row.fill(np.nan)
        flat = row[0]
        for name, value in x.items():
            place = column.get(name)
            if place is None:
                number(name, value)
            elif type(value) is float:
                if -VALUE_MAX <= value <= VALUE_MAX:
                    flat[place] = value
            elif isinstance(value, datetime):
                flat[place : place + 3] = clock_values(value)
            else:
                flat[place] = number(name, value)
        return row

    def _add(self, x: Mapping[Hashable, Any]) -> None:
        """Give columns to the names of ``x`` that have none."""
        new = [name for name in x if name not in self._column]
        clocks = [name for name in new if isinstance(x[name], datetime)]
        for name in new:
            number(name, x[name])
        numbers = [str(name) for name in new if name not in clocks]
        self._bank.add_features(numbers, [str(name) for name in clocks])
        places = self._bank.features.column
        for name in new:
            self._column[name] = places[f"{name}.hour" if name in clocks else str(name)]
        self._row = np.full((1, len(places) + self._bank.shape.outputs), np.nan)


def number(name: Hashable, value: Any) -> float:
    """Return a feature's value as a float; NaN where it is missing or not finite.

    Raises
    ------
    TypeError
        If it is neither a number nor a datetime.

    Examples
    --------
    >>> number("load", "high")
    Traceback (most recent call last):
        ...
    TypeError: feature 'load' must be a number, a boolean or a datetime; got str 'high'
    """
    if value is None or isinstance(value, datetime):
        return np.nan
    if not isinstance(value, Real | np.bool_):
        kind = type(value).__name__
        raise TypeError(
            f"feature {name!r} must be a number, a boolean or a datetime; got {kind} {value!r}"
        )
    try:
        plain = float(value)
    except OverflowError:
        return np.nan
    return plain if -VALUE_MAX <= plain <= VALUE_MAX else np.nan
