"""One contract for every source."""

import gzip
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from connectors import FileSource, MemoryLog, MemorySource, Partition, Source
from tests.support.faults.crashes import FlakySource

PUMPS = Partition("pumps", 0)
POLLS_MAX = 1000
VALUES = [f"{n},{n / 8}".encode() for n in range(20)]


def memory(folder: Path, values: Sequence[bytes]) -> Source:
    log = MemoryLog()
    log.create_topic("pumps")
    for value in values:
        log.append(PUMPS, value)
    return MemorySource(log, "pumps")


def gapped(folder: Path, values: Sequence[bytes]) -> Source:
    """Every third record in a transaction of its own, every second of these aborted first."""
    log = MemoryLog()
    log.create_topic("pumps")
    producer = log.producer("writer")
    for number, value in enumerate(values):
        if number % 3:
            log.append(PUMPS, value)
            continue
        if number % 2:
            producer.begin()
            producer.send(PUMPS, b"never seen", None)
            producer.abort()
        producer.begin()
        producer.send(PUMPS, value, None)
        producer.commit()
    return MemorySource(log, "pumps")


def flaky(folder: Path, values: Sequence[bytes]) -> Source:
    return FlakySource(memory(folder, values))


def jsonl(folder: Path, values: Sequence[bytes]) -> Source:
    (folder / "pumps.jsonl").write_bytes(b"".join(value + b"\n" for value in values))
    return FileSource([str(folder / "pumps.jsonl")], "pumps", "jsonl")


def csv(folder: Path, values: Sequence[bytes]) -> Source:
    (folder / "pumps.csv").write_bytes(b"\r\n".join([b"time,flow", *values]))
    return FileSource([str(folder / "pumps.csv")], "pumps", "csv")


def csv_gzip(folder: Path, values: Sequence[bytes]) -> Source:
    content = b"\n".join([b"time,flow", *values])
    (folder / "pumps.csv.gz").write_bytes(gzip.compress(content))
    return FileSource([str(folder / "pumps.csv.gz")], "pumps", "csv")


def pipe(folder: Path, values: Sequence[bytes]) -> Source:
    reading, writing = os.pipe()
    os.write(writing, b"".join(value + b"\n" for value in values))
    os.close(writing)
    return FileSource(["-"], "pumps", "jsonl", standard_input=reading)


REWINDING = [memory, gapped, flaky, jsonl, csv, csv_gzip]
Make = Callable[[Path, Sequence[bytes]], Source]


def closing(make: Make) -> Iterator[Make]:
    made = []

    def make_and_remember(folder: Path, values: Sequence[bytes]) -> Source:
        made.append(make(folder, values))
        return made[-1]

    yield make_and_remember
    for source in made:
        source.close()


@pytest.fixture(params=[*REWINDING, pipe], ids=lambda make: make.__name__)
def make(request: pytest.FixtureRequest) -> Iterator[Make]:
    yield from closing(request.param)


@pytest.fixture(params=REWINDING, ids=lambda make: make.__name__)
def make_rewinding(request: pytest.FixtureRequest) -> Iterator[Make]:
    yield from closing(request.param)


def take_over(source: Source, next_offset: int | None = None) -> None:
    """Begin as every reader does: wait for the partition, seek, resume."""
    for _ in range(POLLS_MAX):
        if any(PUMPS in change.assigned for change in source.rebalances()):
            break
        assert source.poll(100, timeout_ms=0) == []  # it comes paused
    else:
        raise AssertionError("the partition never came")
    if next_offset is not None:
        source.seek(PUMPS, next_offset)
        assert source.position(PUMPS) == next_offset
    source.resume([PUMPS])


def drain(source: Source, max_records: int = 7) -> list[tuple[int, bytes | None]]:
    """Poll until nothing comes twice in a row: files say that they end, topics do not."""
    records, empty_polls = [], 0
    while empty_polls < 2:
        found = source.poll(max_records, timeout_ms=0)
        assert len(found) <= max_records
        empty_polls = 0 if found else empty_polls + 1
        records += [(record.offset, record.value) for record in found]
    return records


def test_a_partition_comes_paused_and_is_announced_once(make: Make, tmp_path: Path) -> None:
    source = make(tmp_path, VALUES)
    assert source.poll(100, timeout_ms=0) == []
    assert [change.assigned for change in source.rebalances()] == [(PUMPS,)]
    assert source.rebalances() == []
    assert source.partitions() == (PUMPS,)
    source.resume([PUMPS])
    assert source.poll(100, timeout_ms=0) != []


@pytest.mark.parametrize("max_records", [1, 3, 100])
def test_every_record_comes_once_and_in_order(make: Make, tmp_path: Path, max_records: int) -> None:
    source = make(tmp_path, VALUES)
    take_over(source)
    records = drain(source, max_records)
    offsets = [offset for offset, _ in records]
    assert [value for _, value in records] == VALUES
    assert offsets == sorted(set(offsets))


def test_empty_values_are_records(make: Make, tmp_path: Path) -> None:
    values = [b"1", b"", b"", b"2"]
    source = make(tmp_path, values)
    take_over(source)
    assert [value for _, value in drain(source)] == values


@pytest.mark.parametrize("start", [0, 1, 13, 19])
def test_seek_starts_at_that_offset(make: Make, tmp_path: Path, start: int) -> None:
    source = make(tmp_path, VALUES)
    take_over(source, start)
    records = drain(source)
    whole = make(tmp_path, VALUES)
    take_over(whole)
    assert records == [record for record in drain(whole) if record[0] >= start]
    assert records


def test_position_is_the_next_offset(make_rewinding: Make, tmp_path: Path) -> None:
    source = make_rewinding(tmp_path, VALUES)
    take_over(source)
    first = source.poll(5, timeout_ms=0)
    assert source.position(PUMPS) >= first[-1].next_offset
    again = make_rewinding(tmp_path, VALUES)
    take_over(again, source.position(PUMPS))
    assert drain(again) == drain(source)


def test_seeking_back_reads_again(make_rewinding: Make, tmp_path: Path) -> None:
    source = make_rewinding(tmp_path, VALUES)
    take_over(source)
    records = drain(source)
    source.seek(PUMPS, records[4][0])
    assert not source.finished(PUMPS)
    assert drain(source) == records[4:]


def test_seeking_to_the_end_gives_nothing(make_rewinding: Make, tmp_path: Path) -> None:
    source = make_rewinding(tmp_path, VALUES)
    take_over(source)
    drain(source)
    end = source.position(PUMPS)
    again = make_rewinding(tmp_path, VALUES)
    take_over(again, end)
    assert drain(again) == []
    assert again.position(PUMPS) == end


def test_a_paused_partition_is_silent_and_loses_nothing(make: Make, tmp_path: Path) -> None:
    source = make(tmp_path, VALUES)
    take_over(source)
    before = source.poll(5, timeout_ms=0)
    source.pause([PUMPS])
    source.pause([PUMPS])
    position = source.position(PUMPS)
    assert source.poll(5, timeout_ms=0) == []
    assert source.position(PUMPS) == position
    source.resume([PUMPS])
    assert [record.value for record in before] + [value for _, value in drain(source)] == VALUES


@pytest.mark.parametrize(
    ("make_one", "ends"),
    [(memory, False), (gapped, False), (jsonl, True), (csv, True), (csv_gzip, True), (pipe, True)],
)
def test_only_what_is_bounded_finishes(make_one: Make, ends: bool, tmp_path: Path) -> None:
    source = make_one(tmp_path, VALUES)
    take_over(source)
    source.poll(5, timeout_ms=0)
    assert not source.finished(PUMPS)
    drain(source)
    assert source.finished(PUMPS) is ends
    source.close()


def test_a_partition_that_is_not_ours_is_a_mistake(make: Make, tmp_path: Path) -> None:
    source, strange = make(tmp_path, VALUES), Partition("pumps", 7)
    take_over(source)
    for call in (source.position, source.finished, lambda p: source.seek(p, 0)):
        with pytest.raises(KeyError):
            call(strange)
    for call in (source.pause, source.resume):
        with pytest.raises(KeyError):
            call([strange])


def test_closing_twice_is_closing_once(make: Make, tmp_path: Path) -> None:
    source = make(tmp_path, VALUES)
    source.close()
    source.close()
