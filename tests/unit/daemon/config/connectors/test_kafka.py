"""Sound configurations for Kafka: what they say."""

from pathlib import Path
from typing import Any

import pytest

from streamlstm.daemon.config.connectors.kafka import Topics
from streamlstm.stages import Schema
from tests.support.kafka.yaml import FILES, SOUND, SOURCE, load, started


def test_the_whole_of_it_loads(tmp_path: Path) -> None:
    config = load(tmp_path, SOUND)
    assert config.kafka is not None
    assert config.kafka.bootstrap_servers == ("127.0.0.1:9092",)
    assert (config.kafka.group_name(config.app), config.kafka.worker_id) == ("pumps", "worker-0")
    assert config.topics == Topics(
        "pumps.alerts", "pumps.dead-letters", "pumps.snapshots", "pumps.controls.stamped"
    )
    assert config.schema_of_records() == Schema(
        "msgpack", targets=("flow",), use_record_key=True, use_record_time=True, stream="pumps"
    )
    assert config.kafka.security.client_settings() == {
        "security_protocol": "SASL_SSL",
        "ssl_check_hostname": True,
        "ssl_cafile": str(tmp_path / "ca.pem"),
        "ssl_certfile": str(tmp_path / "worker.pem"),
        "ssl_keyfile": str(tmp_path / "worker.key"),
        "ssl_password": "s3cr3t",
        "sasl_mechanism": "PLAIN",
        "sasl_plain_username": "worker",
        "sasl_plain_password": "s3cr3t",
    }
    assert "s3cr3t" not in f"{config} {config!r} {config.model_dump()}"


def test_passwords_go_without_tls_too(tmp_path: Path) -> None:
    start, end = SOUND.index("    protocol"), SOUND.index("    sasl")
    kafka = load(tmp_path, SOUND[:start] + SOUND[end:]).kafka
    assert kafka is not None
    assert kafka.security.client_settings()["security_protocol"] == "SASL_PLAINTEXT"


def test_every_topic_may_be_named(tmp_path: Path) -> None:
    given = {"alerts": "a", "dead_letters": "d", "snapshots": "s", "applied_commands": "t"}
    names = "".join(f"  {name}_topic: {topic}\n" for name, topic in given.items())
    config = load(tmp_path, SOUND.replace("commands:", f"{names}commands:"))
    assert config.topics == Topics("a", "d", "s", "t")


def test_other_outboxes_have_no_topics(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="the outbox is stdout, which has no topics"):
        _ = load(tmp_path, FILES).topics


@pytest.mark.parametrize(
    ("written", "servers"),
    [
        ("kafka-1:9092", ("kafka-1:9092",)),
        ("a:1, b_c.d:65535", ("a:1", "b_c.d:65535")),
        ('["a:1", "[::1]:9092"]', ("a:1", "[::1]:9092")),
        ("${NONE:-a:1,b:2}", ("a:1", "b:2")),
    ],
)
def test_brokers_are_a_text_or_a_list(tmp_path: Path, written: str, servers: Any) -> None:
    kafka = load(tmp_path, SOUND.replace("[127.0.0.1:9092]", written)).kafka
    assert kafka is not None
    assert kafka.bootstrap_servers == servers


@pytest.mark.parametrize(
    ("written", "start"),
    [
        ("earliest", "earliest"),
        ("latest", "latest"),
        ("{offset: 0}", 0),
        ("{offset: 17}", 17),
        ('{timestamp: "2026-01-01T00:00:00Z"}', ("timestamp", 1_767_225_600_000)),
        ('{timestamp: "2026-01-01T01:00:00.0015+01:00"}', ("timestamp", 1_767_225_600_001)),
        ('{timestamp: "1970-01-01T00:00Z"}', ("timestamp", 0)),
    ],
)
def test_reading_begins_where_it_is_told_to(tmp_path: Path, written: str, start: Any) -> None:
    source = load(tmp_path, SOUND.replace(*started(written))).source
    assert source.kind == "kafka"
    assert source.start == start


@pytest.mark.parametrize("form", ["json", "msgpack", "float32"])
def test_every_format_reaches_the_decoder(tmp_path: Path, form: str) -> None:
    config = load(tmp_path, SOUND.replace(SOURCE, f"format: {form}"))
    assert config.schema_of_records().format == form


@pytest.mark.parametrize(
    ("name", "module"),
    [("lz4", "lz4"), ("zstd", "zstandard"), ("snappy", "snappy"), ("gzip", ""), ("none", "")],
)
def test_an_installed_compression_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, module: str
) -> None:
    (tmp_path / f"{module or 'unused'}.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    outbox = load(tmp_path, SOUND.replace("commands:", f"  compression: {name}\ncommands:")).outbox
    assert outbox.kind == "kafka"
    assert outbox.compression == name
