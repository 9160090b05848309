"""The in-process broker keeps the habits of Kafka."""

import pytest

from connectors import (
    Effects,
    Fatal,
    MemoryLog,
    MemoryOutbox,
    MemorySource,
    Partition,
    Position,
    Retriable,
    Snapshot,
)
from tests.support.faults.crashes import FlakySource

PUMPS = Partition("pumps", 0)


@pytest.fixture
def log() -> MemoryLog:
    log = MemoryLog()
    log.create_topic("pumps")
    return log


def visible(log: MemoryLog, next_offset: int = 0) -> list[tuple[int, bytes | None]]:
    return [(r.offset, r.value) for r in log.read(PUMPS, next_offset, 100)[0]]


def test_a_transaction_shows_at_its_commit_and_leaves_a_marker(log: MemoryLog) -> None:
    producer = log.producer("a")
    producer.begin()
    producer.send(PUMPS, b"1", None)
    producer.send(PUMPS, b"2", None)
    assert visible(log) == []
    producer.commit()
    log.append(PUMPS, b"3")
    assert visible(log) == [(0, b"1"), (1, b"2"), (3, b"3")]


def test_an_aborted_transaction_never_shows(log: MemoryLog) -> None:
    producer = log.producer("a")
    producer.begin()
    producer.send(PUMPS, b"1", None)
    producer.send_positions("group", {PUMPS: Position(7)})
    producer.abort()
    assert log.read(PUMPS, 0, 10) == ([], 2)
    assert log.committed("group", PUMPS) is None


def test_readers_stop_at_the_first_open_transaction(log: MemoryLog) -> None:
    slow, fast = log.producer("slow"), log.producer("fast")
    log.append(PUMPS, b"0")
    slow.begin()
    slow.send(PUMPS, b"1", None)
    fast.begin()
    fast.send(PUMPS, b"2", None)
    fast.commit()
    log.append(PUMPS, b"4")
    assert log.read(PUMPS, 0, 10)[1] == 1
    assert visible(log) == [(0, b"0")]
    slow.commit()
    assert visible(log) == [(0, b"0"), (1, b"1"), (2, b"2"), (4, b"4")]
    assert log.read(PUMPS, 0, 10)[1] == 6


def test_a_full_batch_stops_after_its_last_record(log: MemoryLog) -> None:
    for _ in range(5):
        log.append(PUMPS, b"x")
    records, next_offset = log.read(PUMPS, 1, 2)
    assert ([record.offset for record in records], next_offset) == ([1, 2], 3)


def test_a_newer_producer_shuts_out_the_older(log: MemoryLog) -> None:
    old = log.producer("a")
    old.begin()
    old.send(PUMPS, b"zombie", None)
    new = log.producer("a")
    for call in (old.begin, old.commit, old.abort, lambda: old.send(PUMPS, b"", None)):
        with pytest.raises(Fatal, match="fenced"):
            call()
    new.begin()
    new.send(PUMPS, b"alive", None)
    new.commit()
    assert [value for _, value in visible(log)] == [b"alive"]


def test_a_position_in_an_open_transaction_is_not_guessed(log: MemoryLog) -> None:
    producer = log.producer("a")
    log.commit_positions("group", {PUMPS: Position(1)})
    producer.begin()
    producer.send_positions("group", {PUMPS: Position(7, "5")})
    with pytest.raises(Retriable, match="open transaction has a position"):
        log.committed("group", PUMPS)
    assert log.committed("other", PUMPS) is None
    producer.commit()
    assert log.committed("group", PUMPS) == Position(7, "5")


def test_compaction_keeps_the_last_of_each_key_and_what_is_open(log: MemoryLog) -> None:
    for key, value in ((b"a", b"1"), (b"b", b"2"), (b"a", b"3")):
        log.append(PUMPS, value, key)
    producer = log.producer("p")
    producer.begin()
    producer.send(PUMPS, b"4", b"a")
    log.compact("pumps")
    assert visible(log) == [(1, b"2"), (2, b"3")]
    producer.commit()
    log.compact("pumps")
    assert visible(log) == [(1, b"2"), (3, b"4")]


def test_snapshots_survive_compaction(log: MemoryLog) -> None:
    outbox = MemoryOutbox(log, "app")
    for n in range(3):
        outbox.commit(Effects(snapshots=[Snapshot(PUMPS, b"s", n, b"%d" % n)]))
    log.compact("app.snapshots.pumps")
    assert [(s.next_offset, s.payload) for s in outbox.load(PUMPS)] == [(2, b"2")]


def test_what_is_no_longer_retained_is_refused(log: MemoryLog) -> None:
    for _ in range(5):
        log.append(PUMPS, b"x")
    log.delete_before(PUMPS, 3)
    source = MemorySource(log, "pumps")
    source.resume([PUMPS])
    source.seek(PUMPS, 2)
    with pytest.raises(Fatal, match="holds offsets from 3 to 5, not 2"):
        source.poll(10, timeout_ms=0)
    source.seek(PUMPS, 3)
    assert len(source.poll(10, timeout_ms=0)) == 2


def test_a_topic_keeps_its_number_of_partitions(log: MemoryLog) -> None:
    log.create_topic("pumps", partitions=1)
    with pytest.raises(Fatal, match="has 1 partitions, not 2"):
        log.create_topic("pumps", partitions=2)


@pytest.mark.parametrize("partition", [Partition("pumps", 1), Partition("none", 0)])
def test_a_missing_partition_is_refused(log: MemoryLog, partition: Partition) -> None:
    with pytest.raises(Fatal, match="no partition"):
        log.append(partition, b"")


def test_partitions_come_and_go_only_inside_a_poll() -> None:
    log = MemoryLog()
    log.create_topic("pumps", partitions=3)
    zero, one, two = log.partitions("pumps")
    for partition in (zero, one, two):
        log.append(partition, b"x")
    source = MemorySource(log, "pumps")
    source.reassign([one])
    assert source.rebalances()[0].assigned == (zero, one, two)
    source.resume([zero, one])
    source.poll(10, timeout_ms=0)
    assert [change.revoked for change in source.rebalances()] == [(zero, two)]
    with pytest.raises(KeyError):
        source.position(zero)
    source.reassign([zero, one])
    source.poll(10, timeout_ms=0)
    assert [change.assigned for change in source.rebalances()] == [(zero,)]
    assert source.poll(10, timeout_ms=0) == []  # what comes back is paused again
    source.resume([zero])
    assert [record.partition for record in source.poll(10, timeout_ms=0)] == [zero]
    assert source.partitions() == (zero, one, two)


def test_a_flaky_source_fails_when_told_and_loses_nothing(log: MemoryLog) -> None:
    for _ in range(3):
        log.append(PUMPS, b"x")
    source = FlakySource(MemorySource(log, "pumps"), failing_polls=[2])
    source.resume([PUMPS])
    assert len(source.poll(1, timeout_ms=0)) == 1
    with pytest.raises(Retriable):
        source.poll(1, timeout_ms=0)
    assert [record.offset for record in source.poll(10, timeout_ms=0)] == [1, 2]
