"""Hostile lines through the real daemon: each is a dead letter, and the account is exact."""

import gzip
import json
from pathlib import Path

import pytest

from streamlstm.daemon.config.load import load_config
from tests.support.faults.processes import Ended, command
from tests.support.outcomes.lives import live
from tests.support.outcomes.outcome import differences, outcome
from tests.support.streams import hostile, journals

HEAD_BYTES = 4096  # kept of a line that is too long


def told(ended: Ended, event: str) -> dict[str, int]:
    """Read a line of the log; every line of it is JSON."""
    lines = [json.loads(line) for line in ended.err.splitlines()]
    (found,) = [line for line in lines if line["event"] == event]
    return found


@pytest.mark.parametrize(("form", "kind"), [("jsonl", "sqlite"), ("csv", "jsonl")])
def test_every_record_is_accounted_for(tmp_path: Path, form: str, kind: str) -> None:
    lines = list(hostile.json_lines() if form == "jsonl" else hostile.csv_rows())
    assert len(lines) >= 175  # in both forms together more than 300
    content, good, blank = hostile.file_of(lines, form)
    (tmp_path / f"records.{form}").write_bytes(content)
    source = {
        "kind": form,
        "path": str(tmp_path / f"records.{form}"),
        "line_bytes_max": hostile.LINE_BYTES_MAX,
    }
    sections = journals.configured(tmp_path, outbox=kind, source=source)
    path = str(journals.write_config(tmp_path / "run", sections))

    ended = command("run", path)

    assert ended.code == 0, ended.err
    account = told(ended, "ended")
    assert account["records"] == len(lines) + good + blank
    assert account["learnt"] == good
    assert account["dead_letters"] == len(lines)
    assert account["ignored"] == blank
    dead_letters = outcome(load_config(path, {})).dead_letters
    limit = hostile.LINE_BYTES_MAX
    kept = [line if len(line) <= limit else line[:HEAD_BYTES] for line in lines]
    assert [value for *_, value in dead_letters] == kept
    offsets = [offset for _, _, offset, *_ in dead_letters]
    assert offsets == sorted(set(offsets))
    assert all(reason for *_, reason, _ in dead_letters)


def test_a_truncated_gzip_file_is_refused_and_a_whole_one_goes_on(tmp_path: Path) -> None:
    journals.write_journal(tmp_path, 1500)
    packed = gzip.compress((tmp_path / "first.jsonl").read_bytes(), mtime=0)
    torn = tmp_path / "torn.jsonl.gz"
    smooth = journals.config(tmp_path, tmp_path / "smooth", source={"path": str(torn)})
    again = journals.config(tmp_path, tmp_path / "again", source={"path": str(torn)})
    torn.write_bytes(packed)
    live(smooth)

    torn.write_bytes(packed[: len(packed) // 2])
    ended = command("run", str(tmp_path / "again" / "config.yaml"))
    assert ended.code == 3
    assert "damaged after" in ended.err
    assert "replace it by an intact copy" in ended.err
    assert "Traceback" not in ended.err

    torn.write_bytes(packed)
    live(again)
    assert not differences(outcome(smooth), outcome(again))
