"""Parses the time of a record to seconds since 1970 and to a local clock.

Time zones come from the ``tzdata`` package, not from the machine, so that all workers of a release
parse a local time in the same way.
"""

import importlib.resources
import re
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import Any, Literal
from zoneinfo import ZoneInfo

from streamlstm.stages.event import DeadLetterCode, DecodeError
from streamlstm.stages.fields import shown

TimeFormat = Literal["iso8601", "epoch_s", "epoch_ms"]
Moment = tuple[float, tuple[float, float]]
"""Seconds since 1970 UTC; hour of day and day of week."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LOCAL_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - naive times are UTC here
_EARLIEST = (datetime(1, 1, 1, tzinfo=UTC) - _EPOCH).total_seconds()
_TOO_LATE = 253402300800.0  # the year 10000, which no alert can state
_HOUR_24 = re.compile(r"(\d{4}-\d{2}-\d{2}|\d{8}|\d{4}-?W\d{2}(-?\d)?)\D24")
_PER_SECOND = {"epoch_s": 1.0, "epoch_ms": 1000.0}


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """Return the names of all time zones.

    Examples
    --------
    >>> "Europe/Rome" in zone_names()
    True
    """
    text = importlib.resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8")
    return frozenset(text.split())


@lru_cache(maxsize=64)
def load_zone(name: str) -> tzinfo:
    """Load a time zone by its IANA name.

    Raises
    ------
    ValueError
        If there is no such time zone.

    Examples
    --------
    >>> datetime(2022, 7, 1, tzinfo=load_zone("Europe/Rome")).isoformat()
    '2022-07-01T00:00:00+02:00'
    """
    if name == "UTC":
        return UTC
    if name not in zone_names():
        raise ValueError(f"{name!r} is not the IANA name of a time zone")
    file = importlib.resources.files("tzdata").joinpath("zoneinfo", *name.split("/"))
    with file.open("rb") as content:
        return ZoneInfo.from_file(content, key=name)


def time_reader(time_format: TimeFormat, zone_name: str) -> Callable[[Any], Moment]:
    """Make the function that parses times: text for ``iso8601``, numbers for the other formats.

    A local time that occurs twice, when summer time ends, is the earlier one. A local time that is
    skipped, when summer time begins, is moved forward by the length of the gap.

    Examples
    --------
    >>> time_reader("iso8601", "UTC")("1970-01-02T12:00:00Z")
    (129600.0, (12.0, 4.5))
    >>> time_reader("epoch_ms", "Europe/Rome")(129_600_000)
    (129600.0, (13.0, 4.541666666666667))
    """
    zone = load_zone(zone_name)
    if time_format == "iso8601":
        return _iso8601_reader(zone)
    per_second = _PER_SECOND[time_format]

    def read(number: float) -> Moment:
        seconds = number / per_second
        try:
            clock = _clock(datetime.fromtimestamp(seconds, zone))
        except (ValueError, OverflowError, OSError):  # OSError beyond the C library's range
            raise bad_time(number) from None
        if not _EARLIEST <= seconds < _TOO_LATE:
            raise bad_time(number)
        return seconds, clock

    return read


def _iso8601_reader(zone: tzinfo) -> Callable[[Any], Moment]:
    def read(text: str) -> Moment:
        try:
            time = datetime.fromisoformat(text)
            if time.tzinfo is zone is UTC:  # these two branches are the common ones
                seconds = (time - _EPOCH).total_seconds()
            elif time.tzinfo is None and zone is UTC:
                seconds = (time - _LOCAL_EPOCH).total_seconds()
            else:
                if time.tzinfo is None:
                    time = time.replace(tzinfo=zone)
                seconds = (time - _EPOCH).total_seconds()
                time = time.astimezone(UTC).astimezone(zone)
        except (ValueError, OverflowError):
            raise bad_time(text) from None
        if not time.hour:
            refuse_hour_24(text)
        if not _EARLIEST <= seconds < _TOO_LATE:
            raise bad_time(text)
        return seconds, _clock(time)

    return read


def refuse_hour_24(text: str) -> None:
    """Refuse hour 24: newer versions of Python parse it, older ones do not.

    Raises
    ------
    DecodeError
        ``bad_time``.

    Examples
    --------
    >>> refuse_hour_24("2022-03-20T00:24:00")
    >>> refuse_hour_24("2022-03-20T24:00:00")
    Traceback (most recent call last):
    streamlstm.stages.event.DecodeError: bad_time: the time '2022-03-20T24:00:00' cannot be parsed
    """
    if _HOUR_24.match(text):
        raise bad_time(text)


def _clock(time: datetime) -> tuple[float, float]:
    """Return hour of day and day of week, with the same bits as in the estimators."""
    hour = time.hour + time.minute / 60.0 + (time.second + time.microsecond * 1e-6) / 3600.0
    return hour, time.weekday() + hour / 24.0


def bad_time(raw: float | str) -> DecodeError:
    """Make the error for a time that cannot be parsed.

    Examples
    --------
    >>> bad_time("noon").reason
    "the time 'noon' cannot be parsed"
    """
    return DecodeError(DeadLetterCode.BAD_TIME, f"the time {shown(raw)} cannot be parsed")
