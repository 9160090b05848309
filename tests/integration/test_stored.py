"""What the commit `before-rename` stored is read, and gone on with as it would have been.

``tests/data/before-rename/make/make.py`` wrote the data and what is expected, with the code of
that commit. ``tests/support/outcomes/stored.py`` says what was renamed since.
"""

import hashlib
import json
import shutil
import signal
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from click.testing import CliRunner

from connectors import Partition, Snapshot
from connectors.kafka.writing.dead_letters import read_dead_letter
from connectors.kafka.writing.redrive import Done
from connectors.kafka.writing.snapshots import Assembly
from streamlstm import estimators, load, save
from streamlstm.daemon.cli.main import main
from streamlstm.daemon.config.load import load_config
from streamlstm.daemon.engine.commit_metadata import CommitMetadata
from streamlstm.daemon.learners.make import make_learner
from tests.support.outcomes import stored
from tests.support.outcomes.outcome import outcome

EXPECTED = {
    name: json.loads((stored.FOLDER / f"{name}.json").read_text())
    for name in ("models", "outboxes", "kafka")
}
MODELS, OUTBOXES, KAFKA = EXPECTED["models"], EXPECTED["outboxes"], EXPECTED["kafka"]


class Message(NamedTuple):
    """As a consumer of Kafka hands it over."""

    key: bytes
    value: bytes | None
    headers: list[tuple[str, bytes]]


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    """Put back the signal handlers that `run` takes."""
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


def test_nothing_stored_is_forgotten_here() -> None:
    files = {path.stem for path in (stored.FOLDER / "models").iterdir()}
    assert files == set(MODELS["models"])
    assert set(stored.CONFIGS) == set(OUTBOXES)


# --- models ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MODELS["models"])
def test_a_model_goes_on(name: str, tmp_path: Path) -> None:
    expected = MODELS["models"][name]
    kind = expected["kind"]
    wanted = getattr(estimators, stored.RENAMED_ESTIMATORS.get(kind, kind))
    model = load(stored.FOLDER / "models" / f"{name}.safetensors", wanted)
    said = []
    for event in MODELS["events"]:
        said.append([float(number).hex() for number in stored.ask(kind, model, event)])
        stored.learn(kind, model, event)
    assert [row[0] for row in said] == expected["first"]
    assert hashlib.sha256(json.dumps(said).encode()).hexdigest() == expected["all"]
    save(model, tmp_path / "model")
    assert stored.tensor_digest((tmp_path / "model").read_bytes()) == expected["state"]


# --- outboxes -------------------------------------------------------------------------------------


def appended(place: Path, part: int) -> None:
    for path in (stored.FOLDER / "inputs").glob(f"*.{part}"):
        with (place / path.stem).open("ab") as file:
            file.write(path.read_bytes())


def laid_out(name: str, place: Path) -> str:
    """Put a worker's files where it left them; return the path of its configuration."""
    held = stored.FOLDER / name / "outbox"
    (shutil.copytree if held.is_dir() else shutil.copy)(held, place / "outbox")
    appended(place, 1)
    config = place / "config.yaml"
    config.write_text(stored.CONFIGS[name])
    return str(config)


def said(*arguments: str) -> str:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("name", OUTBOXES)
def test_a_worker_goes_on(name: str, tmp_path: Path) -> None:
    expected: dict[str, Any] = OUTBOXES[name]
    path = laid_out(name, tmp_path)
    before = outcome(load_config(path, {}))
    appended(tmp_path, 2)
    said("run", path)
    found = outcome(load_config(path, {}))
    old = len(before.alerts)
    assert found.alerts[:old] == before.alerts
    assert found.alerts[old:] == [stored.renamed_alert(line) for line in expected["alerts"]]
    codes = stored.RENAMED_LETTER_CODES
    assert [(*at, value) for *at, _, value in found.dead_letters[len(before.dead_letters) :]] == [
        (topic, index, offset, codes.get(code, code), b64decode(value))
        for topic, index, offset, code, value in expected["letters"][len(before.dead_letters) :]
    ]
    wanted = {(c[0], c[1], c[2], c[3].encode()) for c in expected["controls"]}
    wanted -= set(before.commands)
    assert {c for c in found.commands if c not in before.commands} == {
        (topic, index, at, stored.renamed_control(line.decode()))
        for topic, index, at, line in wanted
    }
    assert {
        f"{topic}/{index}": [next_offset, *stored.metadata(metadata)]
        for (topic, index), (next_offset, metadata) in found.positions.items()
    } == expected["positions"]
    digests = {}
    for (topic, index, key), (next_offset, data) in found.snapshots.items():
        assert data is not None
        # A pickle names classes: what it holds was compared by what it did.
        digest = None if name == "river" else stored.tensor_digest(data)
        digests[f"{topic}/{index}/{key.decode()}"] = [next_offset, digest]
    assert digests == expected["snapshots"]


@pytest.mark.parametrize("name", OUTBOXES)
def test_what_lies_there_is_shown(name: str, tmp_path: Path) -> None:
    path = laid_out(name, tmp_path)
    assert '"pumps"' in said("dead-letters", "list", path, "--json")
    streams = said("state", "list", path)
    assert all(stream in streams for stream in "abc")


# --- Kafka ----------------------------------------------------------------------------------------


def binary(text: str | None) -> bytes | None:
    return None if text is None else b64decode(text)


def headers(written: list[list[str]]) -> list[tuple[str, bytes]]:
    return [(name, b64decode(content)) for name, content in written]


def test_a_snapshot_in_a_topic_is_read(tmp_path: Path) -> None:
    expected, pumps = KAFKA["snapshot"], Partition("pumps", 0)
    messages = [
        Message(b64decode(key), binary(value), headers(told))
        for key, value, told in expected["messages"]
    ]
    (found,) = Assembly(pumps).read(messages)
    assert isinstance(found, Snapshot)
    assert found.payload is not None
    key = expected["stream"].encode()
    assert (found.stream_key, found.next_offset) == (key, expected["next_offset"])
    assert hashlib.sha256(found.payload).hexdigest() == expected["sha256"]
    config = tmp_path / "config.yaml"
    config.write_text(stored.CONFIGS["sqlite"])
    learner = make_learner(load_config(str(config), {}))
    learner.restore(found.payload)
    again = learner.snapshot(expected["stream"], found.next_offset, 0)
    assert stored.tensor_digest(again) == stored.tensor_digest(found.payload)


def test_a_dead_letter_in_a_topic_is_read() -> None:
    value, key, told = KAFKA["dead_letter"]
    found = read_dead_letter("letters", binary(value), binary(key), headers(told))
    record = found.record
    assert (found.code, found.reason) == ("not_json", "ends early")
    assert (record.partition, record.offset, record.key) == (Partition("pumps", 1), 9, b"a")
    assert (record.value, record.timestamp_ms) == (b"{", 1000)
    assert record.headers == (("trace", b"1"),)


def test_the_metadata_of_positions_is_read(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(stored.CONFIGS["sqlite"])
    model = make_learner(load_config(str(config), {})).description()
    assert [stored.metadata(metadata) for metadata in KAFKA["marks"]] == [[17, 2, 5], [0, 0, 0]]
    assert [CommitMetadata.decode(metadata).changed(model) for metadata in KAFKA["marks"]] == [
        [],
        [],
    ]


def test_how_far_letters_were_sent_again_is_read() -> None:
    done = msgspec.json.decode(KAFKA["redriven"], type=Done)
    assert [done.has(40, "no_target"), done.has(41, "no_target")] == [True, False]
    assert [done.has(43, "not_json"), done.has(44, "not_json")] == [True, False]
