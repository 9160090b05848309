"""Parses MessagePack in full, slowly: repeated members and nesting depth."""

from typing import Any

import msgspec

from streamlstm.stages.decode.json.plain import DEPTH_MAX
from streamlstm.stages.decode.members import Members
from streamlstm.stages.event import DeadLetterCode, DecodeError

# By first byte. _SIZES: bytes of the value, 1 by default. _BYTES: width of the length, and further
# bytes of the header. _ITEMS: width of the number of items, and values in each item.
_SIZES = {0xCA: 5, 0xCB: 9, 0xCC: 2, 0xCD: 3, 0xCE: 5, 0xCF: 9, 0xD0: 2, 0xD1: 3, 0xD2: 5}
_SIZES |= {0xD3: 9, 0xD4: 3, 0xD5: 4, 0xD6: 6, 0xD7: 10, 0xD8: 18}
_SIZES |= {0xA0 | count: 1 + count for count in range(32)}
_BYTES = {0xC4: (1, 0), 0xC5: (2, 0), 0xC6: (4, 0), 0xC7: (1, 1), 0xC8: (2, 1), 0xC9: (4, 1)}
_BYTES |= {0xD9: (1, 0), 0xDA: (2, 0), 0xDB: (4, 0)}
_ITEMS = {0xDC: (2, 1), 0xDD: (4, 1), 0xDE: (2, 2), 0xDF: (4, 2)}
_SMALL_MAPS, _SMALL_ARRAYS = range(0x80, 0x90), range(0x90, 0xA0)
_CONTAINERS = bytes((*_SMALL_MAPS, *_SMALL_ARRAYS, *_ITEMS))

_check = msgspec.msgpack.Decoder(msgspec.Raw).decode
_read_items = msgspec.msgpack.Decoder(list[msgspec.Raw]).decode
_read_name = msgspec.msgpack.Decoder(str).decode
_read_scalar = msgspec.msgpack.Decoder(bool | int | float | str | None).decode


def read_members(value: bytes) -> Members:
    r"""Parse a map; values other than null, bool, number and text are returned as bytes.

    Raises
    ------
    DecodeError
        ``too_deep``, ``not_msgpack`` or ``not_an_object``.

    Examples
    --------
    >>> read_members(b"\x82\xa4flow\x03\xa4load\x90")
    [('flow', 3), ('load', b'\x90')]
    """
    if is_too_deep(value):
        raise DecodeError(DeadLetterCode.TOO_DEEP, f"nested deeper than {DEPTH_MAX} levels")
    try:
        _check(value)
    except msgspec.DecodeError as error:
        reason = f"not valid MessagePack: {error}"
        raise DecodeError(DeadLetterCode.NOT_MSGPACK, reason) from None
    count, body_at = map_header(value)
    if count is None:
        raise DecodeError(DeadLetterCode.NOT_AN_OBJECT, "the MessagePack value is not a map")
    # A map has the body of an array of twice the length; parsed as an array, no member is lost.
    items = _read_items(b"\xdd" + (2 * count).to_bytes(4, "big") + value[body_at:])
    pairs = zip(items[::2], items[1::2], strict=True)
    return Members((_name(bytes(name)), _plain(bytes(raw))) for name, raw in pairs)


def map_header(value: bytes) -> tuple[int | None, int]:
    r"""Return the number of members of a map, None for other values, and the offset of the first.

    Examples
    --------
    >>> map_header(b"\x81\xa4flow\x03"), map_header(b"\xde\x00\x10"), map_header(b"\x03")
    ((1, 1), (16, 3), (None, 0))
    """
    first = value[0]
    if first in _SMALL_MAPS:
        return first & 0x0F, 1
    if first in (0xDE, 0xDF):
        width, _ = _ITEMS[first]
        return int.from_bytes(value[1 : 1 + width], "big"), 1 + width
    return None, 0


def has_many_containers(value: bytes) -> bool:
    r"""Return whether a value may be too deep; a fast test that is exact when it is false.

    Examples
    --------
    >>> has_many_containers(b"\x81\xa1a\x91\x01"), has_many_containers(b"\x91" * 33)
    (False, True)
    """
    return len(value) - len(value.translate(None, _CONTAINERS)) > DEPTH_MAX


def is_too_deep(value: bytes) -> bool:
    r"""Return whether a value is nested deeper than `DEPTH_MAX`; it may be truncated.

    Examples
    --------
    >>> is_too_deep(b"\x91" * 33), is_too_deep(b"\x91" * 32), is_too_deep(b"\x91\xc4\x28" * 40)
    (True, False, False)
    """
    if not has_many_containers(value):
        return False
    left, at = [1], 0  # values still to come, at each level
    while left and at < len(value):
        size, items = _step(value, at)
        at += size
        left[-1] -= 1
        if items is not None:
            if len(left) > DEPTH_MAX:
                return True
            left.append(items)
        while left and not left[-1]:
            left.pop()
    return False


def _step(value: bytes, at: int) -> tuple[int, int | None]:
    """Return the size of a value without its items, and the number of items of a container."""
    first = value[at]
    if first in _SMALL_MAPS:
        return 1, 2 * (first & 0x0F)
    if first in _SMALL_ARRAYS:
        return 1, first & 0x0F
    if first in _ITEMS:
        width, each = _ITEMS[first]
        return 1 + width, each * int.from_bytes(value[at + 1 : at + 1 + width], "big")
    if first in _BYTES:
        width, more = _BYTES[first]
        return 1 + width + more + int.from_bytes(value[at + 1 : at + 1 + width], "big"), None
    return _SIZES.get(first, 1), None


def _name(raw: bytes) -> str:
    """Parse a name; one that is not UTF-8 matches no field."""
    try:
        return _read_name(raw)
    except UnicodeDecodeError:
        return raw.decode(errors="surrogateescape")
    except msgspec.DecodeError:
        reason = "a key of the MessagePack map is not text"
        raise DecodeError(DeadLetterCode.NOT_AN_OBJECT, reason) from None


def _plain(raw: bytes) -> Any:
    try:
        return _read_scalar(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return raw
