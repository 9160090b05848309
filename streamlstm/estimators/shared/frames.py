"""Conversion of data frames of any library to columns of numbers and back.

Narwhals reads them, as in river. It is imported with the first data frame.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from streamlstm.estimators.shared.features import (
    HOURS_PER_DAY,
    SECONDS_PER_HOUR,
    Column,
    Columns,
    clock_values,
    number,
    target_value,
)
from streamlstm.kernels.network.scaler import VALUE_MAX

if TYPE_CHECKING:
    from narwhals import Series
    from narwhals.stable.v2 import DataFrame
    from narwhals.stable.v2.typing import IntoDataFrame, IntoSeries

CELLS_OF_A_CLOCK = 3


def into_frame(data: IntoDataFrame, name: str = "X") -> DataFrame[Any]:
    """Wrap a data frame.

    Raises
    ------
    TypeError
        If ``data`` is not a data frame.

    Examples
    --------
    >>> into_frame([1.0])
    Traceback (most recent call last):
        ...
    TypeError: X must be a data frame, of pandas, polars or pyarrow for instance; got list
    """
    from river.utils import dataframe  # noqa: PLC0415 - slow to import, and rarely needed

    try:
        return dataframe.into_frame(data)
    except TypeError as error:
        raise TypeError(
            f"{name} must be a data frame, of pandas, polars or pyarrow for instance; "
            f"got {type(data).__name__}"
        ) from error


def into_series(y: IntoSeries, length: int) -> Series[Any]:
    """Wrap a series of targets.

    Raises
    ------
    TypeError
        If ``y`` is not a series.
    ValueError
        If it differs in length from the features.
    """
    from river.utils import dataframe  # noqa: PLC0415

    try:
        series: Series[Any] = dataframe.into_series(y)
    except TypeError as error:
        raise TypeError(
            f"y must be a series, of pandas, polars or pyarrow for instance; got {type(y).__name__}"
        ) from error
    require_length(series, length)
    return series


def require_length(y: Any, length: int) -> None:
    """Require one target per event."""
    if len(y) != length:
        raise ValueError(f"y must have one row for each of X; got {len(y)} for {length}")


def feature_columns(frame: DataFrame[Any]) -> Columns:
    """Convert the features of a data frame by the rules for a single event.

    Raises
    ------
    TypeError
        If a value is not a number or a datetime, or a column has both; the message names it.

    Examples
    --------
    >>> import pandas as pd
    >>> columns = feature_columns(into_frame(pd.DataFrame({"load": [1, 2], "on": [True, None]})))
    >>> {name: column.tolist() for name, column in columns.numbers.items()}
    {'load': [1.0, 2.0], 'on': [1.0, nan]}
    """
    columns = Columns(len(frame), {}, {})
    for series in frame.iter_columns():
        name: Hashable = series.name
        if _holds_numbers(series):
            columns.numbers[name] = _numbers(series)
            continue
        if _holds_times(series):
            columns.clocks[name] = _clock(series)
            continue
        values = present(series)
        plain = [number(name, value) for value in values]
        times = [n for n, value in enumerate(values) if isinstance(value, datetime)]
        if times:
            if any(found is not None and not math.isnan(found) for found in plain):
                raise TypeError(f"feature {name!r} must hold numbers or datetimes, not both")
            clock = columns.clocks[name] = np.full((len(values), CELLS_OF_A_CLOCK), np.nan)
            for n in times:
                clock[n] = clock_values(values[n])
        elif all(value is None for value in values):
            columns.numbers[name] = None
        else:
            columns.numbers[name] = np.array(plain, np.float64)
    return columns


def target_column(series: Series[Any], name: Hashable = None) -> Column:
    """Convert targets, (n,), by the rules for a single event.

    Raises
    ------
    TypeError
        If a value is not a number.
    """
    if _holds_numbers(series):
        return _numbers(series)
    return np.array([target_value(value, name) for value in present(series)], np.float64)


def present(series: Series[Any]) -> list[Any]:
    """Return the values of a series as Python objects; None for a missing one."""
    missing = series.is_null().to_list()
    return [None if no else value for value, no in zip(series.to_list(), missing, strict=True)]


def new_series(values: Any, like: DataFrame[Any]) -> Any:
    """Return a series of the same library as a data frame, with its index."""
    from river.utils import dataframe  # noqa: PLC0415

    return dataframe.to_native_series(values, name=None, like=like)


def new_frame(values: Column, names: Sequence[Any], like: DataFrame[Any]) -> Any:
    """Return a data frame of the same library as another, with its index."""
    from river.utils import dataframe  # noqa: PLC0415

    columns = {name: values[:, k] for k, name in enumerate(names)}
    return dataframe.to_native_frame(columns, like=like)


def _holds_numbers(series: Series[Any]) -> bool:
    import narwhals.stable.v2 as nw  # noqa: PLC0415

    dtype = series.dtype
    return dtype.is_integer() or dtype.is_float() or dtype == nw.Boolean


def _holds_times(series: Series[Any]) -> bool:
    import narwhals.stable.v2 as nw  # noqa: PLC0415

    return bool(series.dtype == nw.Datetime)


def _clock(series: Series[Any]) -> Column:
    """Apply :func:`clock_values` to a column of times, with the same bits."""
    hour, minute, second, microsecond, day, timestamp = (
        _numbers(values)
        for values in (
            series.dt.hour(),
            series.dt.minute(),
            series.dt.second(),
            series.dt.microsecond(),
            series.dt.weekday(),
            series.dt.timestamp("us"),
        )
    )
    hours = hour + minute / 60.0 + (second + microsecond * 1e-6) / SECONDS_PER_HOUR
    return np.stack([hours, timestamp / 1e6, day - 1.0 + hours / HOURS_PER_DAY], axis=1)


def _numbers(series: Series[Any]) -> Column:
    import narwhals.stable.v2 as nw  # noqa: PLC0415

    values = np.array(series.cast(nw.Float64).to_numpy(), np.float64)
    values[~(np.abs(values) <= VALUE_MAX)] = np.nan
    return values
