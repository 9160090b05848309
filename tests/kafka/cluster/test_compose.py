"""The services of docker-compose.yml: topics, sensors, a worker; alerts within a minute."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest
import yaml

from tests.support.kafka.broker.broker import Broker
from tests.support.kafka.broker.topics import read_topic

ROOT = Path(__file__).parents[3]
SERVICES = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
A_MINUTE = 60.0


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Copy the image's folder, so the worker writes nothing into the repository."""
    for folder in ("configs", "examples"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


@pytest.fixture
def fresh_broker(java: None) -> Iterator[Broker]:
    with Broker() as broker:
        yield broker


def started(service: str, broker: Broker, place: Path, *more: str) -> subprocess.Popen[str]:
    told = SERVICES[service]
    entry = told.get("entrypoint", "streamlstm").split()
    words = [*entry, *told["command"].split(), *more]
    words = [word.replace("kafka:19092", broker.bootstrap[0]) for word in words]
    program = {
        "streamlstm": [sys.executable, "-m", "streamlstm.daemon.cli"],
        "python": [sys.executable],
    }[words[0]]
    environment = {**os.environ, "PYTHONWARNINGS": "ignore", "HOSTNAME": "worker-0"}
    assert told.get("environment", {}) in ({}, {"STREAMLSTM_KAFKA": "kafka:19092"})
    environment["STREAMLSTM_KAFKA"] = broker.bootstrap[0]
    return subprocess.Popen(
        [*program, *words[1:]], cwd=place, env=environment, stderr=subprocess.PIPE, text=True
    )


def test_alerts_come_within_a_minute(fresh_broker: Broker, place: Path) -> None:
    topics = started("topics", fresh_broker, place)
    _, complaint = topics.communicate(timeout=A_MINUTE)
    assert topics.returncode == 0, complaint
    began = monotonic()
    running = [started(name, fresh_broker, place) for name in ("sensors", "worker")]
    try:
        alerts: list[dict[str, str]] = []
        while not alerts and monotonic() - began < A_MINUTE:
            found = read_topic(fresh_broker.bootstrap, "sensors.alerts")
            alerts = [json.loads(record.value) for record in found]
            assert all(process.poll() is None for process in running)
        assert alerts, f"no alert in {A_MINUTE:g} s"
        assert alerts[0]["stream"].startswith("pump-")
        worker = running[1]
        worker.terminate()
        _, log = worker.communicate(timeout=A_MINUTE)
        assert worker.returncode == 0, log
        assert json.loads(log.splitlines()[-1])["event"] == "ended"
    finally:
        for process in running:
            process.kill()
            process.communicate()
