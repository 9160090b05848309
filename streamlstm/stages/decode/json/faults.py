"""The full check of a JSON record, off the hot path.

It alone decides the code of a dead letter, so the code does not depend on the order in which the
fast decoder checks.
"""

from collections.abc import Callable
from typing import Any

from streamlstm.stages.decode.json.plain import read_members
from streamlstm.stages.decode.members import check_members, check_targets
from streamlstm.stages.event import DeadLetterCode, DecodeError
from streamlstm.stages.schema import Schema


def fault(value: bytes, schema: Schema, read_time: Callable[[Any], object]) -> DecodeError | None:
    """Return the first fault of a record in the order of `DeadLetterCode`; None if it is valid.

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
    >>> schema = Schema("json", targets=("flow",))
    >>> fault(b'{"flow": NaN}', schema, float).code.value
    'not_finite'
    >>> fault(b'{"flow": 3}', schema, float)
    """
    try:
        members, words = read_members(value)
        check_members(members, schema, read_time)
        if words:
            reason = f"{words[0]} is not JSON"
            return DecodeError(DeadLetterCode.NOT_FINITE, reason)
        check_targets(members, schema)
    except DecodeError as error:
        return error
    return None
