"""The full check of a MessagePack record, off the hot path."""

from collections.abc import Callable
from typing import Any

from streamlstm.stages.decode.members import check_members, check_targets
from streamlstm.stages.decode.msgpack.plain import read_members
from streamlstm.stages.event import DecodeError
from streamlstm.stages.schema import Schema


def fault(value: bytes, schema: Schema, read_time: Callable[[Any], object]) -> DecodeError | None:
    r"""Return the first fault of a record in the order of `DeadLetterCode`; None if it is valid.

    Parameters
    ----------
    value : bytes
        The record's value.
    schema : Schema
        Fields of a record.
    read_time : callable
        Raises `DecodeError` for a time that cannot be parsed.

    Examples
    --------
    >>> schema = Schema("msgpack", targets=("flow",))
    >>> fault(b"\x81\xa4flow\xc3", schema, float).code.value
    'wrong_type'
    >>> fault(b"\x81\xa4flow\x03", schema, float)
    """
    try:
        members = read_members(value)
        check_members(members, schema, read_time)
        check_targets(members, schema)
    except DecodeError as error:
        return error
    return None
