"""JSON to events, fast: one typed struct a schema, and a closer look only where one is due."""

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec.structs import astuple

from streamlstm.stages.clock import Moment, time_reader
from streamlstm.stages.decode.format import Format
from streamlstm.stages.decode.json.faults import fault
from streamlstm.stages.decode.json.plain import has_many_brackets, read_text
from streamlstm.stages.decode.rows import RowEvents, row_struct
from streamlstm.stages.event import DeadLetterCode, DecodeError, Event
from streamlstm.stages.fields import ABSENT
from streamlstm.stages.schema import Schema


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
    >>> JsonDecoder(Schema("json", targets=("flow",))).decode(b'{"flow": 3.5}').targets
    (3.5,)
    """

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._read_time: Callable[[Any], Moment] = time_reader(schema.time_format, schema.time_zone)
        self._width = len(schema.fields)
        self._names = tuple(f'"{name}"'.encode() for name in schema.fields)
        self._read = msgspec.json.Decoder(row_struct(schema)).decode
        self._event = RowEvents(schema).event

    def decode(
        self, value: bytes, record_key: bytes | None = None, record_time_ms: int | None = None
    ) -> Event:
        """Decode one object; `DecodeError` if it cannot be."""
        try:
            row = astuple(self._read(value))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            found = fault(value, self._schema, self._read_time)
            rest = DecodeError(DeadLetterCode.NOT_JSON, f"it is not strict JSON: {error}")
            raise found or rest from None
        if not value.isascii():
            read_text(value)  # what msgspec skips, it does not check
        if value.count(b",") + 1 != self._width - row.count(ABSENT):
            self._look_closer(value)
        return self._event(row, record_key, record_time_ms)

    def _look_closer(self, value: bytes) -> None:
        if (
            b"\\" in value
            or has_many_brackets(value)
            or any(value.count(name) > 1 for name in self._names)
        ):
            found = fault(value, self._schema, self._read_time)
            if found is not None:
                raise found


JSON = Format(
    name="json",
    content="one JSON object",
    decoder=lambda schema, header: JsonDecoder(schema).decode,
)
