"""From river's feature dict to a row of numbers, and nothing else."""

import math
from collections.abc import Hashable, Iterable, Mapping
from datetime import UTC, datetime
from numbers import Real
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from streamlstm.bank.feature_index import FeatureIndex
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


class HasColumns(Protocol):
    """What gives columns to features: a bank, or the model of a classifier."""

    features: FeatureIndex

    def add_features(self, names: Iterable[Hashable], clocks: Iterable[Hashable]) -> None:
        """Give columns to features; known ones stay as they are."""


class FeatureReader:
    """Write feature dicts into one kept row, in the columns of a bank.

    Parameters
    ----------
    bank
        Gives columns to new features, when asked to.
    targets
        Cells of the row after the columns.

    Examples
    --------
    >>> from streamlstm.bank import Bank, Settings, Shape
    >>> reader = FeatureReader(Bank(Shape(), Settings()))
    >>> reader.read({"b": 2.0, "a": True}, grow=True)[0].tolist()
    [1.0, 2.0, nan]
    >>> reader.read({"b": None, "c": 5.0}, grow=False)[0].tolist()
    [nan, nan, nan]
    """

    def __init__(self, bank: HasColumns, targets: int = 1) -> None:
        self._bank = bank
        self._targets = targets
        self._numbers: dict[Hashable, int] = {}
        self._clocks: dict[Hashable, int] = {}
        self._make_row()

    def _make_row(self) -> None:
        columns = len(self._bank.features.column) + self._targets
        self._row = np.full((1, columns), np.nan)
        self._cells: Any = memoryview(self._row[0])  # twice as fast to write to as an array

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the row; it is no part of the state."""
        return {k: v for k, v in self.__dict__.items() if k not in {"_row", "_cells"}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Make the row again."""
        self.__dict__.update(state)
        self._make_row()

    @property
    def places(self) -> tuple[dict[Hashable, int], dict[Hashable, int]]:
        """The cell of each number, and the first of the three cells of each clock."""
        return self._numbers, self._clocks

    def adopt(self, numbers: dict[Hashable, int], clocks: dict[Hashable, int]) -> None:
        """Take the places another reader had, the bank having its columns already."""
        self._numbers, self._clocks = numbers, clocks
        self._make_row()

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
            For a value of another type, naming the feature; nothing has changed then.
        FeatureLimitError
            For more features than the bank takes; nothing has changed then.
        """
        numbers, cells, new = self._numbers, self._cells, False
        self._row.fill(np.nan)
        for name, value in x.items():
            plain = value if type(value) is float else number(name, value)
            if plain is None:
                place = self._clocks.get(name)
                if place is not None:
                    cells[place], cells[place + 1], cells[place + 2] = clock_values(value)
            else:
                place = numbers.get(name)
                if place is not None and -VALUE_MAX <= plain <= VALUE_MAX:
                    cells[place] = plain
            new = new or place is None
        if new and grow:
            self._add(x)
            return self.read(x, grow=False)
        return self._row

    def _add(self, x: Mapping[Hashable, Any]) -> None:
        """Give columns to the names of ``x`` that have none."""
        clocks = [name for name, value in x.items() if isinstance(value, datetime)]
        known = self._clocks.keys() | clocks
        numbers = [n for n, v in x.items() if n not in clocks and not (v is None and n in known)]
        index = self._bank.features
        self._bank.add_features(numbers, clocks)
        self._clocks |= {name: index.clock_place(name) for name in clocks}
        self._numbers |= {name: index.place(name) for name in numbers}
        self._make_row()


def number(name: Hashable, value: Any) -> float | None:
    """Return a feature's value as a float; NaN where it is missing, None where it is a datetime.

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
    if value is None:
        return math.nan
    if isinstance(value, datetime):
        return None
    if not isinstance(value, Real | np.bool_):
        kind = type(value).__name__
        raise TypeError(
            f"feature {name!r} must be a number, a boolean or a datetime; got {kind} {value!r}"
        )
    return finite(value)


def finite(value: Any) -> float:
    """Return a number as a float; NaN where it is beyond what can be learnt.

    Examples
    --------
    >>> finite(3), finite(10**400)
    (3.0, nan)
    """
    try:
        plain = float(value)
    except OverflowError:
        return math.nan
    return plain if -VALUE_MAX <= plain <= VALUE_MAX else math.nan


def target_value(value: Any, name: Hashable = None) -> float:
    """Return a target as a float; NaN where it is missing or beyond what can be learnt.

    Parameters
    ----------
    value
    name
        Of the target, where there are several.

    Raises
    ------
    TypeError
        If it is no number.

    Examples
    --------
    >>> target_value("high")
    Traceback (most recent call last):
        ...
    TypeError: the target must be a number; got str 'high'
    """
    if value is None:
        return math.nan
    if not isinstance(value, Real | np.bool_):
        target = "the target" if name is None else f"target {name!r}"
        raise TypeError(f"{target} must be a number; got {type(value).__name__} {value!r}")
    return finite(value)
