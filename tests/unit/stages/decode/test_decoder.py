"""Valid records, and records that are skipped."""

import json
import math

import pytest

from streamlstm.kernels.network import scaler
from streamlstm.stages import DeadLetterCode, DecodeError, Decoder, Schema
from streamlstm.stages.event import Event
from streamlstm.stages.fields import VALUE_MAX, is_key

CSV = Decoder(Schema("csv", targets=("flow",), features=("load",), key="pump"), b"pump,load,flow")
JSON = Decoder(Schema("json", targets=("flow",), features=("load",), key="pump"))
RECORD_KEYED = {
    "json": (Decoder(Schema("json", targets=("flow",), use_record_key=True)), b'{"flow": 1}'),
    "csv": (Decoder(Schema("csv", targets=("flow",), use_record_key=True), b"flow"), b"1"),
}


def event(decoder: Decoder, value: str | bytes) -> Event:
    decoded = decoder.decode(value.encode() if isinstance(value, str) else value)
    assert decoded is not None
    return decoded


def same(left: tuple[float, ...], right: tuple[float, ...]) -> bool:
    pairs = zip(left, right, strict=True)
    return all(a == b or (math.isnan(a) and math.isnan(b)) for a, b in pairs)


@pytest.mark.parametrize("decoder", [CSV, JSON], ids=["csv", "json"])
@pytest.mark.parametrize("value", [None, b"", b" ", b"\t \r\n", b"\n" * 1000, b"\x0b\x0c"])
def test_blank_records_and_tombstones_are_ignored(decoder: Decoder, value: bytes | None) -> None:
    assert decoder.decode(value) is None


@pytest.mark.parametrize("decoder", [CSV, JSON], ids=["csv", "json"])
@pytest.mark.parametrize("value", [None, b"", b'{"pump": "a", "flow": 1}', b"a,1,2", b"\xff"])
def test_what_was_cut_short_is_never_read(decoder: Decoder, value: bytes | None) -> None:
    with pytest.raises(DecodeError, match=r"^too_large: the record is 7 bytes longer"):
        decoder.decode(value, omitted_bytes=7)


@pytest.mark.parametrize(
    ("value", "key", "load", "flow"),
    [
        ('{"pump":"a","load":1,"flow":2}', "a", 1.0, 2.0),
        ('{"flow":2,"pump":"a"}', "a", math.nan, 2.0),
        ('{"flow":2,"pump":"a","load":null}', "a", math.nan, 2.0),
        ('{"flow":-0.0,"pump":"a","load":1e-400}', "a", 0.0, 0.0),
        ('{"flow":1e30,"pump":"a","load":-1e30}', "a", -1e30, 1e30),
        ('{"flow":123456789012345678901234567890,"pump":7}', "7", math.nan, 1.2345678901234568e29),
        ('{"pump":-9223372036854775808,"flow":1}', "-9223372036854775808", math.nan, 1.0),
        ('{"pump":" a b ","flow":1}', " a b ", math.nan, 1.0),
        ('{"pump":"Größe \U0001f6b0","flow":1}', "Größe \U0001f6b0", math.nan, 1.0),
        ('{"pump":"\\u0061\\"","flow":1}', 'a"', math.nan, 1.0),
        ('{"pump":"a,b","flow":1,"load":2}', "a,b", 2.0, 1.0),
        ('{"pump":"flow","flow":1,"load":2}', "flow", 2.0, 1.0),
        ('{"pump":"flow","flow":1,"x":"flow","y":{"flow":1,"flow":2}}', "flow", math.nan, 1.0),
        ('{"pump":"a","x":1,"x":2,"flow":1}', "a", math.nan, 1.0),
        ('{"pump":"a","x":[[[["[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["]]]],"flow":1}', "a", math.nan, 1.0),
        ('{"pump":"a","x":[%s1],"flow":1}' % ("[]," * 40), "a", math.nan, 1.0),
        ('\n {"pump" : "a" , "flow" : 1 } \n', "a", math.nan, 1.0),
    ],
)
def test_sound_json(value: str, key: str, load: float, flow: float) -> None:
    decoded = event(JSON, value)
    assert decoded.key == key
    assert same(decoded.features + decoded.targets, (load, flow))
    assert (decoded.time_s, decoded.clock) == (None, None)


@pytest.mark.parametrize(
    ("value", "key", "load", "flow"),
    [
        ("a,1,2", "a", 1.0, 2.0),
        ("a,,2", "a", math.nan, 2.0),
        ("a, \t,2\r", "a", math.nan, 2.0),
        ("pump_3,,2", "pump_3", math.nan, 2.0),
        ("pump_3, 1 , 2 ", "pump_3", 1.0, 2.0),
        ("ü,1e-3,-2.5E+1", "ü", 1e-3, -25.0),
        (" a ,+.5,1.", " a ", 0.5, 1.0),
        ('"a,""b""",1,"2"', 'a,"b"', 1.0, 2.0),
        ('5" pipe,1,2', '5" pipe', 1.0, 2.0),
        ("007,1e30,-1e30", "007", 1e30, -1e30),
        ('"a",,"2"\n', "a", math.nan, 2.0),
    ],
)
def test_sound_csv(value: str, key: str, load: float, flow: float) -> None:
    decoded = event(CSV, value)
    assert decoded.key == key
    assert same(decoded.features + decoded.targets, (load, flow))


def test_columns_may_stand_in_any_order_and_break_lines() -> None:
    schema = Schema("csv", targets=("b", "a"), features=("c",), delimiter=";")
    decoder = Decoder(schema, b'a;"note ""x"";y";c;b')
    decoded = event(decoder, b'1;"two\nlines; and more";3;2')
    assert (decoded.targets, decoded.features) == ((2.0, 1.0), (3.0,))


def test_one_of_several_targets_is_enough() -> None:
    schema = Schema("json", targets=("a", "b", "c"))
    decoded = event(Decoder(schema), '{"b": 0, "a": null}')
    assert same(decoded.targets, (math.nan, 0.0, math.nan))


def test_without_a_key_there_is_one_stream() -> None:
    schema = Schema("json", targets=("flow",), stream="waterflow")
    assert event(Decoder(schema), '{"flow": 1}').key == "waterflow"
    assert Decoder(schema).decode(b'{"flow": 1}', record_key=b"other") == event(
        Decoder(schema), '{"flow": 1}'
    )


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_the_key_of_the_record_may_be_the_key(kind: str) -> None:
    decoder, value = RECORD_KEYED[kind]
    decoded = decoder.decode(value, record_key="pümp".encode())
    assert decoded is not None
    assert decoded.key == "pümp"


@pytest.mark.parametrize("kind", ["json", "csv"])
@pytest.mark.parametrize(
    ("key", "code"),
    [(None, "missing_key"), (b"", "bad_key"), (b"\xff", "bad_key"), (b"a\n", "bad_key")],
)
def test_odd_keys_of_records_are_refused(kind: str, key: bytes | None, code: str) -> None:
    decoder, value = RECORD_KEYED[kind]
    with pytest.raises(DecodeError) as caught:
        decoder.decode(value, record_key=key)
    assert caught.value.code == code


@pytest.mark.parametrize("size", [1, 255, 256])
def test_keys_up_to_the_limit_are_taken(size: int) -> None:
    assert event(JSON, json.dumps({"pump": "x" * size, "flow": 1})).key == "x" * size


def test_half_a_surrogate_pair_is_no_key() -> None:
    assert not is_key("\ud800")
    assert is_key("\u00a0\u2028")  # odd, but no control characters


def test_every_code_is_explained() -> None:
    explained = DeadLetterCode.__doc__ or ""
    assert [code for code in DeadLetterCode if f"``{code.value}``" not in explained] == []


def test_the_limit_is_that_of_the_kernels() -> None:
    assert VALUE_MAX == scaler.VALUE_MAX
