"""Makes events of rows, for the formats with named fields."""

from collections.abc import Callable
from typing import Annotated, Any

import msgspec

from streamlstm.stages.clock import Moment, time_reader
from streamlstm.stages.decode.record_metadata import Clock, metadata_reader
from streamlstm.stages.event import DeadLetterCode, Event
from streamlstm.stages.fields import (
    ABSENT,
    KEY_BYTES_MAX,
    KEY_INTEGER_MAX,
    KEY_INTEGER_MIN,
    VALUE_MAX,
    bad_key,
    is_key,
    missing,
)
from streamlstm.stages.schema import Schema

Row = tuple[Any, ...]

_Number = Annotated[float, msgspec.Meta(ge=-VALUE_MAX, le=VALUE_MAX)] | None
_Key = (
    Annotated[str, msgspec.Meta(min_length=1, max_length=KEY_BYTES_MAX)]
    | Annotated[int, msgspec.Meta(ge=KEY_INTEGER_MIN, le=KEY_INTEGER_MAX)]
    | None
)


class RowEvents:
    """Makes events of rows. A row has the values of the schema's fields, in their order.

    The value of an absent field is `ABSENT`, that of a null is None.

    Parameters
    ----------
    schema : Schema
        Fields of a record.

    Examples
    --------
    >>> RowEvents(Schema("json", targets=("flow",), key="pump")).event(("a", 3.5), None, None)
    Event(key='a', time_s=None, clock=None, features=(), targets=(3.5,))
    """

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._stream = schema.stream
        self._has_key = schema.key is not None
        self._has_time = schema.time is not None
        self._read_time: Callable[[Any], Moment] = time_reader(schema.time_format, schema.time_zone)
        self._time_at = int(self._has_key)
        features_at = self._has_key + self._has_time
        targets_at = features_at + len(schema.features)
        self._features = slice(features_at, targets_at)  # made once, for speed
        self._targets = slice(targets_at, None)
        self._use_record = metadata_reader(schema)

    def event(self, row: Row, record_key: bytes | None, record_time_ms: int | None) -> Event:
        """Make the event of a row; raise `DecodeError` if it is invalid."""
        key = self._stream
        if self._has_key:
            key = row[0]
            if type(key) is not str or not (key.isascii() and key.isprintable()):
                key = self._odd_key(key)
        time_s: float | None = None
        clock: Clock | None = None
        if self._has_time:
            raw = row[self._time_at]
            if raw is None or raw is ABSENT:
                raise missing(DeadLetterCode.MISSING_TIME, self._schema.time or "")
            time_s, clock = self._read_time(raw)
        if None in row:
            row = tuple(ABSENT if cell is None else cell for cell in row)
        targets = row[self._targets]
        if targets[0] is ABSENT and targets.count(ABSENT) == len(targets):
            raise missing(DeadLetterCode.MISSING_TARGET, *self._schema.targets)
        if self._use_record is not None:
            key, time_s, clock = self._use_record((key, time_s, clock), record_key, record_time_ms)
        return Event(key, time_s, clock, row[self._features], targets)

    def _odd_key(self, raw: Any) -> str:
        if type(raw) is int:
            return str(raw)
        if type(raw) is not str:
            raise missing(DeadLetterCode.MISSING_KEY, self._schema.key or "")
        if not is_key(raw):
            raise bad_key(raw)
        return raw


def row_struct(schema: Schema) -> type[msgspec.Struct]:
    """Make the struct that records are parsed to: the schema's fields, in their order.

    Examples
    --------
    >>> row = msgspec.json.decode(b'{"flow": 3.5}', type=row_struct(Schema("json", ("flow",))))
    >>> msgspec.structs.astuple(row)
    (3.5,)
    """
    time_type = str if schema.time_format == "iso8601" else float
    types: list[Any] = [_Key] if schema.key is not None else []
    types += [time_type | None] if schema.time is not None else []
    types += [_Number] * (len(schema.features) + len(schema.targets))
    own_names = [f"field_{place}" for place in range(len(types))]
    return msgspec.defstruct(
        "Row",
        [(name, kind, ABSENT) for name, kind in zip(own_names, types, strict=True)],
        rename=dict(zip(own_names, schema.fields, strict=True)),
        gc=False,
    )
