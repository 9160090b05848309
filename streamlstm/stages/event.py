"""The results of decoding: an event, or an error that makes the record a dead letter."""

from enum import StrEnum

import msgspec


class Event(msgspec.Struct, frozen=True, gc=False):
    """One decoded record.

    Parameters
    ----------
    key : str
        Key of the stream.
    time_s : float or None
        Seconds since 1970 UTC; None if the schema has no time.
    clock : tuple of (float, float), or None
        Hour of day, and day of week (Monday is 0) with its fraction, in the time zone of the
        schema.
    features : tuple of float
        In the schema's order; NaN is missing.
    targets : tuple of float
        In the schema's order; NaN is missing, and at least one is not.

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
    """The reasons for which a record becomes a dead letter. The set is closed.

    If a record has several faults, the code is the first of them in this order. For the codes from
    ``missing_key`` on, it is that of the first invalid field in the order key, time, features,
    targets.

    ==================  ===========================================================================
    ``too_large``       the record is longer than the source allows
    ``not_utf8``        the value is not UTF-8
    ``too_deep``        the JSON or MessagePack value nests deeper than 32 levels
    ``not_json``        the value is not a JSON text (RFC 8259)
    ``not_msgpack``     the value is not a MessagePack value
    ``not_an_object``   the value is not a JSON object, or not a MessagePack map with text keys
    ``duplicate_key``   a field of the schema occurs twice
    ``not_csv``         the quotes of a CSV row do not match
    ``wrong_columns``   the number of cells or bytes differs from the header or schema
    ``missing_key``     the key is absent or null
    ``bad_key``         the key is not text or an integer, or is empty, too long or unprintable
    ``missing_time``    the time is absent or null
    ``bad_time``        the time cannot be parsed, or is outside the years 1 to 9999
    ``wrong_type``      a feature or target is not a number
    ``not_finite``      a number is NaN or infinite, or is beyond ±1e30
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
    """A record that cannot be decoded.

    Parameters
    ----------
    code : DeadLetterCode
        The kind of fault.
    reason : str
        Description of the fault. Values of the record are truncated in it.

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
