"""Checks of the fields of a record that formats with named fields share."""

from collections.abc import Callable, Mapping
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
from streamlstm.stages.schema import Schema


class Members(list[tuple[str, Any]]):
    """The members of an object in their order, repeated ones included.

    Examples
    --------
    >>> Members([("a", 1), ("b", 2), ("a", 3)]).first_duplicate(("b", "a"))
    'a'
    """

    def first_duplicate(self, names: tuple[str, ...] | None = None) -> str | None:
        """Return a name that occurs twice; among ``names`` only, if given."""
        seen = set()
        for name, _ in self:
            if name in seen and (names is None or name in names):
                return name
            seen.add(name)
        return None


def check_members(members: Members, schema: Schema, read_time: Callable[[Any], object]) -> None:
    """Refuse repeated members, then the first invalid field: key, time, features, targets.

    Parameters
    ----------
    members : Members
        Members of the record.
    schema : Schema
        Fields of a record.
    read_time : callable
        Raises `DecodeError` for a time that cannot be parsed.

    Raises
    ------
    DecodeError
        With the code of the fault.

    Examples
    --------
    >>> check_members(Members([("flow", True)]), Schema("json", targets=("flow",)), float)
    Traceback (most recent call last):
    streamlstm.stages.event.DecodeError: wrong_type: 'flow' is True, not a number
    """
    duplicate = members.first_duplicate(schema.fields)
    if duplicate is not None:
        reason = f"{duplicate!r} occurs twice"
        raise DecodeError(DeadLetterCode.DUPLICATE_KEY, reason)
    content = dict(members)
    if schema.key is not None:
        _check_key(schema.key, content.get(schema.key))
    if schema.time is not None:
        _check_time(schema, content.get(schema.time), read_time)
    for name in schema.features + schema.targets:
        _check_number(name, content.get(name))


def check_targets(members: Members, schema: Schema) -> None:
    """Refuse a record if all targets are absent or null.

    Parameters
    ----------
    members : Members
        Members of the record.
    schema : Schema
        Fields of a record.

    Raises
    ------
    DecodeError
        ``missing_target``.

    Examples
    --------
    >>> check_targets(Members([("flow", None)]), Schema("json", targets=("flow",)))
    Traceback (most recent call last):
    streamlstm.stages.event.DecodeError: missing_target: there is no 'flow'
    """
    content: Mapping[str, Any] = dict(members)
    if all(content.get(name) is None for name in schema.targets):
        raise missing(DeadLetterCode.MISSING_TARGET, *schema.targets)


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
