"""Checks of keys and numbers that all formats share, and the errors they raise."""

import re
from typing import Any, Final

from streamlstm.stages.event import DeadLetterCode, DecodeError

ABSENT: Final = float("nan")
"""A missing number. Decoders compare with this object by identity."""

KEY_BYTES_MAX = 256
KEY_INTEGER_MIN, KEY_INTEGER_MAX = -(2**63), 2**63 - 1
VALUE_MAX = 1e30

_SHOWN_MAX = 40

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")


def is_key(key: str) -> bool:
    r"""Return whether a text is a valid stream key.

    A key has 1 to 256 bytes of UTF-8 and no control characters (U+0000–1F, U+7F–9F).

    Examples
    --------
    >>> is_key("pump 3"), is_key(""), is_key("a\n"), is_key("ü" * 129)
    (True, False, False, False)
    """
    if not 0 < len(key) <= KEY_BYTES_MAX:
        return False
    if key.isascii():
        return key.isprintable()
    if _CONTROL.search(key):
        return False
    try:
        return len(key.encode()) <= KEY_BYTES_MAX
    except UnicodeEncodeError:  # an unpaired surrogate
        return False


def bad_key(raw: Any) -> DecodeError:
    """Make the error for an invalid key.

    Examples
    --------
    >>> bad_key("").reason
    "the key '' is invalid: a key is text of 1 to 256 bytes without control characters"
    """
    return DecodeError(
        DeadLetterCode.BAD_KEY,
        f"the key {shown(raw)} is invalid: a key is text of 1 to {KEY_BYTES_MAX} bytes without "
        "control characters",
    )


def use_record_key(raw: bytes | None) -> str:
    """Decode the key of a record.

    Raises
    ------
    DecodeError
        ``missing_key`` or ``bad_key``.

    Examples
    --------
    >>> use_record_key(b"pump-3")
    'pump-3'
    """
    if raw is None:
        raise DecodeError(DeadLetterCode.MISSING_KEY, "the record has no key")
    try:
        key = raw.decode()
    except UnicodeDecodeError:
        raise bad_key(raw) from None
    if not is_key(key):
        raise bad_key(key)
    return key


def not_finite(name: str, raw: Any) -> DecodeError:
    """Make the error for a number out of range.

    Examples
    --------
    >>> not_finite("flow", float("inf")).reason
    "'flow' is inf: numbers must be between -1e+30 and 1e+30"
    """
    limits = f"{-VALUE_MAX:g} and {VALUE_MAX:g}"
    reason = f"{name!r} is {shown(raw)}: numbers must be between {limits}"
    return DecodeError(DeadLetterCode.NOT_FINITE, reason)


def wrong_type(name: str, raw: Any) -> DecodeError:
    """Make the error for a value that is not a number.

    Examples
    --------
    >>> wrong_type("flow", "high").reason
    "'flow' is 'high', not a number"
    """
    return DecodeError(DeadLetterCode.WRONG_TYPE, f"{name!r} is {shown(raw)}, not a number")


def missing(code: DeadLetterCode, *names: str) -> DecodeError:
    """Make the error for a field that is absent, null or empty.

    Examples
    --------
    >>> missing(DeadLetterCode.MISSING_TARGET, "flow", "level").reason
    "there is no 'flow', 'level'"
    """
    return DecodeError(code, f"there is no {', '.join(map(repr, names[:8]))}")


def shown(raw: Any) -> str:
    """Return the `repr` of a value, truncated.

    Examples
    --------
    >>> shown("x" * 100)
    "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx..."
    """
    text = repr(raw)
    return text if len(text) <= _SHOWN_MAX else f"{text[:_SHOWN_MAX]}..."
