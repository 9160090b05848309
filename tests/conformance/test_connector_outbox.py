"""One contract for every outbox, its snapshot store and its relay."""

import json
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors import (
    Alert,
    AppliedCommand,
    DeadLetter,
    Effects,
    Fatal,
    Partition,
    Position,
    Record,
    Retriable,
    Snapshot,
)
from connectors.effects import Step, no_crash
from tests.support.faults.crashes import Crash, exit_signal, fail_at, kill_at
from tests.support.outcomes.outbox_places import (
    Boxed,
    JsonlPlace,
    MemoryPlace,
    Place,
    Seen,
    SqlitePlace,
)

PUMPS = Partition("pumps", 0)
VALVES = Partition("pumps", 1)
Make = Callable[[Path], Place]
KINDS = (MemoryPlace, SqlitePlace, JsonlPlace)


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    made: Place = request.param(tmp_path)
    return made


def loaded(outbox: Boxed, partition: Partition = PUMPS) -> dict[bytes, Snapshot]:
    """Read the snapshots: of several of a stream the last one counts, also if a tombstone."""
    last = {s.stream_key: s for s in outbox.load(partition) if s is not None}
    return {key: snapshot for key, snapshot in last.items() if snapshot.payload is not None}


def applied(outbox: Boxed, partition: Partition = PUMPS, since: int = 0) -> list[AppliedCommand]:
    return [c for c in outbox.applied_commands(partition, since) if c is not None]


def batch(first: int, partition: Partition = PUMPS, payload: bytes | None = b"\x00\xff") -> Effects:
    """Ten records: an alert, a letter, two snapshots and a control."""
    alert_id = f"app/pumps/{partition.index}/{first}/score"
    bad = Record(partition, first + 1, None, b"\xff\x00\n", None, (("h", b"\xfe"),))
    return Effects(
        alerts=[Alert(partition, alert_id.encode(), json.dumps({"id": alert_id}).encode())],
        dead_letters=[DeadLetter(bad, "not_json", "ends early: \u00e9")],
        snapshots=[
            Snapshot(partition, b"stream-\xff", first + 5, b"early"),
            Snapshot(partition, b"stream-\xff", first + 10, payload),
            Snapshot(partition, str(first).encode(), first + 10, b"one"),
        ],
        commands=[AppliedCommand(partition, first + 10, b'{"verb":"mute"}')],
        positions={partition: Position(first + 10, f"replay from {first} \u00e9")},
    )


def everything(outbox: Boxed, place: Place) -> tuple[object, ...]:
    """All that can be read back, as one value to compare."""
    partitions = (PUMPS, VALVES)
    snapshots = [s for p in partitions for s in loaded(outbox, p).values()]
    return (
        place.seen(),
        [outbox.committed(p) for p in partitions],
        sorted((s.partition, s.stream_key, s.next_offset, s.payload) for s in snapshots),
        [command for p in partitions for command in applied(outbox, p)],
    )


def test_all_of_a_batch_is_there_after_its_commit(place: Place) -> None:
    outbox = place.open()
    assert everything(outbox, place) == (Seen([], []), [None, None], [], [])
    outbox.commit(batch(0))
    expected = (
        Seen([b'{"id": "app/pumps/0/0/score"}'], [("not_json", b"\xff\x00\n")]),
        [Position(10, "replay from 0 \u00e9"), None],
        [(PUMPS, b"0", 10, b"one"), (PUMPS, b"stream-\xff", 10, b"\x00\xff")],
        [AppliedCommand(PUMPS, 10, b'{"verb":"mute"}')],
    )
    assert everything(outbox, place) == expected
    outbox.close()
    outbox.close()  # closing twice is closing once
    again = place.open()
    assert everything(again, place) == expected
    again.close()


@pytest.mark.parametrize("error", [Crash(), Retriable("no", "wait")], ids=["crash", "error"])
@pytest.mark.parametrize("step", Step)
def test_a_crash_leaves_all_or_nothing(place: Place, step: Step, error: BaseException) -> None:
    outbox = place.open(fail_at(step, error, commit=2))
    outbox.commit(batch(0))
    before = everything(outbox, place)
    with pytest.raises(type(error)):
        outbox.commit(batch(10))
    with pytest.raises(Fatal, match="earlier commit failed"):
        outbox.commit(Effects())
    outbox.close()

    outbox = place.open()
    if step < Step.COMMIT:
        assert everything(outbox, place) == before
        outbox.commit(batch(10))
    after = everything(outbox, place)
    outbox.close()
    assert after[0] == Seen(
        [b'{"id": "app/pumps/0/0/score"}', b'{"id": "app/pumps/0/10/score"}'],
        [("not_json", b"\xff\x00\n")] * 2,
    )
    assert after[1] == [Position(20, "replay from 10 \u00e9"), None]


@pytest.mark.parametrize("make_place", [SqlitePlace, JsonlPlace])
@pytest.mark.parametrize("step", Step)
def test_a_killed_process_leaves_all_or_nothing(
    make_place: Make, step: Step, tmp_path: Path
) -> None:
    check_killed(make_place(tmp_path), step)


def check_killed(place: Place, step: Step) -> None:
    def commit_thrice() -> None:
        outbox = place.open(kill_at(step, commit=2))
        for first in (0, 10, 20):
            outbox.commit(batch(first))

    assert exit_signal(commit_thrice) == signal.SIGKILL
    outbox = place.open()
    commits = 1 if step < Step.COMMIT else 2
    assert len(place.seen().alerts) == len(place.seen().dead_letters) == commits
    assert outbox.committed(PUMPS) == Position(
        10 * commits, f"replay from {10 * commits - 10} \u00e9"
    )
    assert {s.next_offset for s in loaded(outbox).values()} == {10, 10 * commits}
    assert len(applied(outbox)) == commits
    outbox.close()


def test_a_tombstone_forgets_the_stream(place: Place) -> None:
    outbox = place.open()
    outbox.commit(batch(0))
    outbox.commit(batch(10, payload=None))
    assert set(loaded(outbox)) == {b"0", b"10"}
    outbox.commit(batch(20))
    assert set(loaded(outbox)) == {b"0", b"10", b"20", b"stream-\xff"}
    outbox.close()


def test_partitions_keep_apart(place: Place) -> None:
    outbox = place.open()
    outbox.commit(batch(0))
    outbox.commit(batch(500, VALVES))
    assert outbox.committed(PUMPS) == Position(10, "replay from 0 \u00e9")
    assert {s.next_offset for s in loaded(outbox).values()} == {10}
    assert {s.next_offset for s in loaded(outbox, VALVES).values()} == {510}
    assert [c.effective_offset for c in applied(outbox, VALVES)] == [510]
    outbox.close()


def test_commands_come_back_from_an_offset_on(place: Place) -> None:
    outbox = place.open()
    for first in (0, 10, 20):
        outbox.commit(batch(first))
    assert [c.effective_offset for c in applied(outbox, PUMPS, 20)] == [20, 30]
    outbox.close()


def test_an_empty_batch_changes_nothing(place: Place) -> None:
    outbox = place.open()
    outbox.commit(batch(0))
    before = everything(outbox, place)
    outbox.commit(Effects())
    assert everything(outbox, place) == before
    outbox.close()


def test_a_letter_keeps_record_without_key_or_value(place: Place) -> None:
    outbox = place.open()
    outbox.commit(Effects(dead_letters=[DeadLetter(Record(PUMPS, 0), "null", "no value")]))
    assert place.seen().dead_letters == [("null", None)]
    outbox.close()


def test_there_is_one_writer_at_most(place: Place) -> None:
    first = place.open()
    first.commit(batch(0))
    try:
        second = place.open()
    except Fatal:
        first.commit(batch(10))  # the one that holds the place goes on
        first.close()
        return
    kind, words = place.shut_out
    with pytest.raises(kind, match=words):
        first.commit(batch(10))
    second.commit(batch(10))
    assert len(place.seen().alerts) == 2
    first.close()
    second.close()


@pytest.mark.parametrize("make_place", KINDS)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(crashes=st.lists(st.none() | st.sampled_from(Step), min_size=1, max_size=6))
def test_any_run_of_crashes_ends_like_the_run_without(
    make_place: Make, crashes: list[Step | None], tmp_path_factory: pytest.TempPathFactory
) -> None:
    smooth, rough = (make_place(tmp_path_factory.mktemp("place")) for _ in range(2))
    check_crashes(smooth, rough, crashes)


def check_crashes(smooth: Place, rough: Place, crashes: list[Step | None]) -> None:
    batches = [batch(10 * n, payload=None if n % 3 == 2 else b"n") for n in range(len(crashes))]
    outbox = smooth.open()
    for effects in batches:
        outbox.commit(effects)
    expected = everything(outbox, smooth)
    outbox.close()

    for effects, step in zip(batches, crashes, strict=True):
        outbox = rough.open(fail_at(step) if step else no_crash)
        try:
            outbox.commit(effects)
        except Crash:
            outbox.close()
            outbox = rough.open()
            if outbox.committed(PUMPS) != effects.positions[PUMPS]:
                outbox.commit(effects)
        outbox.close()
    outbox = rough.open()
    assert everything(outbox, rough) == expected
    outbox.close()
