"""Rows of CSV that nobody can learn from, each with its code; the cases are made systematically."""

import gzip
from collections.abc import Iterator

import pytest

from streamlstm.stages import DecodeError, Decoder, Schema, SchemaError

HEADER = b"note,pump,at,load,flow,level"
SCHEMA = Schema("csv", targets=("flow", "level"), features=("load",), key="pump", time="at")
SOUND = {
    "note": "",
    "pump": "pump-3",
    "at": "2022-03-20T11:00:00Z",
    "load": "3.5",
    "flow": "100.59",
    "level": "7",
}
Case = tuple[bytes, str]


def row(**changed: str) -> bytes:
    return ",".join((SOUND | changed).values()).encode()


def shapes() -> Iterator[Case]:
    whole = row()
    for cells in range(1, 12):
        if cells != len(SOUND):
            yield b",".join([b"1"] * cells), "wrong_columns"
    yield whole + b",", "wrong_columns"
    yield whole.replace(b",", b";"), "wrong_columns"
    yield row(note="a,b"), "wrong_columns"
    yield b'{"flow": 3}', "wrong_columns"
    yield b"\x00" * 5, "wrong_columns"
    for note in ('"', '"a', '"a" b', '"a"b"', '"""', '"a\n', '"' * 5):
        yield row(note=note), "not_csv"
    yield row(note='"a"') + b"\n" + row(), "not_csv"
    yield row(note='"a"') + b"\r" + row(), "not_csv"
    yield row(note='"' + "x" * 200_000 + '"'), "not_csv"
    for place in range(len(whole)):
        yield whole[:place] + b"\xff" + whole[place + 1 :], "not_utf8"
    yield gzip.compress(whole, mtime=0), "not_utf8"
    yield whole.decode().encode("utf-16"), "not_utf8"
    yield row(note="ü").decode().encode("latin-1"), "not_utf8"
    yield row(note="\N{EURO SIGN}")[:2], "not_utf8"


def keys_and_times() -> Iterator[Case]:
    yield b",,,,,", "missing_key"
    yield row(pump=""), "missing_key"
    yield row(pump='""'), "missing_key"
    for key in ("\t", "a\x00", "x" * 257, "ü" * 129, "\x7f", "\x85", "a\rb", '"a\nb"'):
        yield row(pump=key), "bad_key"
    for time in ("", " ", "\t", '""', "\u00a0"):
        yield row(at=time), "missing_time"
    for time in ("noon", "5", "1647774000", "2022-13-01", "2022-02-30", "2022-03-20T24:00", "NaN"):
        yield row(at=time), "bad_time"
        yield row(at=f'"{time}"'), "bad_time"


def numbers() -> Iterator[Case]:
    for name in ("load", "flow", "level"):
        for cell in ("high", "1_000", "１", "٣", "0x10", "1e", "--1", "1.5.2", "NA", "null", "3 5"):
            yield row(**{name: cell}), "wrong_type"
            yield row(**{name: f'"{cell}"'}), "wrong_type"
        for cell in ("nan", "-NaN", "inf", "-Infinity", "1e31", "-1e31", "1e308", "1e400"):
            yield row(**{name: cell}), "not_finite"
        yield row(**{name: "9" * 100_000}), "not_finite"
        yield row(**{name: "3.5\x00"}), "wrong_type"
        yield row(**{name: '"1,000"'}), "wrong_type"
    for cell in ("", " ", '""', "\t"):
        yield row(flow=cell, level=cell), "missing_target"


def several_faults() -> Iterator[Case]:
    """The first in the order of the codes is named."""
    yield b'"\xff', "not_utf8"
    yield b'"a', "not_csv"
    yield row(pump="", at="noon", flow="x") + b",", "wrong_columns"
    yield row(pump="", at="noon"), "missing_key"
    yield row(pump="\t", at="noon"), "bad_key"
    yield row(at="noon", flow="x"), "bad_time"
    yield row(load="x", flow="nan"), "wrong_type"
    yield row(load="nan", flow="x"), "not_finite"
    yield row(load="x", flow="", level=""), "wrong_type"


CASES = [
    pytest.param(value, code, id=f"{group.__name__}-{place}-{code}")
    for group in (shapes, keys_and_times, numbers, several_faults)
    for place, (value, code) in enumerate(group())
]


def test_the_sound_row_is_sound() -> None:
    event = Decoder(SCHEMA, HEADER).decode(row())
    assert event is not None
    assert (event.key, event.features, event.targets) == ("pump-3", (3.5,), (100.59, 7.0))


@pytest.mark.parametrize(("value", "code"), CASES)
def test_it_is_refused_by_its_code(value: bytes, code: str) -> None:
    with pytest.raises(DecodeError) as caught:
        Decoder(SCHEMA, HEADER).decode(value)
    assert caught.value.code == code
    assert 0 < len(caught.value.reason) < 300


@pytest.mark.parametrize("time", ["noon", "1e300", "NaN", "inf", "1_000", "٣", "2022-03-20", "0x1"])
def test_times_that_are_no_number(time: str) -> None:
    schema = Schema("csv", targets=("flow",), time="at", time_format="epoch_s")
    with pytest.raises(DecodeError, match=r"^bad_time: "):
        Decoder(schema, b"at,flow").decode(f"{time},1".encode())


@pytest.mark.parametrize(
    ("header", "fault"),
    [
        (b"", "no column 'pump'"),
        (b"pump,at,load,flow", "no column 'level'"),
        (b"Pump,at,load,flow,level", "no column 'pump'; its columns are Pump, at"),
        (b"pump, at,load,flow,level", "no column 'at'"),
        (b"pump,at,load,flow,level,load", "two columns of the name 'load'"),
        (b"pump;at;load;flow;level", "no column 'pump'"),
        (b"pump,at,load,flow,l\xffvel", "cannot be parsed: byte 19 is not UTF-8"),
        (b'pump,at,load,flow,"level', "cannot be parsed: not a row of CSV"),
        (None, "csv needs a header"),
    ],
)
def test_a_header_that_does_not_fit_is_refused(header: bytes | None, fault: str) -> None:
    with pytest.raises(SchemaError, match=fault.replace("(", r"\(")):
        Decoder(SCHEMA, header)
