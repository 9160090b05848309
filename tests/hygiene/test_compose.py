"""docker-compose.yml is what the specification allows, and says what the tested broker is told."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.support.kafka.broker.properties import PROPERTIES

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docker-compose.yml"
SERVICES = yaml.safe_load(FILE.read_text())["services"]


def test_it_fits_the_specification() -> None:
    checker = [sys.executable, "-m", "check_jsonschema"]
    done = subprocess.run(
        [*checker, "--builtin-schema", "vendor.compose-spec", str(FILE)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_broker_is_told_what_the_tested_one_is_told() -> None:
    told = {
        name.removeprefix("KAFKA_").replace("_", ".").lower(): str(value)
        for name, value in SERVICES["kafka"]["environment"].items()
    }
    both = told.keys() & PROPERTIES.keys()
    assert len(both) > 7
    own = {"inter.broker.listener.name"}
    assert {n: told[n] for n in both - own} == {n: PROPERTIES[n] for n in both - own}


@pytest.mark.parametrize("name", SERVICES)
def test_every_file_a_service_names_is_there(name: str) -> None:
    words = f"{SERVICES[name].get('entrypoint', '')} {SERVICES[name].get('command', '')}".split()
    for word in words:
        if word.endswith((".py", ".yaml")):
            assert (ROOT / word).exists(), word


def test_only_loopback_is_published() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", ())]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
