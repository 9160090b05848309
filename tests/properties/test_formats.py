"""The formats say the same, and whatever the bytes: an event or a dead letter."""

import json
import math
import struct
from typing import Any, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlstm.stages import DeadLetterCode, DecodeError, Decoder, Event, Schema
from streamlstm.stages.clock import time_reader
from streamlstm.stages.decode.msgpack.faults import fault

FIELDS: dict[str, Any] = {"targets": ("a", "b"), "features": ("c", "d")}
OWN: dict[str, Any] = FIELDS | {"use_record_key": True, "use_record_time": True}
IN_VALUE: dict[str, Any] = FIELDS | {"key": "k", "time": "t", "time_format": "epoch_ms"}
MSGPACK = Schema("msgpack", **IN_VALUE)

NUMBERS = st.none() | st.integers(-(2**63), 2**64 - 1) | st.floats(-1e29, 1e29)
ROWS = st.tuples(NUMBERS, NUMBERS, st.floats(-1e29, 1e29), NUMBERS)
KEYS = st.text("ab ü_\U0001f6b0", min_size=1, max_size=40)
TIMES = st.integers(-(10**12), 10**14)

encode = msgspec.msgpack.encode


def decoded(form: Literal["json", "msgpack", "float32"], value: bytes, **given: Any) -> Event:
    event = Decoder(Schema(form, **OWN)).decode(value, **given)
    assert event is not None
    return event


def rounded(event: Event) -> str:
    """Show an event in single precision, missing numbers alike."""
    numbers = [struct.unpack("<f", struct.pack("<f", n))[0] for n in event.features + event.targets]
    return repr((event.key, event.time_s, event.clock, numbers))


@given(key=KEYS, time_ms=TIMES, row=ROWS)
def test_the_formats_say_the_same(key: str, time_ms: int, row: tuple[float | None, ...]) -> None:
    content = dict(zip(("c", "d", "a", "b"), row, strict=True))
    own: dict[str, Any] = {"record_key": key.encode(), "record_time_ms": time_ms}
    in_json = decoded("json", json.dumps(content).encode(), **own)
    assert repr(decoded("msgpack", encode(content), **own)) == repr(in_json)
    numbers = [math.nan if number is None else number for number in row]
    assert rounded(decoded("float32", struct.pack("<4f", *numbers), **own)) == rounded(in_json)
    whole = content | {"k": key, "t": time_ms}
    in_value = Decoder(MSGPACK).decode(encode(whole))
    assert repr(in_value) == repr(in_json)
    assert repr(Decoder(Schema("json", **IN_VALUE)).decode(json.dumps(whole).encode())) == repr(
        in_json
    )


SCRAPS = st.sampled_from(
    [
        *map(encode, (1, -2.5, 1e31, math.nan, None, True, "p", "", b"x", [1], {"a": 1}, "é")),
        *(b"\xc1", b"\xa1\xff", b"\xd6\xff" + bytes(4), b"\x91" * 40, b"\xdd\xff\xff\xff\xff"),
        *(b"\x91" * 33 + b"\xc0", b"\x81\x01\x02", b"\xc7\x00\x05", b"\xcf" + b"\xff" * 8),
    ]
)
NAMES = st.sampled_from(
    [*map(encode, "ktabcdx"), b"\xd9\x01a", b"\xda\x00\x01k", b"\x01", b"\xa1\xff"]
)
HEADS = st.sampled_from([None, b"\x80", b"\x8f", b"\x93", b"\xdf\xff\xff\xff\xff"])


@st.composite
def maps(draw: st.DrawFn) -> bytes:
    """Draw maps that look like our records, right in most of their parts."""
    members = [(encode("k"), encode("p")), (encode("t"), b"\x01"), (encode("a"), b"\x02")]
    members += draw(st.lists(st.tuples(NAMES, SCRAPS), max_size=4))
    members = draw(st.permutations(members))
    count = len(members)
    head = draw(st.sampled_from([bytes([0x80 | count]), b"\xde\x00" + bytes([count])]))
    return (draw(HEADS) or head) + b"".join(name + value for name, value in members)


def outcome(decoder: Decoder, value: bytes, **given: Any) -> Event | DecodeError | None:
    """Decode; no exception but one is let through as an answer."""
    try:
        return decoder.decode(value, **given)
    except DecodeError as error:
        return error


@given(value=st.binary(min_size=1) | maps())
def test_the_fast_way_and_the_slow_one_agree(value: bytes) -> None:
    slow = fault(value, MSGPACK, time_reader("epoch_ms", "UTC"))
    fast = outcome(Decoder(MSGPACK), value)
    if slow is None:
        assert isinstance(fast, Event)
    else:
        assert isinstance(fast, DecodeError)
        assert fast.code == slow.code


@pytest.mark.parametrize("form", ["msgpack", "float32"])
@given(
    value=st.binary() | st.binary(min_size=16, max_size=16) | maps(),
    key=st.none() | st.binary(),
    time_ms=st.none() | st.integers(-(2**63), 2**63 - 1),
)
def test_any_bytes(form: Any, value: bytes, key: bytes | None, time_ms: int | None) -> None:
    decoder = Decoder(Schema(form, **OWN))
    answer = outcome(decoder, value, record_key=key, record_time_ms=time_ms)
    if isinstance(answer, Event):
        assert all(math.isnan(n) or abs(n) <= 1e30 for n in answer.features + answer.targets)
    elif isinstance(answer, DecodeError):
        assert answer.code in set(DeadLetterCode)
        assert answer.reason.encode()
    else:
        assert value == b""
