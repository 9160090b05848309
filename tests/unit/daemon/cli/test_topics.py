"""What a configuration needs of its topics, compared with what is there; no broker asked."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from connectors.kafka.client.topics import Topic
from streamlstm.daemon.admin.topics import Planned, needs, plan
from streamlstm.daemon.cli.main import main
from streamlstm.daemon.config.model import Config
from tests.support.kafka import yaml as kafka_yaml

PURPOSES = ["input", "alerts", "dead letters", "snapshots", "applied commands", "commands"]


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return kafka_yaml.load(tmp_path, kafka_yaml.SOUND)


def there(config: Config, replication: int = 3) -> dict[str, Topic]:
    """Make all topics as they are wanted, for an input of four partitions."""
    topics = {"pumps": Topic("pumps", 4, replication, {"cleanup.policy": "delete"})}
    for planned in plan(config, topics, replication, None)[1:]:
        topics[planned.wanted.name] = planned.wanted
    return topics


def found(config: Config, topics: dict[str, Topic], replication: int = 3) -> dict[str, Planned]:
    return {x.need.purpose: x for x in plan(config, topics, replication, None)}


def test_what_is_wanted_is_good(config: Config) -> None:
    for replication in (1, 2, 3):
        planned = found(config, there(config, replication), replication)
        assert list(planned) == PURPOSES
        assert [x.faults + x.notes for x in planned.values()] == [[]] * 6


def test_nothing_is_there(config: Config) -> None:
    planned = found(config, {})
    assert all("missing: streamlstm topics create" in x.faults[0] for x in planned.values())
    assert "--partitions N" in planned["alerts"].faults[0]
    assert [x.wanted.partitions for x in planned.values()] == [0, 0, 0, 0, 0, 1]
    told = {x.need.purpose: x.wanted.partitions for x in plan(config, {}, 3, 12)}
    assert set(told.values()) == {12, 1}


def test_three_copies_wait_for_two(config: Config) -> None:
    for replication, wanted in ((1, None), (2, None), (3, "2")):
        (_, alerts, *_) = plan(config, {}, replication, 4)
        assert alerts.wanted.settings.get("min.insync.replicas") == wanted


@pytest.mark.parametrize(
    ("purpose", "setting", "value", "told"),
    [
        ("snapshots", "cleanup.policy", "delete", "DANGEROUS"),
        ("snapshots", "cleanup.policy", "compact,delete", "DANGEROUS"),
        ("snapshots", "max.message.bytes", "900000", "at least 905120"),
        ("dead letters", "cleanup.policy", "compact", "only the last would stay"),
        ("applied commands", "retention.ms", "604800000", "before a replay has read them"),
        ("commands", "retention.bytes", "1000", "before a replay has read them"),
    ],
)
def test_a_wrong_setting(config: Config, purpose: str, setting: str, value: str, told: str) -> None:
    topics = there(config)
    name = next(need.name for need in needs(config) if need.purpose == purpose)
    right = topics[name]
    topics[name] = Topic(name, right.partitions, 3, right.settings | {setting: value})
    planned = found(config, topics)
    assert [x for x in PURPOSES if planned[x].faults] == [purpose]
    (fault,) = planned[purpose].faults
    assert fault.startswith(f"{setting} is {value}")
    assert told in fault
    assert f"--entity-name {name} --add-config {setting}=" in fault


@pytest.mark.parametrize(
    ("purpose", "partitions", "fault", "note"),
    [
        ("snapshots", 3, "the input has 4", ""),
        ("applied commands", 8, "", "it has 8 partitions, and needs 4"),
        ("commands", 4, "must have one", ""),
        ("alerts", 1, "", ""),
    ],
)
def test_another_number_of_partitions(
    config: Config, purpose: str, partitions: int, fault: str, note: str
) -> None:
    topics = there(config)
    name = next(need.name for need in needs(config) if need.purpose == purpose)
    topics[name] = Topic(name, partitions, 3, topics[name].settings)
    planned = found(config, topics)[purpose]
    assert (bool(planned.faults), bool(planned.notes)) == (bool(fault), bool(note))
    assert fault in "".join(planned.faults)
    assert note in "".join(planned.notes)


def test_what_cannot_be_seen_and_fewer_copies_are_noted(config: Config) -> None:
    topics = there(config) | {"pumps.snapshots": Topic("pumps.snapshots", 4, 1)}
    planned = found(config, topics)["snapshots"]
    assert not planned.faults
    assert "1 replica of each partition; 3 are possible" in planned.notes[0]
    assert "DescribeConfigs" in planned.notes[1]


@pytest.mark.parametrize("command", ["topics plan", "topics create", "lag", "dead-letters redrive"])
def test_commands_of_kafka_refuse_files(tmp_path: Path, command: str) -> None:
    path = tmp_path / "files.yaml"
    path.write_text(kafka_yaml.FILES)
    result = CliRunner().invoke(main, [*command.split(), str(path)])
    assert result.exit_code == 2
    assert "its source is files, not Kafka" in result.stderr
