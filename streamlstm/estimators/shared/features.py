"""Conversion of feature dicts to rows of numbers."""

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from numbers import Real
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from streamlstm.bank.classes.model import Label
from streamlstm.bank.feature_index import FeatureIndex
from streamlstm.kernels.network.scaler import VALUE_MAX

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECONDS_PER_HOUR, HOURS_PER_DAY = 3600.0, 24.0
Column = NDArray[np.float64]


def clock_values(time: datetime) -> tuple[float, float, float]:
    """Return hour of day, seconds since 1970, and day of week (Monday 0) of a time.

    A naive time is interpreted as UTC; hour and day are in the time zone of ``time``.

    Examples
    --------
    >>> clock_values(datetime(1970, 1, 2, 12))
    (12.0, 129600.0, 4.5)
    """
    seconds = (time if time.tzinfo else time.replace(tzinfo=UTC)) - EPOCH
    hour = time.hour + time.minute / 60.0 + (time.second + time.microsecond * 1e-6) / 3600.0
    return hour, seconds.total_seconds(), time.weekday() + hour / HOURS_PER_DAY


class Columns(NamedTuple):
    """The features of a data frame; missing values are NaN.

    Attributes
    ----------
    length
        Rows, n.
    numbers : dict of (n,), or None
        By name; None for a column without any value, whose type is unknown.
    clocks : dict of (n, 3)
        Hour of day, seconds since 1970 and day of week, by name.
    """

    length: int
    numbers: dict[Hashable, Column | None]
    clocks: dict[Hashable, Column]


class HasColumns(Protocol):
    """A model with feature columns: a bank or a class model."""

    @property
    def features(self) -> FeatureIndex:
        """Feature columns by name."""

    def add_features(self, names: Iterable[Hashable], clocks: Iterable[Hashable]) -> None:
        """Give columns to new features."""


class FeatureReader:
    """Writes feature dicts into a reused row, in the columns of a bank.

    Parameters
    ----------
    bank : Bank or ClassModel
        Model with feature columns; new features get columns on request.
    targets : int, default 1
        Number of cells after the feature columns.

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
        self._cells: Any = memoryview(self._row[0])  # writing is twice as fast as to an array

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the row, which is not part of the state."""
        return {k: v for k, v in self.__dict__.items() if k not in {"_row", "_cells"}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Allocate the row again."""
        self.__dict__.update(state)
        self._make_row()

    def state(self) -> dict[str, list[list[Any]]]:
        """Return the column of each number, and the first of the three columns of each clock."""
        return {
            "numbers": [[name, column] for name, column in self._numbers.items()],
            "clocks": [[name, column] for name, column in self._clocks.items()],
        }

    def restore_state(self, header: Mapping[str, Any]) -> None:
        """Restore what :meth:`state` returned; the bank must have its columns already."""
        self._numbers, self._clocks = dict(header["numbers"]), dict(header["clocks"])
        self._make_row()

    def read(self, x: Mapping[Hashable, Any], *, grow: bool) -> NDArray[np.float64]:
        """Return the row of an event, (1, C + O); absent features are NaN.

        Parameters
        ----------
        x
            Numbers, booleans and datetimes by name. ``None`` and non-finite numbers are missing.
        grow
            Whether new names get columns; otherwise they are ignored.

        Raises
        ------
        TypeError
            If a value has another type; the message names the feature, and nothing has changed.
        FeatureLimitError
            If there would be more than ``features_max`` columns; then nothing has changed.
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
            clocks = [name for name, value in x.items() if isinstance(value, datetime)]
            known = self._clocks.keys() | clocks
            self._add(
                [n for n, v in x.items() if n not in clocks and not (v is None and n in known)],
                clocks,
            )
            return self.read(x, grow=False)
        return self._row

    def read_many(self, columns: Columns, *, grow: bool) -> NDArray[np.float64]:
        """Return the rows of many events, (n, C + O), as :meth:`read` would one after another.

        Parameters
        ----------
        columns
        grow
            As in :meth:`read`.

        Raises
        ------
        FeatureLimitError
            If there would be more than ``features_max`` columns; then nothing has changed.
        """
        length, numbers, clocks = columns
        known = self._clocks.keys() | clocks
        named = [n for n, v in numbers.items() if not (v is None and n in known)]
        if grow and not (self._numbers.keys() >= set(named) and self._clocks.keys() >= set(clocks)):
            self._add(named, list(clocks))
        rows = np.full((length, self._row.shape[1]), np.nan)
        for name, values in numbers.items():
            place = self._numbers.get(name)
            if place is not None and values is not None:
                rows[:, place] = values
        for name, values in clocks.items():
            place = self._clocks.get(name)
            if place is not None:
                rows[:, place : place + values.shape[1]] = values
        return rows

    def _add(self, numbers: Sequence[Hashable], clocks: Sequence[Hashable]) -> None:
        """Add columns for new names."""
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
        If the value is not a number, a boolean or a datetime.

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
    """Return a number as a float; NaN if its magnitude is beyond ``VALUE_MAX``.

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
    """Return a target as a float; NaN if it is missing or its magnitude is beyond ``VALUE_MAX``.

    Parameters
    ----------
    value
        The target.
    name : default None
        Name of the target if there are several, for the error message.

    Raises
    ------
    TypeError
        If the target is not a number.

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


def class_label(y: Any) -> Label | None:
    """Return a label as a plain Python value; None if it is missing.

    Raises
    ------
    TypeError
        If the label is not a boolean, an integer or a string.

    Examples
    --------
    >>> class_label(np.str_("wet")), class_label(np.bool_(True)), class_label(float("nan"))
    ('wet', True, None)
    """
    if isinstance(y, np.generic):
        y = y.item()
    if y is None or (isinstance(y, float) and math.isnan(y)):
        return None
    if not isinstance(y, bool | int | str):
        raise TypeError(
            f"a label must be a boolean, an integer or a string; got {type(y).__name__} {y!r}"
        )
    return y
