"""Decodes MessagePack to events: msgspec parses, and a full check follows where it is needed."""

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec.structs import astuple

from streamlstm.stages.clock import Moment, time_reader
from streamlstm.stages.decode.format import Format
from streamlstm.stages.decode.msgpack.faults import fault
from streamlstm.stages.decode.msgpack.plain import has_many_containers, map_header
from streamlstm.stages.decode.rows import RowEvents, row_struct
from streamlstm.stages.event import DeadLetterCode, DecodeError, Event
from streamlstm.stages.fields import ABSENT
from streamlstm.stages.schema import Schema

_SMALL_MAP, _SMALL_MAP_MEMBERS_MAX = 0x80, 15
_NO_BYTE = 1 << 16
_SHORT_TEXT, _SHORT_TEXT_BYTES_MAX = 0xA0, 31
_NEVER_USED = b"\xc1"


class MsgpackDecoder:
    r"""Decodes maps of MessagePack by a schema.

    Types are not converted: a bool, binary or text is not a number, a MessagePack timestamp is not
    a time, and text that is not UTF-8 makes a field invalid. Fields that the schema does not name
    are ignored, except that names must be text.

    A field that occurs twice is refused. The first byte usually excludes that: a map whose size is
    the number of fields found has no other members, no repeated ones and no nested values.

    Parameters
    ----------
    schema : Schema
        Fields of a record.

    Examples
    --------
    >>> MsgpackDecoder(Schema("msgpack", targets=("flow",))).decode(b"\x81\xa4flow\x03").targets
    (3.0,)
    """

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._read_time: Callable[[Any], Moment] = time_reader(schema.time_format, schema.time_zone)
        self._width = len(schema.fields)
        # Larger maps have another first byte, one that could be taken for a count.
        is_small = self._width <= _SMALL_MAP_MEMBERS_MAX
        self._first = _SMALL_MAP + self._width if is_small else _NO_BYTE
        self._names = tuple(map(_spellings, schema.fields))
        self._read = msgspec.msgpack.Decoder(row_struct(schema)).decode
        self._event = RowEvents(schema).event

    def decode(
        self, value: bytes, record_key: bytes | None = None, record_time_ms: int | None = None
    ) -> Event:
        """Decode one map; raise `DecodeError` if it is invalid."""
        try:
            row = astuple(self._read(value))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            found = fault(value, self._schema, self._read_time)
            rest = DecodeError(DeadLetterCode.NOT_MSGPACK, f"not valid MessagePack: {error}")
            raise found or rest from None
        if value[0] != self._first - row.count(ABSENT):
            self._check_duplicates(value, self._width - row.count(ABSENT))
        return self._event(row, record_key, record_time_ms)

    def _check_duplicates(self, value: bytes, found_members: int) -> None:
        if map_header(value)[0] == found_members:
            return
        if has_many_containers(value) or self._may_hold_twice(value):
            found = fault(value, self._schema, self._read_time)
            if found is not None:
                raise found

    def _may_hold_twice(self, value: bytes) -> bool:
        return any(value.count(short) + value.count(counted) > 1 for short, counted in self._names)


def _spellings(name: str) -> tuple[bytes, bytes]:
    """Return the encodings of a name: short, and after a length of any width."""
    content = name.encode()
    counted = bytes([len(content) & 0xFF]) + content
    if len(content) > _SHORT_TEXT_BYTES_MAX:
        return _NEVER_USED + counted, counted
    return bytes([_SHORT_TEXT | len(content)]) + content, counted


MSGPACK = Format(
    name="msgpack",
    content="one map of MessagePack",
    decoder=lambda schema, header: MsgpackDecoder(schema).decode,
    is_text=False,
)
