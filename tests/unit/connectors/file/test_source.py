"""Files that are odd, damaged, huge or not files at all."""

import gzip
import os
import tempfile
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from connectors import CSV_HEADER, Fatal, FileSource, Partition, Record
from connectors.file.reader import FileFormat
from tests.support.faults.crashes import unprivileged

PUMPS = Partition("pumps", 0)


@contextmanager
def opened(path: Path | str, file_format: FileFormat = "jsonl") -> Iterator[FileSource]:
    source = FileSource([str(path)], "pumps", file_format, line_bytes_max=10_000)
    source.resume([PUMPS])
    yield source
    source.close()


def drain(source: FileSource) -> list[Record]:
    records = []
    while not all(source.finished(partition) for partition in source.partitions()):
        records += source.poll(3, timeout_ms=0)
    return records


def drain_until_fatal(source: FileSource) -> tuple[list[bytes | None], Fatal]:
    found = []
    while True:
        try:
            found += [record.value for record in source.poll(100, timeout_ms=0)]
        except Fatal as error:
            return found, error


def values(path: Path, file_format: FileFormat = "jsonl") -> list[bytes | None]:
    with opened(path, file_format) as source:
        return [record.value for record in drain(source)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "pumps"


def test_every_line_is_a_record_whatever_its_bytes(path: Path) -> None:
    path.write_bytes(b'\xef\xbb\xbf{"a":1}\r\n\n\xff\x00\r\r\n  \n{"a"')
    assert values(path) == [b'{"a":1}', b"", b"\xff\x00\r", b"  ", b'{"a"']


def test_a_csv_record_carries_its_header(path: Path) -> None:
    path.write_bytes(b'\xef\xbb\xbftime,note\r\n1,"two\r\nlines"\r\n\r\n2,x')
    with opened(path, "csv") as source:
        records = drain(source)
    assert [record.value for record in records] == [b'1,"two\r\nlines"', b"", b"2,x"]
    assert {record.headers for record in records} == {((CSV_HEADER, b"time,note"),)}
    assert [record.offset for record in records] == [0, 1, 2]


@pytest.mark.parametrize("content", [b"", gzip.compress(b"")])
@pytest.mark.parametrize("file_format", ["csv", "jsonl"])
def test_an_empty_file_is_finished(path: Path, file_format: FileFormat, content: bytes) -> None:
    path.write_bytes(content)
    assert values(path, file_format) == []


@pytest.mark.parametrize("first", [b"", b"  \r", b"\xef\xbb\xbf", b"x" * 10_001])
def test_csv_without_names_is_refused_again_and_again(path: Path, first: bytes) -> None:
    path.write_bytes(first + b"\n1,2\n3,4\n")
    with opened(path, "csv") as source:
        for _ in range(2):
            with pytest.raises(Fatal, match="names of the columns"):
                source.poll(10, timeout_ms=0)


def test_ten_megabytes_on_one_line_are_not_held(path: Path) -> None:
    path.write_bytes(b"1\n" + b"x" * 10_000_000 + b"\n2\n")
    tracemalloc.start()
    with opened(path) as source:
        records = drain(source)
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [len(record.value or b"") for record in records] == [1, 4096, 1]
    assert [record.omitted_bytes for record in records] == [0, 10_000_000 - 4096, 0]
    assert peak_bytes < 2_000_000


def test_gzip_that_unpacks_to_very_much_is_not_held(path: Path) -> None:
    path.write_bytes(gzip.compress(b"x" * 50_000_000 + b"\n" + b"1\n" * 10))
    tracemalloc.start()
    found = values(path)
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found[1:] == [b"1"] * 10
    assert peak_bytes < 8_000_000


def test_a_poll_stops_at_its_limit_of_bytes(path: Path) -> None:
    path.write_bytes(b"12345\n" * 10)
    source = FileSource([str(path)], "pumps", "jsonl", poll_bytes_max=11)
    source.resume([PUMPS])
    assert len(source.poll(100, timeout_ms=0)) == 3
    source.close()


LINES = [f'{{"n":{n}}}'.encode() for n in range(1000)]
PACKED = gzip.compress(b"\n".join(LINES))


def test_gzip_of_several_members_and_padding_is_one_file(path: Path) -> None:
    path.write_bytes(gzip.compress(b"1\n2") + gzip.compress(b"3\n4\n") + b"\0" * 512)
    assert values(path) == [b"1", b"23", b"4"]


@pytest.mark.parametrize("kept", [3, 15, len(PACKED) // 2, len(PACKED) - 9, len(PACKED) - 1])
@pytest.mark.parametrize("file_format", ["csv", "jsonl"])
def test_truncated_gzip_gives_its_whole_lines_then_stops(
    path: Path, kept: int, file_format: FileFormat
) -> None:
    path.write_bytes(PACKED[:kept])
    with opened(path, file_format) as source:
        found, stopped = drain_until_fatal(source)
        assert not source.finished(PUMPS)
    whole = LINES[1:] if file_format == "csv" else LINES
    assert found == whole[: len(found)]
    assert len(found) >= (kept > len(PACKED) // 3) * 100
    assert f"{path} is damaged after {len(found)} records" in stopped.message
    assert "intact copy" in stopped.remedy
    path.write_bytes(PACKED)  # the remedy
    with opened(path, file_format) as source:
        source.seek(PUMPS, len(found))
        assert found + [record.value for record in drain(source)] == whole


@pytest.mark.parametrize(
    "content", [PACKED + b"garbage", PACKED[:-8] + b"\0" * 8, PACKED[:200] + b"?" + PACKED[201:]]
)
def test_damaged_gzip_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(Fatal, match="damaged"):
        values(path)


def test_a_name_that_lies_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pumps.gz").write_bytes(b"1\n")
    with pytest.raises(Fatal, match="is not gzip"):
        values(tmp_path / "pumps.gz")


def test_what_cannot_be_opened_is_refused_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path, remedy in (("none", "check"), (".", "name a file"), ("file/x", "not a folder")):
        with pytest.raises(Fatal, match=remedy):
            FileSource([str(tmp_path / path)], "pumps", "jsonl")


def test_a_file_we_may_not_read_is_refused() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "secret")
        path.touch(mode=0)
        with unprivileged(), pytest.raises(Fatal, match="right to read"):
            FileSource([str(path)], "pumps", "jsonl")


def test_a_file_shorter_than_the_position_is_refused(path: Path) -> None:
    path.write_bytes(b"1\n2\n3\n")
    with opened(path) as source:
        source.seek(PUMPS, 4)
        with pytest.raises(Fatal, match="has 3 records"):
            drain(source)
        source.seek(PUMPS, 0)
        drain(source)
        source.seek(PUMPS, 4)  # and so when the end was seen before
        with pytest.raises(Fatal, match="has 3 records"):
            drain(source)


def test_several_files_are_several_partitions(tmp_path: Path) -> None:
    for name, content in (("a", b"x\n1\n2\n"), ("b", b"y\n3\n4\n5\n")):
        (tmp_path / name).write_bytes(content)
    source = FileSource([str(tmp_path / "a"), str(tmp_path / "b")], "pumps", "csv")
    other = Partition("pumps", 1)
    assert source.partitions() == (PUMPS, other)
    source.resume([PUMPS, other])
    source.seek(other, 1)
    found = [(r.partition.index, r.offset, r.value, r.headers[0][1]) for r in drain(source)]
    assert found == [
        (0, 0, b"1", b"x"),
        (0, 1, b"2", b"x"),
        (1, 1, b"4", b"y"),
        (1, 2, b"5", b"y"),
    ]
    source.close()


@pytest.fixture
def pipe() -> Iterator[tuple[FileSource, int]]:
    reading, writing = os.pipe()
    source = FileSource(["-"], "pumps", "csv", standard_input=reading)
    source.resume([PUMPS])
    yield source, writing
    source.close()
    os.close(reading)  # and so it was still open


def test_a_pipe_gives_what_has_come(pipe: tuple[FileSource, int]) -> None:
    source, writing = pipe
    assert source.poll(10, timeout_ms=1) == []
    os.write(writing, b"time,f")
    assert source.poll(10, timeout_ms=1) == []
    os.write(writing, b"low\n1,2\n3,")
    assert [record.value for record in source.poll(10, timeout_ms=1000)] == [b"1,2"]
    os.write(writing, b"4")
    os.close(writing)
    assert [record.value for record in drain(source)] == [b"3,4"]


def test_a_pipe_of_gzip_may_begin_with_one_byte(pipe: tuple[FileSource, int]) -> None:
    source, writing = pipe
    packed = gzip.compress(b"time,flow\n1,2\n")
    found = []
    for place in range(len(packed)):
        os.write(writing, packed[place : place + 1])
        found += source.poll(10, timeout_ms=0)
    os.close(writing)
    assert [record.value for record in found + drain(source)] == [b"1,2"]


def test_a_read_that_fails_loses_nothing_read_before() -> None:
    reading, writing = os.pipe()
    source = FileSource(["-"], "pumps", "jsonl", standard_input=reading)
    source.resume([PUMPS])
    os.write(writing, b"1\n2\n")
    source.poll(1, timeout_ms=0)
    os.close(reading)
    assert [record.value for record in source.poll(10, timeout_ms=0)] == [b"2"]
    with pytest.raises(Fatal, match="standard input: Bad file descriptor"):
        source.poll(10, timeout_ms=0)
    os.close(writing)


def test_a_pipe_goes_forward_only(pipe: tuple[FileSource, int]) -> None:
    source, writing = pipe
    os.write(writing, b"time\n1\n2\n3\n")
    os.close(writing)
    source.seek(PUMPS, 1)
    assert [record.value for record in source.poll(1, timeout_ms=0)] == [b"2"]
    with pytest.raises(Fatal, match="cannot be read again"):
        source.seek(PUMPS, 0)
