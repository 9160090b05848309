"""An application over Kafka as its operator has it: one configuration, and commands."""

import json
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from kafka import KafkaProducer

from streamlstm.daemon.cli.main import main
from streamlstm.daemon.config.load import load_config
from streamlstm.daemon.config.model import Config
from tests.support.faults.processes import running
from tests.support.kafka.broker.topics import produce, unique
from tests.support.kafka.small_app import until
from tests.support.streams import journals

RECORDS, PARTITIONS = 900, 2
SESSION_MS = 3000
WAIT_S_MAX = 60.0


class App:
    """Topics of its own, named after it."""

    def __init__(self, bootstrap: Sequence[str], folder: Path, **changed: Any) -> None:
        self.bootstrap = bootstrap
        self.name = unique("app")
        sections = journals.configured(folder) | {
            "app": self.name,
            "kafka": {"bootstrap_servers": list(bootstrap), "session_timeout_ms": SESSION_MS},
            "source": {"kind": "kafka", "topic": self.name},
            "outbox": {"kind": "kafka"},
            "commands": {"topic": f"{self.name}.commands"},
        }
        self.path = str(journals.write_config(folder / self.name, sections | changed))

    @property
    def config(self) -> Config:
        return load_config(self.path, {})

    def __call__(self, command: str, *more: str, code: int = 0, **options: Any) -> Result:
        """Run a command on the configuration, and see that it ends with ``code``."""
        result = CliRunner().invoke(main, [*command.split(), self.path, *more], **options)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
        assert result.exit_code == code, result.output
        return result

    def json(self, command: str, *more: str) -> Any:
        return json.loads(self(command, *more, "--json").stdout)

    def fill(self) -> None:
        """Write records, two thirds of them into the first partition."""
        records = [(None, record) for record in journals.records(0, RECORDS)]
        first = 2 * RECORDS // 3
        produce(self.bootstrap, self.name, records[:first], 0)
        produce(self.bootstrap, self.name, records[first:], 1)

    def run(self, look: Callable[[], None] = lambda: None) -> None:
        """Let a worker learn all there is, ``look``, and end it cleanly."""
        with running("run", self.path) as worker:
            until(lambda: worker.poll() is None and self.settled())
            look()
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(WAIT_S_MAX) == 0

    def settled(self) -> bool:
        found = self.json("lag")
        owned = all(one["worker"] and one["committed"] for one in found["partitions"])
        return bool(owned and found["total"]["lag"] == 0)

    def deserted(self) -> bool:
        """Say whether the group has forgotten its workers; a static member outlives its process."""
        return not any(one["worker"] for one in self.json("lag")["partitions"])


def produce_one(
    app: App, topic: str, value: bytes, headers: list[tuple[str, bytes]], key: bytes = b"key"
) -> None:
    with KafkaProducer(bootstrap_servers=list(app.bootstrap)) as producer:
        producer.send(topic, value, key, headers, 0).get(30)
