"""JSON that nobody can learn from, each with its code; the cases are made systematically."""

import gzip
import json
from collections.abc import Iterator

import pytest

from streamlstm.stages import DecodeError, Decoder, Schema
from streamlstm.stages.decode.json.plain import DEPTH_MAX

REASON_CHARACTERS_MAX = 300
SCHEMA = Schema(
    "json",
    targets=("flow", "level"),
    features=("load", "größe"),
    key="pump",
    time="at",
)
SOUND = {
    "pump": '"pump-3"',
    "at": '"2022-03-20T11:00:00Z"',
    "load": "3.5",
    "größe": "-1e-3",
    "flow": "100.59",
    "level": "7",
}
NUMBERS = ("load", "größe", "flow", "level")
Case = tuple[bytes, str]


def record(**changed: str | None) -> bytes:
    """Write the sound record with other members; None leaves one out."""
    members = {name: raw for name, raw in (SOUND | changed).items() if raw is not None}
    return ("{" + ", ".join(f'"{name}": {raw}' for name, raw in members.items()) + "}").encode()


def broken() -> Iterator[Case]:
    whole = record()
    for end in range(1, len(whole)):
        beginning = whole[:end]
        halved = beginning.endswith("ö".encode()[:1]) or beginning.endswith("ß".encode()[:1])
        yield beginning, "not_utf8" if halved else "not_json"
    for place in range(len(whole)):
        yield whole[:place] + b"\xff" + whole[place + 1 :], "not_utf8"
    for rest in (b"x", b",", b"{}", b"}", b"\x00", b"// done", whole):
        yield whole + rest, "not_json"
    for text in ("{'a': 1}", "{a: 1}", '{"a": 1,}', '{"a" 1}', '{"a": }', "{,}", "nul", "flow=3"):
        yield text.encode(), "not_json"
    for number in ("+1", "01", ".5", "1.", "0x10", "--1", "1e", "1_000", "1,5", "５", "nan", "inf"):
        yield record(flow=number), "not_json"
    for text in ('"\t"', '"\x00"', '"\\q"', '"\\u12"', "'a'"):
        yield record(pump=text), "not_json"
    yield b"\xef\xbb\xbf" + whole, "not_json"
    yield whole[:-1] + b', "\\ud800": 1}', "not_json"  # half a surrogate pair
    yield record(note='"\\udc00"'), "not_json"


def encodings() -> Iterator[Case]:
    text = record().decode()
    for encoding in ("utf-16", "utf-32", "latin-1", "cp1252"):
        yield text.encode(encoding), "not_utf8"
    for encoding in ("utf-16-le", "utf-16-be", "utf-32-le"):
        yield '{"flow": 1}'.encode(encoding), "not_json"
    for octets in (b"\xc0\xaf", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\x80", b"\xe2\x82"):
        yield record(note='"?"').replace(b"?", octets), "not_utf8"
        yield record(pump='"?"').replace(b"?", octets), "not_utf8"
    yield gzip.compress(record(), mtime=0), "not_utf8"
    yield bytes(range(256)), "not_utf8"
    yield bytes(range(128)), "not_json"


def kinds() -> Iterator[Case]:
    for text in ("3", '"flow"', "[]", "null", "true", "1e5", f"[{record().decode()}]"):
        yield text.encode(), "not_an_object"
    yield b"NaN", "not_an_object"
    for depth in (DEPTH_MAX, 999, 1_001, 100_000):
        yield record(note="[" * depth + "]" * depth), "too_deep"
        yield record(note='{"a":' * depth + "1" + "}" * depth), "too_deep"
        yield record(flow="[" * depth + "]" * depth), "too_deep"
        yield b"[" * (depth + 1), "too_deep"
    yield record(note="[{" * 20), "too_deep"


def doubled() -> Iterator[Case]:
    for name, raw in SOUND.items():
        again = f'"{name}": {raw}'
        escaped = json.dumps(name).replace(name[0], f"\\u{ord(name[0]):04x}", 1)
        for member in (again, f'"{name}" : null', f'"{name}":"x"', f"{escaped}: {raw}"):
            yield record()[:-1] + f", {member}}}".encode(), "duplicate_key"
        yield f"{{{again}, {again}}}".encode(), "duplicate_key"


def keys_and_times() -> Iterator[Case]:
    for raw in (None, "null"):
        yield record(pump=raw), "missing_key"
        yield record(at=raw), "missing_time"
        yield record(flow=raw, level=None), "missing_target"
        yield record(flow=raw, level="null"), "missing_target"
    yield b"{}", "missing_key"
    yield b'{"Pump": "pump-3", "FLOW": 3}', "missing_key"
    odd_keys = ('""', "true", "false", "1.0", "1e2", "[]", '["a"]', "{}", str(2**63), "9" * 5000)
    for raw in (*odd_keys, str(-(2**63) - 1)):
        yield record(pump=raw), "bad_key"
    for raw in ('"\\ud800"', '"\\udc00\\ud800"', '"a\\udfff"'):
        yield record(pump=raw), "bad_key"
        yield record(at=raw), "bad_time"
    for code in (0, 1, 9, 10, 13, 31, 127, 128, 133, 159):
        yield record(pump=f'"a\\u{code:04x}"'), "bad_key"
    for text in ("x" * 257, "ü" * 129, "\U0001f6b0" * 65, "a\x7f", "ü\x85"):
        yield record(pump=f'"{text}"'), "bad_key"
    for raw in ("5", "1647774000", "1.5", "true", "false", "[]", "{}", "[2022, 3, 20]", "NaN"):
        yield record(at=raw), "bad_time"
    for text in (
        *("", " ", "noon", "now", "2022", "11:00", "1647774000", "2022-13-01", "2022-02-30"),
        *("2022-03-20T25:00", "2022-03-20T24:00:00", "20220320T240000Z", "2022-03-20T11:61"),
        *("2022-03-20T11:00:60", "0000-01-01", "10000-01-01", "2022-03-20T11:00+25:00"),
        *("0001-01-01T00:00:00+01:00x", " 2022-03-20", "2022-03-20 ", "20-03-2022", "03/20/2022"),
        *("２０２２-03-20", "2022-03-20T11:00:00 UTC", "2022-W60-1", "+2022-03-20", "x" * 100_000),
        *("0001-01-01T00:00:00+02:00", "9999-12-31T23:59:59-02:00"),
    ):
        yield record(at=f'"{text}"'), "bad_time"


def numbers() -> Iterator[Case]:
    for name in NUMBERS:
        for raw in (
            '"high"',
            '"3.5"',
            '""',
            '"NaN"',
            "true",
            "false",
            "[]",
            "[1]",
            "{}",
            '{"a":1}',
        ):
            yield record(**{name: raw}), "wrong_type"
        for raw in ("NaN", "Infinity", "-Infinity", "1e31", "-1e31", "1e308", "-1e400", "9" * 400):
            yield record(**{name: raw}), "not_finite"
    yield record(flow="1e30000000000000000000"), "not_finite"
    yield record(flow="9" * 100_000), "not_finite"
    yield record(note="NaN"), "not_finite"
    yield record(note='{"a": [-Infinity]}'), "not_finite"


def several_faults() -> Iterator[Case]:
    """The first in the order of the codes is named."""
    yield b"\xff" + b"[" * 50, "not_utf8"
    yield b"[" * 50 + b"x", "too_deep"
    yield b'{"flow": 1, "flow": 2', "not_json"
    yield b'{"flow": 1, "flow": "x"}', "duplicate_key"
    yield b'{"note": NaN, "flow": 1}', "missing_key"
    yield record(note='"\\n"', at=None, flow='"x"'), "missing_time"
    yield record(note='"\\n"', flow=None, level="null"), "missing_target"
    yield record(note='"\\n"', load="1e31"), "not_finite"
    yield record(pump="3.5", at="true", flow='"x"'), "bad_key"
    yield record(at='"noon"', load='"x"', flow=None, level=None), "bad_time"
    yield record(load="1e31", flow='"x"'), "not_finite"
    yield record(flow="null", level='"x"'), "wrong_type"
    yield record(note="NaN", flow=None, level=None), "not_finite"


CASES = [
    pytest.param(value, code, id=f"{group.__name__}-{place}-{code}")
    for group in (broken, encodings, kinds, doubled, keys_and_times, numbers, several_faults)
    for place, (value, code) in enumerate(group())
]


def test_there_are_many_cases() -> None:
    assert len(CASES) >= 300


def test_the_sound_record_is_sound() -> None:
    event = Decoder(SCHEMA).decode(record())
    assert event is not None
    assert (event.key, event.features, event.targets) == ("pump-3", (3.5, -1e-3), (100.59, 7.0))


@pytest.mark.parametrize(("value", "code"), CASES)
def test_it_is_refused_by_its_code(value: bytes, code: str) -> None:
    with pytest.raises(DecodeError) as caught:
        Decoder(SCHEMA).decode(value)
    assert caught.value.code == code
    assert 0 < len(caught.value.reason) < REASON_CHARACTERS_MAX
    assert caught.value.reason.encode()


@pytest.mark.parametrize(
    "time", ["1e300", "-1e300", "253402300800", "-62135596801", "NaN", "1e400"]
)
def test_numbers_that_are_no_time(time: str) -> None:
    decoder = Decoder(Schema("json", targets=("flow",), time="at", time_format="epoch_s"))
    with pytest.raises(DecodeError, match=r"^bad_time: "):
        decoder.decode(f'{{"at": {time}, "flow": 1}}'.encode())


@pytest.mark.parametrize("time", ['"5"', "true", "[]", '"2022-03-20"'])
def test_what_is_no_number_is_no_epoch(time: str) -> None:
    decoder = Decoder(Schema("json", targets=("flow",), time="at", time_format="epoch_ms"))
    with pytest.raises(DecodeError, match=r"^bad_time: .* is not a number$"):
        decoder.decode(f'{{"at": {time}, "flow": 1}}'.encode())
