"""Lines that nobody can learn from, each kind made systematically, and what becomes of each."""

import gzip
import json
from collections.abc import Iterator

SOUND = {"pump": '"a"', "time": "60", "load": "0.5", "flow": "3.5"}
LINE_BYTES_MAX = 1 << 20
BAD_NUMBERS = ("NaN", "Infinity", "-Infinity", "1e308", "-1e308", "1e31", "1e999", "9" * 400)
ODD = ("true", '"3.5"', "[1]", "{}", '""', '"\\u0000"')
BYTES = (b"\x00", b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\x80", bytes(range(1, 9)), b"\x1f\x8b")
ENCODINGS = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp037")
BLANK = (b"", b" ", b"\t", b"   ", b"\r", b" \t ")
LONG = (LINE_BYTES_MAX + 1, 10_000_000)


def record(**changed: str | None) -> bytes:
    members = {name: raw for name, raw in (SOUND | changed).items() if raw is not None}
    return ("{" + ", ".join(f'"{name}": {raw}' for name, raw in members.items()) + "}").encode()


def sound(n: int) -> bytes:
    """Write a record that is learnt, whose time runs backwards every other time."""
    return record(time=str(6000 - 60 * n if n % 2 else 60 * n))


def json_lines() -> Iterator[bytes]:
    """Make lines of which none can be learnt, for a journal of JSON lines."""
    whole = record()
    yield from (whole[:end] for end in range(1, len(whole)))
    yield from (whole[:at] + b"\xff" + whole[at + 1 :] for at in range(len(whole)))
    yield from (whole + rest for rest in (b"x", b",", b"}", whole))
    yield from (record(**{name: raw}) for name in ("flow", "load") for raw in (*BAD_NUMBERS, *ODD))
    yield from (record(pump=raw) for raw in (None, "null", "1.5", "true", "[]", '""', '"\\n"'))
    yield from (record(time=raw) for raw in (None, "null", '"noon"', "1e300", "[]", "true"))
    yield from (record(flow=raw) for raw in (None, "null"))
    yield from (whole[:-1] + f', "{n}": {raw}}}'.encode() for n, raw in SOUND.items())
    yield from (text.encode() for text in ("3", '"flow"', "[]", "null", "true", "NaN", "{'a': 1}"))
    yield from (b"[" * depth for depth in (1, 40, 1000, 100_000))
    yield from (record(note="[" * depth + "]" * depth) for depth in (40, 1000))
    yield from (whole + octets for octets in BYTES)
    yield from (whole.decode().encode(name).replace(b"\n", b"") for name in ENCODINGS)
    yield gzip.compress(whole, mtime=0).replace(b"\n", b"")
    yield from (record(note='"' + "x" * size + '"') for size in LONG)


HEADER = b"pump,time,load,flow"


def sound_row(n: int) -> bytes:
    return row(time=str(6000 - 60 * n if n % 2 else 60 * n))


def row(**changed: str) -> bytes:
    return ",".join((SOUND | {"pump": "a"} | changed).values()).encode()


def csv_rows() -> Iterator[bytes]:
    """Make rows of which none can be learnt, for a journal of CSV."""
    whole = row()
    yield from (b",".join(whole.split(b",")[:cells]) for cells in (1, 2, 3))
    yield from (whole + b"," * more for more in range(1, 60))
    yield from (whole[:at] + b"\xff" + whole[at + 1 :] for at in range(len(whole)))
    numbers = (*BAD_NUMBERS, "nan", "inf", "-inf", "0x10", "1_000", "3,5", "٣", "high", "--1", "1e")
    yield from (row(**{name: raw}) for name in ("flow", "load") for raw in numbers)
    yield from (row(time=raw) for raw in ("", "noon", "1e300", "NaN", "2022-02-30", "--", "0x1"))
    yield from (row(pump=raw) for raw in ("", "x" * 257, "\x01", "\x7f", "a\x00"))
    yield row(flow="")
    yield from (b"a" * n + b'"b",1,2,3,4' for n in range(1, 20))
    yield from (whole + octets for octets in BYTES)
    yield from (json.dumps({"flow": n}).encode() for n in range(20))
    yield from (whole.decode().encode(name).replace(b"\n", b"") for name in ENCODINGS)
    yield from (b"x" * size for size in LONG)
    yield b'"' + whole  # last, or its quote would close in a line below


def file_of(lines: list[bytes], form: str) -> tuple[bytes, int, int]:
    """Write lines with sound and blank ones between; count the sound and the blank."""
    written, good, blank = [HEADER] if form == "csv" else [], 0, 0
    for n, line in enumerate(lines):
        if n % 3 == 0:
            written.append(sound_row(n) if form == "csv" else sound(n))
            good += 1
        if n % 7 == 0:
            written.append(BLANK[n // 7 % len(BLANK)])
            blank += 1
        written.append(line)
    return b"".join(line + b"\n" for line in written), good, blank
