"""Chunks to lines to CSV records."""

import csv
import io
from collections.abc import Iterable
from itertools import pairwise
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.file.lines import (
    CSV_RECORD_LINES_MAX,
    HEAD_BYTES,
    CsvAssembler,
    Line,
    LineSplitter,
    ends_inside_quotes,
)


def split(chunks: Iterable[bytes], limit: int = 1000) -> list[Line]:
    splitter = LineSplitter(limit)
    return [line for chunk in chunks for line in splitter.feed(chunk)] + splitter.end()


def assemble(content: bytes, limit: int = 10_000) -> list[bytes]:
    assembler = CsvAssembler(b",", limit)
    lines = [Line(value) for value in content.split(b"\n")]
    return [line.value for line in assembler.feed(lines) + assembler.end()]


def cut(content: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(c % (len(content) + 1) for c in cuts), len(content)]
    return [content[a:b] for a, b in pairwise(edges)]


LINES = st.lists(st.text("ab\r\x00é", max_size=12).map(str.encode), max_size=8)


@given(lines=LINES, cuts=st.lists(st.integers(0, 200)), limit=st.integers(1, 8))
def test_chunks_do_not_show(lines: list[bytes], cuts: list[int], limit: int) -> None:
    content = b"\n".join(lines)
    assert split(cut(content, cuts), limit) == split([content], limit)


@given(lines=LINES)
def test_lines_are_those_between_newlines(lines: list[bytes]) -> None:
    content = b"".join(line + b"\n" for line in lines)
    assert [line.value for line in split([content])] == lines


def test_a_last_line_without_newline_counts() -> None:
    assert split([b"a\nb"]) == [Line(b"a"), Line(b"b")]
    assert split([b"a\n"]) == [Line(b"a")]
    assert split([]) == []


@pytest.mark.parametrize("extra", [0, 1, 5000])
def test_a_line_over_the_limit_says_how_much_is_missing(extra: int) -> None:
    limit = 2 * HEAD_BYTES
    first, last = split([b"x" * (limit + extra), b"\nnext"], limit)
    if extra:
        assert first == Line(b"x" * HEAD_BYTES, limit + extra - HEAD_BYTES)
    else:
        assert first == Line(b"x" * limit)
    assert last == Line(b"next")


def test_an_endless_line_is_not_held() -> None:
    splitter = LineSplitter(line_bytes_max=100)
    for _ in range(1000):
        splitter.feed(b"x" * 1000)
        assert len(splitter._held) <= 100
    assert splitter.end() == [Line(b"x" * 100, 999_900)]


@pytest.mark.parametrize(
    ("line", "inside"),
    [
        (b"1,2", False),
        (b'"1",2', False),
        (b'1,"2', True),
        (b'1,"', True),
        (b'1,""', False),
        (b'1,"""', True),
        (b'1,"a""b"', False),
        (b'1,5" pipe', False),
        (b'1,a"b,"c', True),
        (b'"a"b,"c', True),
        (b'"a,b,c', True),
        (b"", False),
    ],
)
def test_a_quote_opens_only_at_the_start_of_a_field(line: bytes, inside: bool) -> None:
    assert ends_inside_quotes(line, b",") is inside


def test_a_field_opened_before_closes_here() -> None:
    assert not ends_inside_quotes(b'b",c', b",", inside=True)
    assert ends_inside_quotes(b'b""c', b",", inside=True)
    assert ends_inside_quotes(b'b","c', b",", inside=True)


FIELDS = st.text('ab,"\n ', max_size=6)


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
@given(rows=st.lists(st.lists(FIELDS, min_size=2, max_size=4), max_size=6))
def test_records_are_those_of_the_csv_module(quoting: Literal[0, 1], rows: list[list[str]]) -> None:
    written = io.StringIO()
    csv.writer(written, quoting=quoting, lineterminator="\n").writerows(rows)
    records = assemble(written.getvalue().encode().removesuffix(b"\n")) if rows else []
    read = [next(csv.reader(io.StringIO(record.decode(), newline=""))) for record in records]
    assert read == rows


def test_a_stray_quote_costs_its_own_line_only() -> None:
    lines = [b'1,"open', *(b"%d,x" % n for n in range(2, 2 * CSV_RECORD_LINES_MAX))]
    assert assemble(b"\n".join(lines)) == lines
    assert assemble(b"\n".join(lines[:5])) == lines[:5]
    assert assemble(b"\n".join(lines[:20]), limit=30) == lines[:20]


@pytest.mark.parametrize(("limit", "count"), [(17, 3), (18, 2)])
def test_a_record_over_the_limit_is_taken_apart(limit: int, count: int) -> None:
    assert len(assemble(b'1,"aaaaa\nbbbbbbbb"\n2', limit)) == count


def test_an_oversized_line_is_a_record_by_itself() -> None:
    lines = [Line(b'1,"a', 7), Line(b"2"), Line(b'3,"b'), Line(b'4"', 9), Line(b"5")]
    assembler = CsvAssembler(b",", 100)
    assert assembler.feed(lines) + assembler.end() == lines


@given(content=st.text('a,"\n', max_size=40).map(str.encode), cuts=st.lists(st.integers(0, 50)))
def test_lines_that_come_one_by_one_give_the_same_records(content: bytes, cuts: list[int]) -> None:
    splitter, assembler = LineSplitter(1000), CsvAssembler(b",", 15)
    records = []
    for chunk in cut(content, cuts):
        records += assembler.feed(splitter.feed(chunk))
    records += assembler.feed(splitter.end()) + assembler.end()
    assert [record.value for record in records] == assemble(content.removesuffix(b"\n"), 15)[
        : len(records)
    ]
    assert b"\n".join(record.value for record in records) == content.removesuffix(b"\n")
