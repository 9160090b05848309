"""The operator's commands where records come from files."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from connectors import Effects, Partition
from streamlstm.bank.snapshot import unpack
from streamlstm.daemon.cli.main import main
from streamlstm.daemon.config.load import load_config
from streamlstm.daemon.wiring.worker import make_outbox
from tests.support.faults.processes import running
from tests.support.faults.receiver import receiving
from tests.support.outcomes.outcome import outcome
from tests.support.streams import journals


def said(command: str, *more: str, code: int = 0, **options: Any) -> Result:
    result = CliRunner().invoke(main, [*command.split(), *more], **options)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    assert result.exit_code == code, result.output
    return result


@pytest.fixture(scope="module", params=["sqlite", "jsonl"])
def done(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A configuration whose worker has read it all; tests leave its state as it is."""
    folder = tmp_path_factory.mktemp(request.param)
    journals.write_journal(folder, 1500)
    sections = journals.configured(folder, outbox=request.param, log={"level": "error"})
    path = str(journals.write_config(folder / "run", sections))
    with running("run", path) as worker:
        assert worker.wait(120) == 0
    before = outcome(load_config(path, {}))
    yield path
    assert outcome(load_config(path, {})) == before


def test_what_was_learnt_is_shown(done: str, tmp_path: Path) -> None:
    listed = json.loads(said("state list", done, "--json").stdout)
    snapshots = outcome(load_config(done, {})).snapshots
    assert {("pumps", x["partition"], x["key"].encode()): x["next_offset"] for x in listed} == {
        place: at for place, (at, _) in snapshots.items()
    }
    one = listed[0]
    where = (done, one["key"], "--partition", str(one["partition"]))
    (shown,) = json.loads(said("state show", *where, "--json").stdout)
    assert shown["events"] == one["events"] > 0
    assert one["key"] in said("state show", *where).output
    file = tmp_path / "x.safetensors"
    said("state export", done, one["key"], str(file), *where[2:])
    assert unpack(file.read_bytes())[0]["stream"] == one["key"]
    assert "state list" in said("state show", done, "nobody", code=2).output


def test_a_replay_says_what_was_alerted(done: str) -> None:
    """All of it, but for the alerts that people have ended."""
    alerts = [json.loads(alert) for alert in outcome(load_config(done, {})).alerts]
    wanted = [a for a in alerts if a.get("reason", "resolved") == "resolved"]
    assert len(alerts) > len(wanted) > 4
    told = said("replay", done)
    found = [json.loads(line) for line in told.stdout.splitlines()]
    assert sorted(found, key=str) == sorted(wanted, key=str)
    assert "pumps/1: untrained models from offset 0" in told.stderr
    part = said("replay", done, "--from", "200", "--to", "700", "--partition", "0")
    assert "500 records" in part.stderr
    assert all(200 <= json.loads(line)["offset"] < 700 for line in part.stdout.splitlines())
    assert "no time" in said("replay", done, "--from", "2026-01-01T00:00:00Z", code=2).output
    assert "neither an offset" in said("replay", done, "--from", "noon", code=2).output


def test_dead_letters_are_listed(done: str) -> None:
    dead_letters = outcome(load_config(done, {})).dead_letters
    lines = said("dead-letters list", done, "--json", "--limit", "999").stdout.splitlines()
    found = [json.loads(line) for line in lines]
    assert [x["record"]["offset"] for x in found] == [offset for _, _, offset, *_ in dead_letters]
    count = sum(code == "not_json" for _, _, _, code, *_ in dead_letters)
    assert f"{count} not_json" in said("dead-letters list", done, "--code", "not_json").output


def test_alerts_are_posted(done: str) -> None:
    wanted = [json.loads(alert)["id"] for alert in outcome(load_config(done, {})).alerts]
    with receiving() as receiver:
        receiver.answers = [503]
        with running("relay", "webhook", done, receiver.url) as relay:
            receiver.before_answer = lambda: (
                relay.terminate() if len(receiver.seen) > len(wanted) else None
            )
            assert relay.wait(60) == 0
    assert receiver.keys == wanted[:1] + wanted


@pytest.mark.parametrize("kind", ["sqlite", "jsonl"])
def test_looking_shuts_no_worker_out(tmp_path: Path, kind: str) -> None:
    journals.write_journal(tmp_path, 30)
    sections = journals.configured(tmp_path, outbox=kind)
    path = str(journals.write_config(tmp_path / "run", sections))
    for command in ("state list", "dead-letters list"):
        assert "run a worker first" in said(command, path, code=3).output
    assert not (tmp_path / "run" / "alerts").exists()
    outbox = make_outbox(load_config(path, {}))
    try:
        said("state list", path)
        said("dead-letters list", path)
        said("replay", path)
        outbox.commit(Effects())
        assert outbox.committed(Partition("pumps", 0)) is None
    finally:
        outbox.close()


def test_one_stream_begins_anew(tmp_path: Path) -> None:
    journals.write_journal(tmp_path, 300)
    (tmp_path / "commands.jsonl").unlink()
    sections = journals.configured(tmp_path, log={"level": "error"})
    path = str(journals.write_config(tmp_path / "run", sections))
    with running("run", path) as worker:
        assert worker.wait(120) == 0
    before = outcome(load_config(path, {}))
    assert "reset: 2 streams" in said("state reset", path, "--stream", "pump-1", "--yes").output
    after = outcome(load_config(path, {}))
    assert after.positions == before.positions
    changed = {key for key, held in before.snapshots.items() if after.snapshots[key] != held}
    assert changed == {("pumps", 0, b"pump-1"), ("pumps", 1, b"pump-1")}
    told = said("state reset", path, "--stream", "nobody", "--yes", code=2).output
    assert "no snapshot of 'nobody'" in told
    with (tmp_path / "first.jsonl").open("ab") as more:
        more.write(b'{"pump": "pump-1", "time": 1, "flow": 2}\n')
    with running("run", path) as worker:
        assert worker.wait(120) == 0
    shown = said("state show", path, "pump-1", "--partition", "0", "--json").stdout
    assert json.loads(shown)[0]["events"] == 1
