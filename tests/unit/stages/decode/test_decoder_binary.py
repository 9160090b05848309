"""MessagePack and bare float32: what is read, and what is refused by which code."""

import math
import struct
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from streamlstm.stages import DecodeError, Decoder, Event, Schema, SchemaError
from streamlstm.stages.decode.json.plain import DEPTH_MAX

SCHEMA = Schema(
    "msgpack", targets=("flow", "level"), features=("load", "größe"), key="pump", time="at"
)
SOUND = {
    "pump": "pump-3",
    "at": "2022-03-20T11:00:00Z",
    "load": 3.5,
    "größe": -1e-3,
    "flow": 100.59,
    "level": 7,
}
NUMBERS = ("load", "größe", "flow", "level")
FLOATS = Decoder(Schema("float32", targets=("flow", "level"), features=("load",)))
WIDE = tuple(f"x{n}" for n in range(95))
Case = tuple[bytes, str]

encode = msgspec.msgpack.encode


def record(**changed: Any) -> bytes:
    return encode(SOUND | changed)


def without(*names: str) -> bytes:
    return encode({name: value for name, value in SOUND.items() if name not in names})


def added(*members: bytes) -> bytes:
    """Write the sound record with more members, each a name and a value in bytes."""
    return bytes([0x80 | len(SOUND) + len(members)]) + record()[1:] + b"".join(members)


def nested(depth: int) -> bytes:
    """Write a value that nests so deep, in a record that is itself a level."""
    return added(b"\xa1x" + b"\x91" * (depth - 2) + b"\x90")


def broken() -> Iterator[Case]:
    whole = record()
    yield from ((whole[:end], "not_msgpack") for end in range(1, len(whole)))
    yield from ((whole + rest, "not_msgpack") for rest in (b"x", b"\xc0", whole))
    yield b"\xc1", "not_msgpack"
    yield b"\xdf\xff\xff\xff\xff", "not_msgpack"
    yield b"\xdd\xff\xff\xff\xff", "not_msgpack"
    yield added(b"\xa1x\xc1"), "not_msgpack"
    yield added(b"\xa1x\xc6\xff\xff\xff\xff"), "not_msgpack"


def kinds() -> Iterator[Case]:
    for value in (
        3,
        "flow",
        [],
        None,
        True,
        1e5,
        [SOUND],
        b"flow",
        datetime(2022, 1, 1, tzinfo=UTC),
    ):
        yield encode(value), "not_an_object"
    yield from ((space, "not_an_object") for space in (b" ", b"\t", b"\n"))
    for name in (b"\x07", b"\xc0", b"\xc4\x01x", b"\x90", b"\xcb" + bytes(8)):
        yield added(name + b"\x01"), "not_an_object"
    for depth in (DEPTH_MAX + 1, 999, 1_001, 100_000):
        yield nested(depth), "too_deep"
        yield b"\x91" * depth, "too_deep"
        yield added(b"\xa1x" + b"\x81\xa1x" * (depth - 1) + b"\x01"), "too_deep"
        yield added(b"\xa1x" + b"\xdc\x00\x01" * (depth - 1) + b"\x01"), "too_deep"


def doubled() -> Iterator[Case]:
    for name, value in SOUND.items():
        content = name.encode()
        for spelt in (
            encode(name),
            b"\xd9" + len(content).to_bytes(1, "big") + content,
            b"\xda" + len(content).to_bytes(2, "big") + content,
            b"\xdb" + len(content).to_bytes(4, "big") + content,
        ):
            for again in (encode(value), b"\xc0", b"\xc3"):
                yield added(spelt + again), "duplicate_key"
        yield b"\x82" + (encode(name) + encode(value)) * 2, "duplicate_key"


def keys_and_times() -> Iterator[Case]:
    for name, code in (("pump", "missing_key"), ("at", "missing_time")):
        yield without(name), code
        yield record(**{name: None}), code
    yield without("flow", "level"), "missing_target"
    yield record(flow=None, level=None), "missing_target"
    yield b"\x80", "missing_key"
    moment = datetime(2022, 3, 20, tzinfo=UTC)
    for key in ("", True, 1.0, [], {}, b"pump", 2**63, 2**64 - 1, "a\n", "x" * 257, moment):
        yield record(pump=key), "bad_key"
    yield record(pump="???").replace(b"???", b"\xed\xa0\x80"), "bad_key"
    for time in ("", "noon", 5, 1.5, True, [], {}, b"2022-03-20", "2022-03-20T24:00:00", moment):
        yield record(at=time), "bad_time"
    yield record(at="?").replace(b"?", b"\xff"), "bad_time"


def numbers() -> Iterator[Case]:
    moment = datetime(2022, 3, 20, tzinfo=UTC)
    for name in NUMBERS:
        for value in ("high", "3.5", "", True, False, [], [1], {}, b"\x01", moment):
            yield record(**{name: value}), "wrong_type"
        for value in (math.nan, math.inf, -math.inf, 1e31, -1e31):
            yield record(**{name: value}), "not_finite"
    yield record(load=1e31, flow="x"), "not_finite"
    yield record(pump=3.5, at=True, flow="x"), "bad_key"
    yield record(at="noon", load="x", flow=None, level=None), "bad_time"


CASES = [
    pytest.param(value, code, id=f"{group.__name__}-{place}-{code}")
    for group in (broken, kinds, doubled, keys_and_times, numbers)
    for place, (value, code) in enumerate(group())
]


@pytest.mark.parametrize(("value", "code"), CASES)
def test_it_is_refused_by_its_code(value: bytes, code: str) -> None:
    with pytest.raises(DecodeError) as caught:
        Decoder(SCHEMA).decode(value)
    assert caught.value.code == code
    assert 0 < len(caught.value.reason) < 300
    assert caught.value.reason.encode()


@pytest.mark.parametrize(
    "value",
    [
        record(),
        encode(dict(reversed(SOUND.items()))),
        b"\xde\x00\x06" + record()[1:],
        b"\xdf\x00\x00\x00\x06" + record()[1:],
        nested(DEPTH_MAX),
        record(x=[{"flow": 1}, {"flow": 2}], flows=[[]] * 40),
        record(x=datetime(2022, 3, 20, tzinfo=UTC), y=b"\x91" * 40, z=True),
        added(b"\xa1x\x82\x01\x02\xc0\x03"),  # below, a name may be anything
        added(b"\xa1x\xa1\xff", b"\xa1\xff\x01", b"\xa1x\x01", b"\xa1x\xc7\x00\x05"),
        added(b"\xa4flow"[:1] + b"load"[::-1] + b"\x01"),
    ],
)
def test_sound_msgpack(value: bytes) -> None:
    event = Decoder(SCHEMA).decode(value)
    clock = (11.0, 6 + 11 / 24)
    assert event == Event("pump-3", 1647774000.0, clock, (3.5, -1e-3), (100.59, 7.0))


@pytest.mark.parametrize("key", [7, -(2**63), 2**63 - 1, "ü \U0001f6b0", "x" * 256])
def test_keys_are_text_or_whole_numbers(key: Any) -> None:
    event = Decoder(SCHEMA).decode(record(pump=key))
    assert event is not None
    assert event.key == str(key)


@pytest.mark.parametrize("value", [7, 2**64 - 1, -(2**63), 1e30, -0.0])
def test_whole_numbers_are_numbers(value: float) -> None:
    event = Decoder(SCHEMA).decode(record(flow=value, load=None))
    assert event is not None
    assert event.targets == (float(value), 7.0)
    assert math.isnan(event.features[0])


def test_single_precision_is_taken() -> None:
    decoder = Decoder(Schema("msgpack", targets=("flow",), time="at", time_format="epoch_s"))
    event = decoder.decode(b"\x82\xa4flow\xca" + struct.pack(">f", 0.5) + b"\xa2at\x3c")
    assert event == Event("all", 60.0, (1 / 60, 3 + 1 / 60 / 24), (), (0.5,))


@pytest.mark.parametrize("count", [15, 16, 94, 95])
def test_wide_maps_are_checked_too(count: int) -> None:
    """94 and 95 are what the first byte of a map of another size looks like."""
    names = WIDE[:count]
    decoder = Decoder(Schema("msgpack", targets=("flow",), features=names))
    members = [(name, float(n)) for n, name in enumerate(names)]
    event = decoder.decode(encode(dict(members) | {"flow": 1.0}))
    assert event is not None
    assert event.features == tuple(value for _, value in members)
    members[-1] = members[0]  # as many members, one of them twice
    body = b"".join(encode(part) for member in [*members, ("flow", 1.0)] for part in member)
    with pytest.raises(DecodeError, match=r"^duplicate_key: 'x0' occurs twice"):
        decoder.decode(b"\xde" + (count + 1).to_bytes(2, "big") + body)


def test_long_names_are_found_twice() -> None:
    name = "x" * 300
    decoder = Decoder(Schema("msgpack", targets=(name,)))
    twice = (encode(name) + b"\x01") * 2
    with pytest.raises(DecodeError, match=r"^duplicate_key: "):
        decoder.decode(b"\x82" + twice)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ((1.0, 2.0, 3.0), (1.0, 2.0, 3.0)),
        ((math.nan, 2.0, 3.0), (math.nan, 2.0, 3.0)),
        ((-0.0, math.nan, -(2.0**99)), (-0.0, math.nan, -(2.0**99))),
        ((1.0, 2.0, math.nan), (1.0, 2.0, math.nan)),
    ],
)
def test_sound_float32(row: tuple[float, ...], expected: tuple[float, ...]) -> None:
    event = FLOATS.decode(struct.pack("<3f", *row))
    assert event is not None
    assert repr(event.features + event.targets) == repr(expected)
    assert (event.key, event.time_s, event.clock) == ("all", None, None)


@pytest.mark.parametrize("octet", [b" ", b"\t", b"\n", b"\x0b", b"\x0c", b"\r"])
def test_numbers_may_look_like_white_space(octet: bytes) -> None:
    assert FLOATS.decode(octet * 12) is not None


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (b"\x00", "wrong_columns"),
        (bytes(11), "wrong_columns"),
        (bytes(13), "wrong_columns"),
        (b" ", "wrong_columns"),
        (struct.pack("<3f", math.inf, 1, 1), "not_finite"),
        (struct.pack("<3f", 1, -math.inf, 1), "not_finite"),
        (struct.pack("<3f", 1, 1, 1e30), "not_finite"),  # the nearest float32 lies beyond
        (struct.pack("<3f", math.nan, 1, -1.1e30), "not_finite"),
        (struct.pack("<3f", math.nan, math.nan, math.inf), "not_finite"),
        (struct.pack("<3f", 1, math.nan, math.nan), "missing_target"),
        (struct.pack("<3f", *[math.nan] * 3), "missing_target"),
    ],
)
def test_float32_is_refused_by_its_code(value: bytes, code: str) -> None:
    with pytest.raises(DecodeError) as caught:
        FLOATS.decode(value)
    assert caught.value.code == code


@pytest.mark.parametrize("decoder", [FLOATS, Decoder(SCHEMA)], ids=["float32", "msgpack"])
def test_tombstones_are_ignored_and_the_cut_refused(decoder: Decoder) -> None:
    assert decoder.decode(None) is None
    assert decoder.decode(b"") is None
    with pytest.raises(DecodeError, match=r"^too_large: the record is 7 bytes longer"):
        decoder.decode(bytes(12), omitted_bytes=7)


VALUES: dict[Any, bytes] = {
    "json": b'{"flow": 1}',
    "msgpack": encode({"flow": 1}),
    "csv": b"1",
    "float32": struct.pack("<f", 1),
}


@pytest.mark.parametrize("form", VALUES)
def test_key_and_time_may_be_those_of_the_record(form: Any) -> None:
    schema = Schema(form, targets=("flow",), use_record_key=True, use_record_time=True)
    decoder = Decoder(schema, b"flow")
    event = decoder.decode(VALUES[form], record_key=b"a", record_time_ms=129_600_000)
    assert event == Event("a", 129600.0, (12.0, 4.5), (), (1.0,))
    for key, time_ms, code in (
        (None, 0, "missing_key"),
        (b"\xff", 0, "bad_key"),
        (b"a", None, "missing_time"),
        (b"a", 2**63 - 1, "bad_time"),
    ):
        with pytest.raises(DecodeError) as caught:
            decoder.decode(VALUES[form], record_key=key, record_time_ms=time_ms)
        assert caught.value.code == code


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"time": "at", "use_record_time": True}, "the time is taken from a field or from the rec"),
        ({"format": "float32", "key": "a"}, "leave key out and say use_record_key instead"),
        ({"format": "float32", "time": "a"}, "leave time out and say use_record_time instead"),
    ],
)
def test_schemas_that_contradict_themselves(given: dict[str, Any], message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        Decoder(Schema(**({"format": "json", "targets": ("flow",)} | given)))
