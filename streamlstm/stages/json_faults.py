"""Why a JSON record cannot be learnt from: a second, slow look, off the hot path.

It alone decides the code of a dead letter, so the code depends on the record and never on the order
in which the fast decoder happens to look.
"""

from collections.abc import Callable
from typing import Any

from streamlstm.stages.event import DeadLetterCode, DecodeError
from streamlstm.stages.fields import (
    KEY_INTEGER_MAX,
    KEY_INTEGER_MIN,
    VALUE_MAX,
    bad_key,
    is_key,
    missing,
    not_finite,
    wrong_type,
)
from streamlstm.stages.plain_json import read_members
from streamlstm.stages.schema import Schema


def fault(value: bytes, schema: Schema, read_time: Callable[[Any], object]) -> DecodeError | None:
    """Find the first fault of a record, in the order of `DeadLetterCode`; None if it is sound.

    Parameters
    ----------
    value : bytes
        The record's value.
    schema : Schema
        What should be there.
    read_time : callable
        Raises `DecodeError` for a time that cannot be read.

    Examples
    --------
    >>> schema = Schema("json", targets=("flow",))
    >>> fault(b'{"flow": NaN}', schema, float).code.value
    'not_finite'
    >>> fault(b'{"flow": 3}', schema, float)
    """
    try:
        members, words = read_members(value)
        duplicate = members.first_duplicate(schema.fields)
        if duplicate is not None:
            reason = f"{duplicate!r} stands in it twice"
            raise DecodeError(DeadLetterCode.DUPLICATE_KEY, reason)  # noqa: TRY301 - one way out
        content = dict(members)
        if schema.key is not None:
            _check_key(schema.key, content.get(schema.key))
        if schema.time is not None:
            _check_time(schema, content.get(schema.time), read_time)
        for name in schema.features + schema.targets:
            _check_number(name, content.get(name))
    except DecodeError as error:
        return error
    if words:
        reason = f"it holds {words[0]}, which JSON does not have"
        return DecodeError(DeadLetterCode.NOT_FINITE, reason)
    if all(content.get(name) is None for name in schema.targets):
        return missing(DeadLetterCode.MISSING_TARGET, *schema.targets)
    return None


def _check_key(name: str, raw: Any) -> None:
    if raw is None:
        raise missing(DeadLetterCode.MISSING_KEY, name)
    if isinstance(raw, int) and not isinstance(raw, bool):
        sound = KEY_INTEGER_MIN <= raw <= KEY_INTEGER_MAX
    else:
        sound = isinstance(raw, str) and is_key(raw)
    if not sound:
        raise bad_key(raw)


def _check_time(schema: Schema, raw: Any, read_time: Callable[[Any], object]) -> None:
    if raw is None:
        raise missing(DeadLetterCode.MISSING_TIME, schema.time or "")
    kind = str if schema.time_format == "iso8601" else int | float
    if isinstance(raw, bool) or not isinstance(raw, kind):
        wanted = "text" if kind is str else "a number"
        reason = f"the time {schema.time!r} is not {wanted}"
        raise DecodeError(DeadLetterCode.BAD_TIME, reason)
    read_time(raw)


def _check_number(name: str, raw: Any) -> None:
    if raw is None:
        return
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise wrong_type(name, raw)
    if not -VALUE_MAX <= raw <= VALUE_MAX:
        raise not_finite(name, raw)
