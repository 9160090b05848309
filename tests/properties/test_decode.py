"""Whatever the bytes: an event, nothing, or a dead letter; and the two ways to read JSON agree."""

import csv
import io
import json
import math
from datetime import datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from streamlstm.stages import DeadLetterCode, DecodeError, Decoder, Event, Schema
from streamlstm.stages.clock import time_reader
from streamlstm.stages.decode.json.faults import fault

SCHEMAS = {
    "json": Schema("json", targets=("a", "b"), features=("c",), key="k", time="t"),
    "json epoch": Schema("json", targets=("a",), time="t", time_format="epoch_ms"),
    "csv": Schema("csv", targets=("a", "b"), features=("c",), key="k", time="t"),
    "csv epoch": Schema("csv", targets=("a",), time="t", time_format="epoch_s", delimiter=";"),
}
HEADERS = {"csv": b"k,t,c,a,b", "csv epoch": b"t;a"}
DECODERS = {name: Decoder(schema, HEADERS.get(name)) for name, schema in SCHEMAS.items()}

CODES = set(DeadLetterCode)
NAMES = st.sampled_from(["k", "t", "a", "b", "c", "x", "\\u0061", "ü"])
SCRAPS = st.sampled_from(
    [
        *("1", "-2.5", "1e31", "1e400", "NaN", "null", "true", '"p"', '""', '"\\n"', '"\\ud800"'),
        *('"2022-03-20T11:00:00Z"', '"2022-03-20"', '"noon"', "[1,2]", '{"a":1,"a":2}', '"a,b"'),
        *("9223372036854775808", "01", '"ü"', '"x"', "[" * 40 + "]" * 40, '"\\"a\\""', "7"),
    ]
)
SOUND = st.fixed_dictionaries(
    {"k": st.just('"p"'), "t": st.just('"2022-03-20"'), "a": SCRAPS, "b": SCRAPS}
).map(lambda members: list(members.items()))


@st.composite
def objects(draw: st.DrawFn) -> bytes:
    """Draw texts that look like our records, right in most of their parts."""
    members = draw(SOUND) + draw(st.lists(st.tuples(NAMES, SCRAPS), max_size=3))
    members = draw(st.permutations(members))
    comma, colon = draw(st.sampled_from([(",", ":"), (", ", ": "), ("\n,", " :\t")]))
    text = comma.join(f'"{name}"{colon}{raw}' for name, raw in members)
    return f"{{{text}}}".encode()


def outcome(decoder: Decoder, value: bytes | None, **more: Any) -> Event | str | None:
    """Decode; no exception but one is let through as an answer."""
    try:
        return decoder.decode(value, **more)
    except DecodeError as error:
        return error.code if error.reason else "no reason given"


@pytest.mark.parametrize("name", DECODERS)
@given(value=st.binary(), omitted=st.sampled_from([0, 0, 0, 1]), key=st.none() | st.binary())
def test_any_bytes(name: str, value: bytes, omitted: int, key: bytes | None) -> None:
    decoded = outcome(DECODERS[name], value, omitted_bytes=omitted, record_key=key)
    assert decoded is None or isinstance(decoded, Event) or decoded in CODES


@pytest.mark.parametrize("name", ["csv", "csv epoch"])
@given(text=st.text(alphabet=',;"\r\n 0123456789.eEnaif-+_:TZ\u0660\u00a0'))
def test_any_row(name: str, text: str) -> None:
    decoded = outcome(DECODERS[name], text.encode())
    if isinstance(decoded, Event):
        assert all(math.isnan(v) or abs(v) <= 1e30 for v in decoded.features + decoded.targets)


@pytest.mark.parametrize("name", ["json", "json epoch"])
@given(value=objects() | SCRAPS.map(str.encode))
@example(value=b'{"a":1,"a":1,"k":"p"}')
@example(value=b'{"k":"p","t":"2022-03-20","a":1,"c":1,"c":1}')
def test_the_fast_way_and_the_slow_one_agree(name: str, value: bytes) -> None:
    schema = SCHEMAS[name]
    slow = fault(value, schema, time_reader(schema.time_format, schema.time_zone))
    fast = outcome(DECODERS[name], value)
    if slow is not None:
        assert fast == slow.code
    else:
        assert isinstance(fast, Event) or (fast == "not_json" and b"\\ud800" in value)


NUMBERS = st.none() | st.integers(-(10**20), 10**20) | st.floats(-1e30, 1e30)
TEXTS = st.text("ab ,;:_\"'\\{}[]0ü\u00a0\U0001f6b0", max_size=64)
KEYS = TEXTS.filter(bool)
TIMES = st.datetimes(
    min_value=datetime.fromisoformat("1900-01-01"), max_value=datetime.fromisoformat("2200-01-01")
)


@given(
    key=KEYS | st.integers(-(2**63), 2**63 - 1),
    time=TIMES,
    numbers=st.tuples(NUMBERS, NUMBERS, st.floats(-1e30, 1e30)),
    extra=st.dictionaries(KEYS, TEXTS | NUMBERS, max_size=4),
    ascii_only=st.booleans(),
)
def test_json_is_read_as_python_reads_it(
    key: str | int,
    time: datetime,
    numbers: tuple[float | None, float | None, float],
    extra: dict[str, Any],
    ascii_only: bool,
) -> None:
    c, b, a = numbers
    known = {"k": key, "t": f"{time.isoformat()}Z", "a": a, "b": b, "c": c}
    text = json.dumps(extra | known, ensure_ascii=ascii_only)
    event = DECODERS["json"].decode(text.encode())
    assert event is not None
    assert event.key == str(key)
    assert event.time_s == (time - datetime.fromisoformat("1970-01-01")).total_seconds()
    assert shown(event.features + event.targets) == shown((c, a, b))


@given(rows=st.lists(st.tuples(KEYS, TIMES, NUMBERS, NUMBERS, st.floats(-1e30, 1e30)), max_size=3))
def test_csv_is_read_as_python_writes_it(rows: list[tuple[Any, ...]]) -> None:
    for key, time, c, b, a in rows:
        line = io.StringIO()
        csv.writer(line, quoting=csv.QUOTE_MINIMAL).writerow([key, time.isoformat(), c, a, b])
        event = DECODERS["csv"].decode(line.getvalue().removesuffix("\r\n").encode())
        assert event is not None
        assert event.key == key
        assert shown(event.features + event.targets) == shown((c, a, b))


def shown(numbers: tuple[float | None, ...]) -> list[str]:
    """Show numbers so that missing ones are equal."""
    return [repr(math.nan if number is None else float(number)) for number in numbers]
