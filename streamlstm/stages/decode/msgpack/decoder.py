"""MessagePack to events, as JSON is: one typed struct a schema, a closer look where one is due."""

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

    Its types are taken as they are: a bool, binary or text is no number, a timestamp of
    MessagePack's own is no time, and a declared field whose text is not UTF-8 is at fault. What the
    schema does not name is not looked at, but that names must be text.

    A declared member that comes twice is refused, at the price of reading the first byte: a map
    that says it has as many members as were found has no others, none twice, and nothing nested.

    Parameters
    ----------
    schema : Schema
        What to take.

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
        """Decode one map; `DecodeError` if it cannot be."""
        try:
            row = astuple(self._read(value))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            found = fault(value, self._schema, self._read_time)
            rest = DecodeError(DeadLetterCode.NOT_MSGPACK, f"it is not MessagePack: {error}")
            raise found or rest from None
        if value[0] != self._first - row.count(ABSENT):
            self._look_closer(value, self._width - row.count(ABSENT))
        return self._event(row, record_key, record_time_ms)

    def _look_closer(self, value: bytes, found_members: int) -> None:
        if map_header(value)[0] == found_members:
            return
        if has_many_containers(value) or self._may_hold_twice(value):
            found = fault(value, self._schema, self._read_time)
            if found is not None:
                raise found

    def _may_hold_twice(self, value: bytes) -> bool:
        return any(value.count(short) + value.count(counted) > 1 for short, counted in self._names)


def _spellings(name: str) -> tuple[bytes, bytes]:
    """Give how a name may stand in the bytes: short, and after a count of any width."""
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
