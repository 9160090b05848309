"""What decoding gives: an event, or the reason why there is none."""

from enum import StrEnum

import msgspec


class Event(msgspec.Struct, frozen=True, gc=False):
    """One decoded record.

    Parameters
    ----------
    key : str
        Which stream it belongs to.
    time_s : float or None
        Seconds since 1970 UTC; None where the schema names no time.
    clock : tuple of (float, float), or None
        Hour of day, and day of week (Monday 0) with its fraction, both in the schema's time zone.
    features : tuple of float
        In the schema's order; NaN is missing.
    targets : tuple of float
        In the schema's order; NaN is missing, and at least one is there.

    Examples
    --------
    >>> Event("pump-3", 129600.0, (12.0, 4.5), (3.5,), (0.25,)).targets
    (0.25,)
    """

    key: str
    time_s: float | None
    clock: tuple[float, float] | None
    features: tuple[float, ...]
    targets: tuple[float, ...]


class DeadLetterCode(StrEnum):
    """Every reason for which a record becomes a dead letter; the set is closed.

    Where a record has several faults, the first in this order is named; of the codes from
    ``missing_key`` on, the first field at fault in the order key, time, features, targets.

    ==================  ===========================================================================
    ``too_large``       the record is longer than the source may hold
    ``not_utf8``        its bytes are not UTF-8
    ``too_deep``        its JSON or MessagePack nests deeper than 32 levels
    ``not_json``        it is not one JSON text by RFC 8259
    ``not_msgpack``     it is not one value of MessagePack
    ``not_an_object``   its JSON is not an object, its MessagePack no map whose names are text
    ``duplicate_key``   a declared member stands in its object or map twice
    ``not_csv``         its quotes do not match
    ``wrong_columns``   it has other cells than the header, or other bytes than the schema's numbers
    ``missing_key``     the stream's key is absent or null
    ``bad_key``         the key is no text or whole number, or is empty, too long or unprintable
    ``missing_time``    the time is absent or null
    ``bad_time``        the time cannot be read, or lies outside the years 1 to 9999
    ``wrong_type``      a feature or target is no number
    ``not_finite``      a number is NaN or infinite, or lies beyond ±1e30
    ``missing_target``  all targets are absent or null
    ==================  ===========================================================================

    Examples
    --------
    >>> DeadLetterCode("not_json").value
    'not_json'
    """

    TOO_LARGE = "too_large"
    NOT_UTF8 = "not_utf8"
    TOO_DEEP = "too_deep"
    NOT_JSON = "not_json"
    NOT_MSGPACK = "not_msgpack"
    NOT_AN_OBJECT = "not_an_object"
    DUPLICATE_KEY = "duplicate_key"
    NOT_CSV = "not_csv"
    WRONG_COLUMNS = "wrong_columns"
    MISSING_KEY = "missing_key"
    BAD_KEY = "bad_key"
    MISSING_TIME = "missing_time"
    BAD_TIME = "bad_time"
    WRONG_TYPE = "wrong_type"
    NOT_FINITE = "not_finite"
    MISSING_TARGET = "missing_target"


class DecodeError(Exception):
    """A record nobody can learn from.

    Parameters
    ----------
    code : DeadLetterCode
        Which of the known reasons.
    reason : str
        A sentence for people; values of the record are cut short in it.

    Examples
    --------
    >>> raise DecodeError(DeadLetterCode.MISSING_KEY, "there is no 'pump'")
    Traceback (most recent call last):
    streamlstm.stages.event.DecodeError: missing_key: there is no 'pump'
    """

    def __init__(self, code: DeadLetterCode, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.code}: {self.reason}"
