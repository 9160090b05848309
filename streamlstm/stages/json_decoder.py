"""JSON to events, fast: one typed struct a schema, and a closer look only where one is due."""

from collections.abc import Callable
from typing import Annotated, Any

import msgspec

from streamlstm.stages.clock import Moment, time_reader
from streamlstm.stages.event import DeadLetterCode, DecodeError, Event
from streamlstm.stages.fields import (
    ABSENT,
    KEY_BYTES_MAX,
    KEY_INTEGER_MAX,
    KEY_INTEGER_MIN,
    VALUE_MAX,
    bad_key,
    is_key,
    key_of_record,
    missing,
)
from streamlstm.stages.json_faults import fault
from streamlstm.stages.plain_json import has_many_brackets, read_text
from streamlstm.stages.schema import Schema

_Number = Annotated[float, msgspec.Meta(ge=-VALUE_MAX, le=VALUE_MAX)] | None
_Key = (
    Annotated[str, msgspec.Meta(min_length=1, max_length=KEY_BYTES_MAX)]
    | Annotated[int, msgspec.Meta(ge=KEY_INTEGER_MIN, le=KEY_INTEGER_MAX)]
    | None
)


class JsonDecoder:
    """Decodes JSON objects by a schema.

    A declared member that comes twice is refused, at the price of counting commas: a record with as
    many commas as separate its declared members has no others, and none of them nests. Only where
    that does not hold is each name counted, and only where a name comes twice, or a backslash may
    hide one, is the record read again in full.

    Parameters
    ----------
    schema : Schema
        What to take.

    Examples
    --------
    >>> JsonDecoder(Schema("json", targets=("flow",))).decode(b'{"flow": 3.5}', None).targets
    (3.5,)
    """

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._stream = schema.stream
        self._has_key = schema.key is not None
        self._has_time = schema.time is not None
        self._read_time: Callable[[Any], Moment] = time_reader(schema.time_format, schema.time_zone)
        self._width = len(schema.fields)
        self._features_at = self._has_key + self._has_time
        self._targets_at = self._features_at + len(schema.features)
        self._names = tuple(f'"{name}"'.encode() for name in schema.fields)
        self._read = msgspec.json.Decoder(_struct(schema)).decode

    def decode(self, value: bytes, record_key: bytes | None) -> Event:
        """Decode one object; `DecodeError` if it cannot be."""
        try:
            row = msgspec.structs.astuple(self._read(value))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            found = fault(value, self._schema, self._read_time)
            rest = DecodeError(DeadLetterCode.NOT_JSON, f"it is not strict JSON: {error}")
            raise found or rest from None
        if not value.isascii():
            read_text(value)  # what msgspec skips, it does not check
        if value.count(b",") + 1 != self._width - row.count(ABSENT):
            self._look_closer(value)
        key = self._stream
        if self._has_key:
            key = row[0]
            if type(key) is not str or not (key.isascii() and key.isprintable()):
                key = self._odd_key(key)
        time_s = clock = None
        if self._has_time:
            raw = row[self._features_at - 1]
            if raw is None or raw is ABSENT:
                raise missing(DeadLetterCode.MISSING_TIME, self._schema.time or "")
            time_s, clock = self._read_time(raw)
        if None in row:
            row = tuple(ABSENT if cell is None else cell for cell in row)
        targets = row[self._targets_at :]
        if targets[0] is ABSENT and targets.count(ABSENT) == len(targets):
            raise missing(DeadLetterCode.MISSING_TARGET, *self._schema.targets)
        if self._schema.key_of_record:
            key = key_of_record(record_key)
        return Event(key, time_s, clock, row[self._features_at : self._targets_at], targets)

    def _odd_key(self, raw: Any) -> str:
        if type(raw) is int:
            return str(raw)
        if type(raw) is not str:
            raise missing(DeadLetterCode.MISSING_KEY, self._schema.key or "")
        if not is_key(raw):
            raise bad_key(raw)
        return raw

    def _look_closer(self, value: bytes) -> None:
        if (
            b"\\" in value
            or has_many_brackets(value)
            or any(value.count(name) > 1 for name in self._names)
        ):
            found = fault(value, self._schema, self._read_time)
            if found is not None:
                raise found


def _struct(schema: Schema) -> type[msgspec.Struct]:
    """Make the type to read into: the schema's fields in their order, under names of our own."""
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
