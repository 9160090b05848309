"""Decodes JSON to events: msgspec parses, and a full check follows only where it is needed."""

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

    A field that occurs twice is refused. Counting commas usually excludes that: a record with
    exactly the commas between the fields found has no other members and no nested values.
    Otherwise the names are counted, and the record is parsed again in full if a name occurs twice
    or a backslash may hide one.

    Parameters
    ----------
    schema : Schema
        Fields of a record.

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
        """Decode one object; raise `DecodeError` if it is invalid."""
        try:
            row = astuple(self._read(value))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            found = fault(value, self._schema, self._read_time)
            rest = DecodeError(DeadLetterCode.NOT_JSON, f"not valid JSON: {error}")
            raise found or rest from None
        if not value.isascii():
            read_text(value)  # msgspec does not check what it skips
        if value.count(b",") + 1 != self._width - row.count(ABSENT):
            self._check_duplicates(value)
        return self._event(row, record_key, record_time_ms)

    def _check_duplicates(self, value: bytes) -> None:
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
