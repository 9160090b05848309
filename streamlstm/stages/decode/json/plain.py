"""Parses JSON in full, slowly: repeated members, nesting depth, NaN."""

import json
import re

from streamlstm.stages.decode.members import Members
from streamlstm.stages.event import DeadLetterCode, DecodeError

DEPTH_MAX = 32
"""Maximum levels of nesting. The limit of the interpreter depends on the call stack."""

_INTEGER_DIGITS_MAX = 20
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKET = re.compile(rb"[][{}]")


def read_members(value: bytes) -> tuple[Members, list[str]]:
    """Parse a JSON object; also return the words in it that are not JSON: NaN, Infinity.

    Numbers are floats, except integers of at most 20 digits.

    Raises
    ------
    DecodeError
        ``not_utf8``, ``too_deep``, ``not_json`` or ``not_an_object``.

    Examples
    --------
    >>> read_members(b'{"flow": 3, "load": NaN}')
    ([('flow', 3), ('load', nan)], ['NaN'])
    """
    words: list[str] = []

    def word(text: str) -> float:
        words.append(text)
        return float(text)

    text = read_text(value)
    if is_too_deep(value):
        raise DecodeError(DeadLetterCode.TOO_DEEP, f"nested deeper than {DEPTH_MAX} levels")
    try:
        content = json.loads(
            text, object_pairs_hook=Members, parse_constant=word, parse_int=_whole_number
        )
    except json.JSONDecodeError as error:
        raise DecodeError(DeadLetterCode.NOT_JSON, f"not valid JSON: {error}") from None
    if not isinstance(content, Members):
        raise DecodeError(DeadLetterCode.NOT_AN_OBJECT, "the JSON value is not an object")
    return content, words


def read_text(value: bytes) -> str:
    r"""Decode UTF-8.

    Raises
    ------
    DecodeError
        ``not_utf8``.

    Examples
    --------
    >>> read_text(b"\xff")
    Traceback (most recent call last):
    streamlstm.stages.event.DecodeError: not_utf8: byte 0 is not UTF-8: invalid start byte
    """
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        reason = f"byte {error.start} is not UTF-8: {error.reason}"
        raise DecodeError(DeadLetterCode.NOT_UTF8, reason) from None


def has_many_brackets(value: bytes) -> bool:
    """Return whether a JSON text may be too deep; a fast test that is exact when it is false.

    Examples
    --------
    >>> has_many_brackets(b'{"a": [1]}'), has_many_brackets(b'"%s"' % (b"[" * 33))
    (False, True)
    """
    return value.count(b"{") + value.count(b"[") > DEPTH_MAX


def is_too_deep(value: bytes) -> bool:
    """Return whether a JSON text is nested deeper than `DEPTH_MAX`.

    Examples
    --------
    >>> is_too_deep(b"[" * 33), is_too_deep(b'"%s"' % (b"[" * 33)), is_too_deep(b"[]" * 33)
    (True, False, False)
    """
    if not has_many_brackets(value):
        return False
    depth = 0
    for bracket in _BRACKET.finditer(_STRING.sub(b"", value)):
        depth += 1 if bracket.group() in b"[{" else -1
        if depth > DEPTH_MAX:
            return True
    return False


def _whole_number(text: str) -> int | float:
    return int(text) if len(text) <= _INTEGER_DIGITS_MAX else float(text)
