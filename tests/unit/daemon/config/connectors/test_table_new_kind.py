"""A new kind of source takes one module and one line of the table; the daemon then runs it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[5]
TABLE = "streamlstm/daemon/config/connectors/table.py"
IMPORT = "from tests.support.connectors.fixed_width import FixedWidthSource, StreamingSource\n"
RUN = """
import importlib.util, sys
name, path, source = sys.argv[1:4]
del sys.argv[1:4]
spec = importlib.util.spec_from_file_location(name, path)
module = importlib.util.module_from_spec(spec)
sys.modules[name] = module
exec(compile(source, path, "exec"), module.__dict__)
from streamlstm.daemon.cli.main import main
main()
"""


def streamlstm(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line with two lines added to the table."""
    table = (ROOT / TABLE).read_text()
    line = "    KafkaSource,\n)"
    assert table.count(line) == 1
    table = table.replace(line, "    KafkaSource,\n    FixedWidthSource,\n    StreamingSource,\n)")
    table = table.replace("SOURCES: tuple", IMPORT + "\nSOURCES: tuple", 1)
    name = TABLE.removesuffix(".py").replace("/", ".")
    return subprocess.run(
        [sys.executable, "-c", RUN, name, str(ROOT / TABLE), table, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def config(folder: Path, source: str, outbox: dict[str, Any]) -> str:
    flows = [50 + n % 5 for n in range(400)]
    flows[300:310] = [500 + n for n in range(10)]
    (folder / "flows").write_text("".join(f"{flow:6.2f}"[:6].rjust(6) for flow in flows))
    sections = {
        "version": 1,
        "app": "pumps",
        "source": {"kind": source, "path": "flows", "topic": "pumps"},
        "schema": {"target": "flow"},
        "outbox": outbox,
        "state": {"path": "streams"},
    }
    path = folder / "config.yaml"
    path.write_text(json.dumps(sections))
    return str(path)


@pytest.mark.parametrize("source", ["fixed_width", "streaming"])
def test_the_daemon_runs_a_new_source(tmp_path: Path, source: str) -> None:
    ended = streamlstm("run", config(tmp_path, source, {"kind": "stdout"}))
    assert ended.returncode == 0, ended.stderr
    alerts = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [(alert["kind"], alert["offset"]) for alert in alerts][:1] == [("opened", 300)]


def test_a_new_source_replays(tmp_path: Path) -> None:
    path = config(tmp_path, "fixed_width", {"kind": "sqlite", "path": "alerts.db"})
    ended = streamlstm("replay", path)
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout.splitlines()[0])["offset"] == 300


def test_a_source_that_cannot_seek_is_refused_with_exactly_once(tmp_path: Path) -> None:
    path = config(tmp_path, "streaming", {"kind": "sqlite", "path": "alerts.db"})
    ended = streamlstm("check", path)
    assert ended.returncode == 2
    expected = "outbox.kind: expected stdout, since the source is streaming, which cannot seek"
    assert expected in ended.stderr
