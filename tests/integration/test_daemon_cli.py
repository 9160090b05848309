"""The command line: how each command ends, and what it says."""

import json
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from streamlstm.daemon.cli.main import main
from streamlstm.daemon.config.load import load_config
from streamlstm.stages.commands import VERBS as COMMAND_VERBS
from tests.support.outcomes.outcome import outcome
from tests.support.streams import journals


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    """Put back the signal handlers that `run` takes."""
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    journals.write_journal(tmp_path, 300)
    return tmp_path


def place(journal: Path, **changed: Any) -> str:
    sections = journals.configured(journal, log={"level": "error"}, **changed)
    return str(journals.write_config(journal / "run", sections))


def said(*arguments: str, **more: Any) -> Result:
    result = CliRunner().invoke(main, arguments, **more)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    return result


def commands(group: click.Group, *path: str) -> Iterator[tuple[str, ...]]:
    yield path
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, *path, name)
        else:
            yield (*path, name)


@pytest.mark.parametrize("path", list(commands(main)), ids=" ".join)
def test_every_command_shows_an_example(path: tuple[str, ...]) -> None:
    for flag in ("--help", "-h"):
        result = said(*path, flag)
        assert result.exit_code == 0
        assert f"Example: streamlstm {' '.join(path)}".rstrip() in result.output


def test_the_help_of_command_lists_each_verb_on_a_line_of_its_own() -> None:
    lines = [line.split() for line in said("command", "--help").output.splitlines()]
    first = [words[0] for words in lines if words]
    assert [word for word in first if word in COMMAND_VERBS] == list(COMMAND_VERBS)


def test_the_help_lists_the_exit_codes() -> None:
    assert "4 committed state does not match the" in " ".join(said("--help").output.split())


@pytest.mark.parametrize("verb", ["run", "check", "command", "state reset"])
def test_a_wrong_configuration(journal: Path, verb: str) -> None:
    more = ["mute", "pump-1", "--events", "3"] if verb == "command" else []
    more += ["--yes"] if verb == "state reset" else []
    path = place(journal, surplus={"key": 1})
    result = said(*verb.split(), path, *more)
    assert result.exit_code == 2
    assert f"{path}:" in result.stderr
    assert "surplus" in result.stderr
    assert sorted(x.name for x in (journal / "run").iterdir()) == ["config.yaml"]


@pytest.mark.parametrize("verb", ["run", "check", "state reset"])
def test_a_missing_file(journal: Path, verb: str) -> None:
    path = place(journal, source={"path": "nowhere.jsonl"})
    more = ["--yes"] if verb == "state reset" else []
    result = said(*verb.split(), path, *more)
    assert result.exit_code == 3
    assert "nowhere.jsonl" in result.stderr
    assert "remedy: check the path" in result.stderr


def test_a_missing_configuration() -> None:
    result = said("run", "nowhere.yaml")
    assert result.exit_code == 2
    assert "nowhere.yaml" in result.stderr


def test_columns_that_do_not_fit(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("pump,time,flow\n1,2,3\n")
    sections = journals.configured(tmp_path, source={"kind": "csv", "path": "../a.csv"})
    result = said("run", str(journals.write_config(tmp_path / "run", sections)))
    assert result.exit_code == 2
    assert "'load'" in result.stderr


def test_check_changes_nothing(journal: Path) -> None:
    path = place(journal)
    result = said("check", path)
    assert result.exit_code == 0
    assert "valid; memory for " in result.output
    assert [x.name for x in (journal / "run").iterdir()] == ["config.yaml"]


@pytest.mark.parametrize("kind", ["sqlite", "jsonl"])
@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"model": {"hidden_size": 5}}, "hidden was 4, is 5"),
        ({"model": {"seed": 9}}, "seed was 0, is 9"),
        ({"schema": {"target": "level"}}, "targets was ['flow'], is ['level']"),
        ({"schema": {"features": []}}, "features"),
        ({"alerts": {"cooldown": 7}}, "cooldown was 6, is 7"),
    ],
    ids=["hidden_size", "seed", "target", "features", "cooldown"],
)
def test_a_model_of_another_shape(
    journal: Path, kind: str, changed: dict[str, Any], named: str
) -> None:
    path = place(journal, outbox=kind)
    assert said("run", path).exit_code == 0
    before = outcome(load_config(path, {}))
    result = said("run", place(journal, outbox=kind, **changed))
    assert result.exit_code == 4
    assert named in result.stderr
    assert "streamlstm state reset" in result.stderr
    assert outcome(load_config(path, {})) == before


@pytest.mark.parametrize("changed", [{"features": []}, {"features": ["heat"]}], ids=str)
def test_other_features_are_refused_before_anything_is_learnt(
    journal: Path, changed: dict[str, Any]
) -> None:
    """Also if the next record is of a stream that has no snapshot yet."""
    (journal / "commands.jsonl").unlink()
    path = place(journal)
    assert said("run", path).exit_code == 0
    before = outcome(load_config(path, {}))
    with (journal / "first.jsonl").open("ab") as more:
        more.write(b'{"pump": "pump-new", "time": 1, "flow": 2}\n')
    result = said("run", place(journal, schema=changed))
    assert result.exit_code == 4
    assert "features" in result.stderr
    assert outcome(load_config(path, {})) == before


def test_reset_forgets_all_models_and_the_worker_goes_on(journal: Path) -> None:
    path = place(journal)
    assert said("run", path).exit_code == 0
    before = outcome(load_config(path, {}))
    changed = place(journal, model={"hidden_size": 5})
    assert said("state", "reset", changed, input="n\n").exit_code == 1
    assert outcome(load_config(path, {})) == before
    result = said("state", "reset", changed, "--yes")
    assert result.exit_code == 0
    assert f"reset: {len(before.snapshots)} streams" in result.output
    after = outcome(load_config(path, {}))
    assert (after.alerts, after.snapshots) == (before.alerts, {})
    assert [at for at, _ in after.positions.values()] == [at for at, _ in before.positions.values()]
    with (journal / "first.jsonl").open("ab") as more:
        more.write(b'{"pump": "pump-1", "time": 1, "flow": 2}\n')
    assert said("run", changed).exit_code == 0
    assert len(outcome(load_config(path, {})).snapshots) == 1


def test_nothing_can_be_reset_where_nothing_is_kept(journal: Path) -> None:
    sections = journals.configured(journal) | {"outbox": {"kind": "stdout"}}
    path = str(journals.write_config(journal / "run", sections))
    result = said("state", "reset", path, "--yes")
    assert (result.exit_code, result.output) == (0, "reset: 0 streams\n")


def test_a_damaged_snapshot_stops_the_worker(journal: Path) -> None:
    path = place(journal)
    assert said("run", path).exit_code == 0
    database = sqlite3.connect(journal / "run" / "alerts.sqlite")
    change = "UPDATE snapshot SET payload = substr(payload, 1, 900) WHERE stream_key = ?"
    database.execute(change, (b"pump-1",))
    database.commit()
    database.close()
    with (journal / "first.jsonl").open("ab") as more:
        more.write(b'{"pump": "pump-1", "time": 1, "flow": 2}\n')
    result = said("run", path)
    assert result.exit_code == 4
    assert "pump-1" in result.stderr
    assert "state reset" in result.stderr


VERBS = [
    (("mute", "pump-1", "--events", "24"), {"verb": "mute", "events": 24, "stream": "pump-1"}),
    (("acknowledge", "pump-1"), {"verb": "acknowledge", "stream": "pump-1"}),
    (
        ("reset", "pump-1", "--at-offset", "7", "--partition", "1"),
        {"verb": "reset", "stream": "pump-1", "partition": 1, "at_offset": 7},
    ),
]


@pytest.mark.parametrize(("words", "line"), VERBS, ids=["mute", "acknowledge", "reset"])
def test_a_control_is_appended(journal: Path, words: tuple[str, ...], line: dict[str, Any]) -> None:
    lines = (journal / "commands.jsonl").read_bytes()
    assert said("command", place(journal), *words).exit_code == 0
    more = (journal / "commands.jsonl").read_bytes().removeprefix(lines)
    assert json.loads(more) == line
    assert more.endswith(b"\n")


@pytest.mark.parametrize(
    "words",
    [
        ("mute", "pump-1"),
        ("mute", "pump-1", "--events", "0"),
        ("mute", "pump-1", "--events", "many"),
        ("forget", "pump-1", "--events", "3"),
        ("forget", ""),
        ("forget", "pump-1", "--partition", "-1"),
        ("cherish", "pump-1"),
        ("forget",),
    ],
    ids=" ".join,
)
def test_a_control_nobody_can_obey_is_refused(journal: Path, words: tuple[str, ...]) -> None:
    before = (journal / "commands.jsonl").read_bytes()
    result = said("command", place(journal), *words)
    assert result.exit_code == 2
    assert result.stderr
    assert (journal / "commands.jsonl").read_bytes() == before


def test_a_control_that_nobody_would_read_is_refused(journal: Path) -> None:
    sections = journals.configured(journal)
    del sections["commands"]
    path = str(journals.write_config(journal / "run", sections))
    result = said("command", path, "forget", "pump-1")
    assert result.exit_code == 2
    assert "the configuration has no section commands" in result.stderr
