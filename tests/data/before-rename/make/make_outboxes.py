"""The part of make.py that runs daemons, stops them, and writes what they do when they go on."""

import json
import random
import shutil
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from click.testing import CliRunner
from faults import Crash
from lives import Scheduled, live
from make_models import START, tensor_digest
from outcome import Outcome, outcome
from streamlstm.daemon.marks import Marks

from connectors.effects import Step
from streamlstm.daemon.cli.main import main as cli
from streamlstm.daemon.config.load import load_config

HERE = Path(__file__).parents[1]


COMMON = """
version: 1
app: works
state: {path: cold, snapshot_every: 60, replay_records_max: 1000}
controls: {path: controls.jsonl}
batch: {records_max: 50, poll_timeout_ms: 0}
log: {format: json, level: error}
alerts: {false_alarm_rate: 0.01, warm_up: 12, rest: 6, quiet: 4}
"""
LINES = """
source: {kind: jsonl, path: [north.jsonl, south.jsonl], topic: pumps}
schema: {key: pump, time: time, time_format: epoch_s, features: [load], target: flow}
"""
CELLS = """
source: {kind: csv, path: table.csv, topic: pumps}
schema: {key: pump, time: time, time_zone: Europe/Rome, features: [load], target: [flow, heat]}
"""
LSTM = "model: {kind: lstm, hidden_size: 3, window: 4, update_every: 2, seed: 5}"
RIVER = """
model:
  kind: river
  class: river.anomaly.HalfSpaceTrees
  parameters: {n_trees: 3, height: 4, window_size: 10, seed: 1}
  threshold: 0.9
  allow_pickle: true
"""
CONFIGS = {
    "sqlite": COMMON + LINES + LSTM + "\noutbox: {kind: sqlite, path: outbox}",
    "jsonl": COMMON.replace("60", "200") + CELLS + LSTM + "\noutbox: {kind: jsonl, path: outbox}",
    "killed": COMMON + LINES + LSTM + "\noutbox: {kind: jsonl, path: outbox}",
    "river": COMMON + LINES + RIVER + "\noutbox: {kind: sqlite, path: outbox}",
}
KILLED_IN = 8, Step.POSITIONS  # a commit of the second file; all of it but the manifest is written
PARTS = {1: range(220), 2: range(220, 400)}
ODD = (b"{", b'{"pump": "a", "time": 60}', b"\xff\xfe", b"", b'{"pump": 1.5, "time": 6, "flow": 3}')


def flows(seed: int, n: int) -> dict[str, Any]:
    """Draw an event; pump a is disturbed across the end of part 1, pump b before and after it."""
    chance = random.Random(1000 * seed + n)
    pump = "abc"[n % 3]
    odd = pump in {"a" if 208 <= n < 240 else "", "b" if n % 150 in range(90, 120) else ""}
    load = round(chance.uniform(0, 10), 3)
    flow = round(50 + 2 * load + n // 40 % 3 + chance.gauss(0, 0.3) + 40 * odd, 3)
    heat = round(20 + load + chance.gauss(0, 0.1), 3)
    return {"pump": pump, "time": 600 * n, "load": load, "flow": flow, "heat": heat}


def lines(seed: int, part: int) -> Iterator[bytes]:
    for n in PARTS[part]:
        if n % 37 == 36:
            yield ODD[n // 37 % len(ODD)]
            continue
        event = flows(seed, n)
        del event["heat"]
        yield json.dumps(event | ({"load": None} if n % 13 == 0 else {})).encode()


def cells(part: int) -> Iterator[bytes]:
    if part == 1:
        yield b"pump,time,load,flow,heat"
    for n in PARTS[part]:
        event = flows(7, n) | {"time": (START + timedelta(minutes=10 * n)).isoformat()}
        event |= {"flow": "much"} if n % 37 == 36 else {}
        event |= {"heat": ""} if n % 13 == 0 else {}
        yield ",".join(map(str, event.values())).encode()


CONTROLS: dict[int, list[dict[str, Any]]] = {
    1: [
        {"verb": "mute", "stream": "c", "events": 3},
        {"verb": "acknowledge", "stream": "b", "at_offset": 100},
        {"verb": "expected", "stream": "c", "events": 5, "at_offset": 150},
        {"verb": "reset", "stream": "c", "at_offset": 170, "partition": 0},
        {"verb": "mute", "stream": "b", "events": 4, "at_offset": 200},
        {"verb": "expected", "stream": "c", "events": 40, "at_offset": 210},
        {"verb": "acknowledge", "stream": "b", "at_offset": 246},  # after the end of part 1
        {"verb": "forget", "stream": "c", "at_offset": 300},
    ],
    2: [
        {"verb": "reset", "stream": "a", "at_offset": 355},
        {"verb": "forget", "stream": "b", "at_offset": 396},
    ],
}


def make_inputs() -> None:
    folder = HERE / "inputs"
    folder.mkdir()
    for part in PARTS:
        files = {"north.jsonl": lines(1, part), "south.jsonl": lines(2, part)}
        files |= {"table.csv": cells(part)}
        files |= {"controls.jsonl": (json.dumps(said).encode() for said in CONTROLS[part])}
        for name, content in files.items():
            (folder / f"{name}.{part}").write_bytes(b"".join(line + b"\n" for line in content))


def grow(place: Path, part: int) -> None:
    for path in (HERE / "inputs").glob(f"*.{part}"):
        with (place / path.stem).open("ab") as file:
            file.write(path.read_bytes())


def run(place: Path) -> None:
    result = CliRunner().invoke(cli, ["run", str(place / "config.yaml")])
    assert result.exit_code == 0, result.output


def die(place: Path) -> None:
    with suppress(Crash):
        live(load_config(str(place / "config.yaml"), {}), Scheduled([KILLED_IN]))


def left(place: Path) -> Outcome:
    return outcome(load_config(str(place / "config.yaml"), {}))


def told(found: Outcome, before: Outcome) -> dict[str, Any]:
    assert found.alerts[: len(before.alerts)] == before.alerts
    assert found.alerts[len(before.alerts) :]
    positions = {
        f"{topic}/{index}": [next_offset, Marks.decode(metadata)]
        for (topic, index), (next_offset, metadata) in found.positions.items()
    }
    return {
        "alerts": [line.decode() for line in found.alerts[len(before.alerts) :]],
        "letters": [[*where, b64encode(value).decode()] for *where, _, value in found.letters],
        "controls": [[topic, n, at, said.decode()] for topic, n, at, said in found.controls],
        "snapshots": {
            f"{topic}/{index}/{key.decode()}": [
                next_offset,
                tensor_digest(data) if data and not data.startswith(b"\x84") else None,
            ]
            for (topic, index, key), (next_offset, data) in found.snapshots.items()
        },
        "positions": {
            name: [at, marks.replay_from, marks.controls, marks.controls_read]
            for name, (at, marks) in positions.items()
        },
    }


def make_outboxes() -> tuple[dict[str, Any], dict[str, Outcome]]:
    expected, stopped = {}, {}
    for name, config in CONFIGS.items():
        with TemporaryDirectory() as folder:
            place = Path(folder)
            (place / "config.yaml").write_text(config)
            grow(place, 1)
            (die if name == "killed" else run)(place)
            (HERE / name).mkdir()
            kept, held = HERE / name / "outbox", place / "outbox"
            (shutil.copytree if held.is_dir() else shutil.copy)(held, kept)
            stopped[name] = left(place)
            grow(place, 2)
            run(place)
            expected[name] = told(left(place), stopped[name])
    return expected, stopped
