"""JSON lines: the manifest decides what counts."""

import json
import os
import tempfile
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
    JsonlOutbox,
    JsonlRelay,
    Partition,
    Position,
    Record,
    Snapshot,
)
from connectors.effects import Step
from tests.support.faults.crashes import Crash, fail_at, full_disk, unprivileged

PUMPS = Partition("pumps", 0)
FILES = ("alerts.jsonl", "dead_letters.jsonl", "controls.jsonl")


def batch(number: int) -> Effects:
    return Effects(
        [Alert(PUMPS, b"a/%d" % number, b'{"id":"a/%d"}' % number)],
        [DeadLetter(Record(PUMPS, number, value=b"\xff"), "not_json", "why")],
        [Snapshot(PUMPS, b"s%d" % (number % 3), number, bytes(100))],
        [AppliedCommand(PUMPS, number, b"{}")],
        {PUMPS: Position(number + 1)},
    )


def opened(folder: Path, **options: object) -> JsonlOutbox:
    return JsonlOutbox(str(folder), durable=False, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("durable", [True, False])
@pytest.mark.parametrize("step", Step)
def test_a_run_that_crashed_leaves_the_same_bytes(
    tmp_path: Path, step: Step, durable: bool
) -> None:
    smooth = JsonlOutbox(str(tmp_path / "smooth"), durable=durable)
    for number in range(5):
        smooth.commit(batch(number))
    smooth.close()
    number = 0
    while number < 5:
        rough = JsonlOutbox(str(tmp_path / "rough"), durable=durable, crash_point=fail_at(step))
        with pytest.raises(Crash):
            rough.commit(batch(number))
        rough.close()
        rough = JsonlOutbox(str(tmp_path / "rough"), durable=durable)
        position = rough.committed(PUMPS)
        number = position.next_offset if position else 0
        if number < 5 and step < Step.COMMIT:
            rough.commit(batch(number))
            number += 1
        rough.close()
    assert sorted(os.listdir(tmp_path / "smooth")) == [
        *sorted([*FILES, "lock", "manifest.json"]),
        "snapshots-0.jsonl",
    ]
    for name in (*FILES, "manifest.json", "snapshots-0.jsonl"):
        assert (tmp_path / "rough" / name).read_bytes() == (tmp_path / "smooth" / name).read_bytes()


def test_the_disk_has_every_byte_before_the_manifest_counts_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keep account of what a power cut would leave: a file's size when it was last synced."""
    synced: dict[str, int] = {}
    sync = os.fsync

    def account(descriptor: int) -> None:
        name = Path(f"/proc/self/fd/{descriptor}").readlink().name
        synced[name] = os.fstat(descriptor).st_size
        sync(descriptor)

    checked = [0]

    def check(step: Step) -> None:
        if step is Step.COMMIT:
            assert synced.pop(tmp_path.name)  # the folder, that is: the renaming
        if step is Step.POSITIONS:
            found = json.loads((tmp_path / "manifest.json.new").read_bytes())
            assert synced["manifest.json.new"] == (tmp_path / "manifest.json.new").stat().st_size
            for name in FILES:
                assert synced[name] == found[name.replace(".jsonl", "_bytes")] > 0
            if found["snapshots_number"] > checked[-1]:
                assert synced[tmp_path.name]  # the new file itself
            snapshots = f"snapshots-{found['snapshots_number']}.jsonl"
            assert synced[snapshots] == found["snapshots_bytes"] > 0
            checked.append(found["snapshots_number"])

    monkeypatch.setattr(os, "fsync", account)
    outbox = JsonlOutbox(str(tmp_path), crash_point=check, snapshot_garbage_bytes_max=300)
    for number in range(20):
        outbox.commit(batch(number))
    outbox.close()
    assert checked[-1] > 0  # and so the moves to a new file were among them


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(tails=st.tuples(*[st.binary(max_size=40)] * len(FILES)))
def test_whatever_lies_behind_what_counts_is_cut_off(
    tails: tuple[bytes, ...], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("torn")
    outbox = opened(folder)
    outbox.commit(batch(0))
    outbox.close()
    before = [(folder / name).read_bytes() for name in FILES]
    for name, tail in zip(FILES, tails, strict=True):
        with (folder / name).open("ab") as file:
            file.write(tail)
    relay = JsonlRelay(str(folder), "webhook")
    assert len(relay.poll(10, timeout_ms=0)) == 1  # it never looks behind what counts
    opened(folder).close()
    assert [(folder / name).read_bytes() for name in FILES] == before


def test_snapshots_do_not_grow_for_ever(tmp_path: Path) -> None:
    outbox = opened(tmp_path, snapshot_garbage_bytes_max=1000)
    sizes = []
    for number in range(60):
        outbox.commit(batch(number))
        found = list(tmp_path.glob("snapshots-*.jsonl"))
        assert len(found) == 1
        sizes.append(found[0].stat().st_size)
    assert max(sizes) < 3000
    assert found[0].name != "snapshots-0.jsonl"
    assert {s.next_offset for s in outbox.load(PUMPS)} == {57, 58, 59}
    outbox.close()


@pytest.mark.parametrize("step", Step)
def test_a_crash_while_snapshots_move_loses_none(tmp_path: Path, step: Step) -> None:
    outbox = opened(tmp_path, snapshot_garbage_bytes_max=1_000_000)
    for number in range(20):
        outbox.commit(batch(number))
    outbox.close()
    outbox = opened(tmp_path, snapshot_garbage_bytes_max=1, crash_point=fail_at(step))
    with pytest.raises(Crash):
        outbox.commit(batch(20))
    outbox.close()
    outbox = opened(tmp_path, snapshot_garbage_bytes_max=1)
    last = {18, 19, 20} if step is Step.COMMIT else {17, 18, 19}
    assert {s.next_offset for s in outbox.load(PUMPS)} == last
    assert len(list(tmp_path.glob("snapshots-*.jsonl"))) == 1
    outbox.close()


def test_files_of_someone_else_are_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "alerts.jsonl").write_bytes(b"precious\n")
    with pytest.raises(Fatal, match="choose an empty folder"):
        opened(tmp_path)
    assert (tmp_path / "alerts.jsonl").read_bytes() == b"precious\n"


def test_a_file_that_lost_committed_bytes_is_refused(tmp_path: Path) -> None:
    outbox = opened(tmp_path)
    outbox.commit(batch(0))
    outbox.close()
    os.truncate(tmp_path / "alerts.jsonl", 5)
    with pytest.raises(Fatal, match="has 5 bytes, and 13 were committed"):
        opened(tmp_path)


@pytest.mark.parametrize(
    ("manifest", "message"), [(b'{"versi', "damaged"), (b'{"version":99}', "has format 99")]
)
def test_a_manifest_we_cannot_read_is_refused(
    tmp_path: Path, manifest: bytes, message: str
) -> None:
    (tmp_path / "manifest.json").write_bytes(manifest)
    with pytest.raises(Fatal, match=message):
        opened(tmp_path)


def test_a_full_disk_stops_and_loses_nothing(tmp_path: Path) -> None:
    outbox = opened(tmp_path)
    outbox.commit(batch(0))
    big = Effects(snapshots=[Snapshot(PUMPS, b"s", 2, bytes(9000))], positions={PUMPS: Position(9)})
    with full_disk(5000), pytest.raises(Fatal, match="free some space"):
        outbox.commit(big)
    outbox.close()
    again = opened(tmp_path)
    assert again.committed(PUMPS) == Position(1)
    again.commit(big)
    assert again.committed(PUMPS) == Position(9)
    again.close()


def test_a_folder_we_may_not_write_is_refused() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o555)
        for path in (folder, f"{folder}/new"):
            with unprivileged(), pytest.raises(Fatal, match="right to read and write"):
                JsonlOutbox(path)


def test_an_alert_of_two_lines_is_a_mistake(tmp_path: Path) -> None:
    outbox = opened(tmp_path)
    with pytest.raises(ValueError, match="one line"):
        outbox.commit(Effects([Alert(PUMPS, b"a", b'{\n"id":"a"}')]))
    outbox.close()
