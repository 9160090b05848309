"""JSON read slowly and in full: what the fast decoder does not tell."""

import json
import re

from streamlstm.stages.decode.member_faults import Members
from streamlstm.stages.event import DeadLetterCode, DecodeError

DEPTH_MAX = 32
"""Levels of nesting. A limit of our own: that of the interpreter depends on who is calling."""

_INTEGER_DIGITS_MAX = 20
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKET = re.compile(rb"[][{}]")


def read_members(value: bytes) -> tuple[Members, list[str]]:
    """Read a JSON object, and the words in it that are no JSON but often written: NaN, Infinity.

    Numbers are floats, but for whole ones of at most 20 digits.

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
        raise DecodeError(DeadLetterCode.TOO_DEEP, f"it nests deeper than {DEPTH_MAX} levels")
    try:
        content = json.loads(
            text, object_pairs_hook=Members, parse_constant=word, parse_int=_whole_number
        )
    except json.JSONDecodeError as error:
        raise DecodeError(DeadLetterCode.NOT_JSON, f"it is not JSON: {error}") from None
    if not isinstance(content, Members):
        raise DecodeError(DeadLetterCode.NOT_AN_OBJECT, "its JSON is not an object")
    return content, words


def read_text(value: bytes) -> str:
    r"""Read UTF-8.

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
    """Say whether a JSON text might be too deep: quick, and never wrong when it says no.

    Examples
    --------
    >>> has_many_brackets(b'{"a": [1]}'), has_many_brackets(b'"%s"' % (b"[" * 33))
    (False, True)
    """
    return value.count(b"{") + value.count(b"[") > DEPTH_MAX


def is_too_deep(value: bytes) -> bool:
    """Say whether a JSON text nests deeper than `DEPTH_MAX`.

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
