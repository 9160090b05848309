"""A configuration for Kafka that is sound, and one for files, to change and to load."""

from pathlib import Path

import pytest

from streamlstm.daemon.config.errors import ConfigError
from streamlstm.daemon.config.load import load_config
from streamlstm.daemon.config.model import Config

SOUND = """\
version: 1
app: pumps
kafka:
  bootstrap_servers: [127.0.0.1:9092]
  security:
    protocol: tls
    ca_file: ca.pem
    cert_file: worker.pem
    key_file: worker.key
    key_password: {env: KEY}
    sasl:
      mechanism: PLAIN
      username: worker
      password: {env: PASSWORD}
source:
  kind: kafka
  topic: pumps
  format: msgpack
schema:
  use_record_key: true
  use_record_time: true
  target: flow
outbox:
  kind: kafka
commands:
  topic: pumps.commands
state:
  path: streams
"""
FILES = """\
version: 1
app: pumps
source: {kind: jsonl, path: in.jsonl, topic: pumps}
schema: {target: flow}
outbox: {kind: stdout}
"""
ENVIRONMENT = {"KEY": "s3cr3t", "PASSWORD": "s3cr3t"}
SOURCE = "format: msgpack"


def load(folder: Path, text: str) -> Config:
    for name in ("ca.pem", "worker.pem", "worker.key"):
        (folder / name).write_text("-----BEGIN")
    file = folder / "pumps.yaml"
    file.write_text(text)
    return load_config(str(file), ENVIRONMENT)


def started(written: str) -> tuple[str, str]:
    return SOURCE, f"start: {written}"


def check(folder: Path, text: str, line: int, key: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(folder, text)
    assert [(p.line, p.key) for p in caught.value.problems] == [(line, key)]
    assert message in caught.value.problems[0].message
    assert caught.value.problems[0].message.startswith("expected ")
    assert "s3cr3t" not in str(caught.value)
