"""A small application over Kafka: its topics, and workers run as processes."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from connectors import DeadLetter
from connectors.kafka.writing.dead_letters import read_dead_letter
from tests.support.faults.processes import Ended
from tests.support.kafka.broker.topics import committed, create_topic, read_topic, unique
from tests.support.kafka.places import outbox_topics

PLAIN = (sys.executable, "-m", "streamlstm.daemon.cli")
WAIT_S_MAX = 60.0
LOOK_EVERY_S = 0.1
SCHEMA = {"key": "pump", "time": "time", "time_format": "epoch_s", "target": "flow"}


def event(pump: str = "a", at: int = 0, flow: Any = 1.5) -> bytes:
    return json.dumps({"pump": pump, "time": at, "flow": flow}).encode()


@dataclass
class SmallApp:
    """Topics of its own; ``bootstrap`` is an open door, by which the test goes in and out."""

    bootstrap: Sequence[str]
    folder: Path
    partitions: int = 1

    def __post_init__(self) -> None:
        self.group = unique("group")
        self.topic = create_topic(self.bootstrap, self.partitions, name="pumps")
        self.topics = outbox_topics(self.bootstrap, self.partitions)

    def config(self, **changed: dict[str, Any]) -> str:
        """Write a configuration; what a test changes wins."""
        told: dict[str, Any] = {
            "version": 1,
            "app": "pumps",
            "kafka": {
                "bootstrap_servers": list(self.bootstrap),
                "group": self.group,
                "session_timeout_ms": 2000,
                "transaction_timeout_ms": 3000,
            },
            "source": {"kind": "kafka", "topic": self.topic},
            "schema": SCHEMA,
            "outbox": {
                "kind": "kafka",
                "alerts_topic": self.topics.alerts,
                "dead_letters_topic": self.topics.dead_letters,
                "snapshots_topic": self.topics.snapshots,
                "applied_commands_topic": self.topics.applied_commands,
            },
            "batch": {"poll_timeout_ms": 100},
            "state": {"path": str(self.folder / "streams")},
            "log": {"format": "json"},
        }
        for name, section in changed.items():
            told[name] = told.get(name, {}) | section
        file = self.folder / f"{unique('config')}.yaml"
        file.write_text(json.dumps(told))  # which is YAML too
        return str(file)

    def start(self, **changed: dict[str, Any]) -> subprocess.Popen[str]:
        words = [*PLAIN, "run", self.config(**changed)]
        return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, **changed: dict[str, Any]) -> Ended:
        """Run a worker that ends by itself."""
        return ended(self.start(**changed))

    def run_through(self, **changed: dict[str, Any]) -> Ended:
        """Run a worker until all there is has been consumed; then end it cleanly."""
        worker, ends = self.start(**changed), self.ends()
        try:
            until(lambda: self.committed() == ends or worker.poll() is not None, "all consumed")
        finally:
            worker.send_signal(signal.SIGTERM)
            done = ended(worker)
        return done

    def ends(self) -> dict[int, int]:
        return {r.partition: r.offset + 1 for r in read_topic(self.bootstrap, self.topic)}

    def committed(self) -> dict[int, int]:
        return committed(self.bootstrap, self.group, self.topic, self.partitions)

    def dead_letters(self) -> list[DeadLetter]:
        name = self.topics.dead_letters
        records = read_topic(self.bootstrap, name)
        return [read_dead_letter(name, r.value, r.key, r.headers) for r in records]


def ended(worker: subprocess.Popen[str], seconds: float = WAIT_S_MAX) -> Ended:
    """Wait until it has ended, at last by SIGKILL."""
    try:
        out, err = worker.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        worker.kill()
        out, err = worker.communicate()
    return Ended(worker.returncode, out, err)


def until(reached: Callable[[], bool], what: str = "it", seconds: float = WAIT_S_MAX) -> None:
    limit, never = monotonic() + seconds, threading.Event()
    while not reached():
        assert monotonic() < limit, f"not in {seconds} s: {what}"
        never.wait(LOOK_EVERY_S)
