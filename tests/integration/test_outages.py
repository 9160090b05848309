"""Disks that are full, read-only folders, a wish to stop: a clean end, and no trace later."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from streamlstm.daemon.config.load import load_config
from streamlstm.daemon.config.model import Config
from tests.support.faults.processes import Ended, command, committed, running, until
from tests.support.outcomes.lives import live
from tests.support.outcomes.outcome import Outcome, differences, outcome
from tests.support.streams import journals

RECORDS = 6000
STOP_S_MAX = 10


@pytest.fixture(scope="module")
def journal() -> Iterator[Path]:
    """Make a journal that any user may read; pytest's own folders are closed to others."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        journals.write_journal(Path(folder), RECORDS)
        yield Path(folder)


@pytest.fixture(scope="module")
def smooth(journal: Path) -> Outcome:
    _, config = place(journal, "smooth")
    live(config)
    return outcome(config)


def place(journal: Path, name: str, **changed: Any) -> tuple[str, Config]:
    path = str(journals.write_config(journal / name, journals.configured(journal, **changed)))
    return path, load_config(path, {})


def refused(ended: Ended, what: str) -> None:
    assert (ended.code, "Traceback" in ended.err) == (3, False), ended
    message = ended.err.splitlines()[-1]
    assert what in message
    assert "remedy: " in message


def same(smooth: Outcome, config: Config) -> None:
    assert not differences(smooth._replace(files={}), outcome(config)._replace(files={}))


@pytest.mark.parametrize("kind", ["sqlite", "jsonl"])
def test_a_full_disk(journal: Path, smooth: Outcome, kind: str) -> None:
    path, config = place(journal, f"full-{kind}", outbox=kind)
    ended = command("run", path, faults="file_bytes_max=600000")
    refused(ended, "start again: nothing committed is lost")
    at = committed(Path(config.outbox.path))
    assert 0 < at.records < RECORDS
    assert at.snapshots
    live(config)
    same(smooth, config)


def test_a_disk_full_of_streams_that_lie_still(journal: Path, smooth: Outcome) -> None:
    """The local store is only a cache, but without room for it the worker cannot go on."""
    changed = {"model": {"window": 128}, "state": {"memory_max_mib": 1, "snapshot_every": 10**6}}
    path, config = place(journal, "full-cold", **changed)
    ended = command("run", path, faults="file_bytes_max=200000")
    refused(ended, "cold-pumps-0.sqlite")
    _, roomy = place(journal, "full-cold-smooth", model={"window": 128})
    live(roomy)
    live(config)
    same(outcome(roomy), config)


@pytest.mark.parametrize(
    ("section", "name"),
    [
        ({"outbox": "sqlite"}, "alerts.sqlite"),
        ({"outbox": "jsonl"}, "alerts"),
        ({"state": {"path": "cold"}}, "cold"),
    ],
    ids=["sqlite", "jsonl", "state"],
)
def test_a_read_only_folder(
    journal: Path, smooth: Outcome, section: dict[str, Any], name: str
) -> None:
    folder = f"closed-{name}"
    path, config = place(journal, folder, **section)
    if name == "cold":  # the outbox may be written, the store of cold streams may not
        path, config = place(journal, folder, **section, outbox="jsonl")
        (journal / folder / "alerts").mkdir()
        os.chmod(journal / folder / "alerts", 0o777)
    os.chmod(journal / folder, 0o555)
    refused(command("run", path, faults="nobody=1"), name)
    os.chmod(journal / folder, 0o755)
    live(config)
    same(smooth, config)


def test_a_file_nobody_may_read(journal: Path) -> None:
    source = journal / "secret.jsonl"
    source.write_text("{}")
    os.chmod(source, 0o200)
    path, _ = place(journal, "secret", source={"path": str(source)})
    os.chmod(journal / "secret", 0o777)
    refused(command("run", path, faults="nobody=1"), "secret.jsonl")


def test_asked_to_stop(journal: Path, smooth: Outcome) -> None:
    path, config = place(journal, "stopped", batch={"records_max": 10})
    with running("run", path) as worker:
        assert until(worker, Path(config.outbox.path), RECORDS // 4)
        worker.terminate()
        assert worker.wait(STOP_S_MAX) == 0
    assert committed(Path(config.outbox.path)).records < RECORDS
    live(config)
    same(smooth, config)


def test_asked_to_stop_while_it_waits_for_input(journal: Path) -> None:
    path, config = place(journal, "waiting", source={"path": "-"}, batch={"poll_timeout_ms": 50})
    content = (journal / "first.jsonl").read_bytes()
    with running("run", path, stdin=subprocess.PIPE) as worker:
        assert worker.stdin is not None
        worker.stdin.write(content)
        worker.stdin.flush()
        assert until(worker, Path(config.outbox.path), RECORDS // 2)
        worker.send_signal(signal.SIGINT)
        assert worker.wait(STOP_S_MAX) == 0  # its input is open still

    with (journal / "first.jsonl").open("rb") as again:
        assert command("run", path, stdin=again).code == 0
    _, whole = place(journal, "whole", source={"path": str(journal / "first.jsonl")})
    live(whole)
    same(outcome(whole), config)


def test_two_workers_on_one_outbox(journal: Path) -> None:
    changed = {"source": {"path": "-"}, "batch": {"poll_timeout_ms": 50}}
    path, config = place(journal, "twice", outbox="jsonl", **changed)
    with running("run", path, stdin=subprocess.PIPE) as first:
        while not (Path(config.outbox.path) / "manifest.json").exists():
            assert first.poll() is None
        refused(command("run", path, stdin=subprocess.DEVNULL), "in use by another process")
