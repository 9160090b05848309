"""An application over Kafka: its topics, its workers' configurations, and what it leaves behind."""

import dataclasses
import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from kafka import KafkaAdminClient

from connectors import Partition
from connectors.kafka.writing.dead_letters import read_dead_letter
from streamlstm.daemon.config.load import load_config
from streamlstm.daemon.config.model import Config
from streamlstm.daemon.wiring.kafka import make_kafka_outbox
from tests.support.kafka.broker.topics import committed, create_topic, produce, read_topic, unique
from tests.support.kafka.service import Service
from tests.support.outcomes.outcome import Outcome
from tests.support.streams import journals

SESSION_MS, TRANSACTION_MS = 3000, 5000
LOOK_EVERY_S = 0.03
LARGE = {"records_max": 500}
IN_TIME = "kafka_commands=1"
SPREAD = 2  # partitions of alerts and of dead letters
COMPACTED = {
    "cleanup_policy": "compact",
    "segment_bytes": str(1 << 20),
    "min_cleanable_dirty_ratio": "0.01",
}


@dataclasses.dataclass(frozen=True)
class Works:
    """One group over one topic, with outbox topics of its own.

    Alert ids hold the names of application and topic, so two of these over one topic must leave
    the same.
    """

    bootstrap: Sequence[str]
    folder: Path
    topic: str
    partitions: int
    group: str
    outbox: Mapping[str, str]
    changed: Mapping[str, Any]

    @classmethod
    def make(
        cls, bootstrap: Sequence[str], folder: Path, topic: str, partitions: int, **changed: Any
    ) -> Self:
        """Make its topics; ``changed`` sections of the configuration win."""
        kinds = {"alerts": SPREAD, "dead_letters": SPREAD, "applied_commands": partitions}
        outbox = {
            f"{name}_topic": create_topic(bootstrap, count, name=name.replace("_", "-"))
            for name, count in kinds.items()
        }
        outbox["snapshots_topic"] = create_topic(
            bootstrap, partitions, name="snapshots", **COMPACTED
        )
        group = unique("works")
        return cls(bootstrap, folder / group, topic, partitions, group, outbox, changed)

    def config(self, worker: str = "worker-0", *, servers: Sequence[str] | None = None) -> str:
        """Write the configuration of a worker."""
        kafka = {
            "bootstrap_servers": list(servers or self.bootstrap),
            "group": self.group,
            "worker_id": worker,
            "session_timeout_ms": SESSION_MS,
            "transaction_timeout_ms": TRANSACTION_MS,
        }
        sections = journals.configured(
            self.folder,
            model={"update_every": 4},
            batch={"records_max": 200, "poll_timeout_ms": 100},
        )
        sections |= {
            "kafka": kafka,
            "source": {"kind": "kafka", "topic": self.topic},
            "outbox": {"kind": "kafka", **self.outbox},
        }
        for name, section in self.changed.items():
            sections[name] = section if name == "commands" else sections.get(name, {}) | section
        return str(journals.write_config(self.folder / worker, sections))

    def loaded(self) -> Config:
        return load_config(self.config("reader"), {})

    def committed(self) -> dict[int, int]:
        return committed(self.bootstrap, self.group, self.topic, self.partitions)

    def consumed(self) -> int:
        return sum(self.committed().values())

    def progressed(self, beyond: int, services: Sequence[Service], seconds: float = 60) -> None:
        """Wait until more is committed than that."""
        until(lambda: self.consumed() > beyond, services, seconds, f"more than {beyond} consumed")

    def finished(
        self, ends: Mapping[int, int], services: Sequence[Service], seconds: float = 300
    ) -> None:
        """Wait until all is committed, and end the workers cleanly."""
        until(lambda: self.committed() == ends, services, seconds, f"{ends} consumed")
        until(lambda: self._settled([s.live() for s in services]), services, seconds, "all live")
        for service in services:
            service.stop()

    def _settled(self, live: Sequence[set[int]]) -> bool:
        """Say whether every worker has something, and all of it is what there is."""
        return all(live) and set[int]().union(*live) == set(range(self.partitions))

    def run(self, ends: Mapping[int, int]) -> Outcome:
        """Let one undisturbed worker do all of it, with every operator command where it says."""
        with Service(self.config(), faults=IN_TIME) as service:
            self.finished(ends, [service])
        return self.outcome()

    def forgotten(self) -> None:
        """Wait until the group has no member any more, though all were static."""
        until(lambda: not self._members(), [], what="an empty group")

    def _members(self) -> Sequence[Any]:
        with KafkaAdminClient(bootstrap_servers=list(self.bootstrap)) as admin:
            return admin.describe_groups([self.group])[self.group]["members"]

    def outcome(self) -> Outcome:
        """Read what the workers, which have ended, have left behind."""
        alerts = read_topic(self.bootstrap, self.outbox["alerts_topic"])
        alerts.sort(key=lambda r: int(r.key.split(b"/")[2]))  # the order within each is kept
        name = self.outbox["dead_letters_topic"]
        dead_letters = [
            read_dead_letter(name, r.value, r.key, r.headers)
            for r in read_topic(self.bootstrap, name)
        ]
        outbox = make_kafka_outbox(self.loaded())
        own = [Partition(self.topic, n) for n in range(self.partitions)]
        try:
            return Outcome(
                [r.key + b" " + r.value for r in alerts],
                sorted(
                    (r.partition.topic, r.partition.index, r.offset, x.code, x.reason, r.value)
                    for x in dead_letters
                    for r in [x.record]
                ),
                [
                    (c.partition.topic, c.partition.index, c.effective_offset, _told(c.payload))
                    for p in own
                    for c in outbox.applied_commands(p, 0)
                    if c is not None
                ],
                {
                    (p.topic, p.index, s.stream_key): (s.next_offset, s.payload)
                    for p in own
                    for s in outbox.load(p)
                    if s is not None
                },
                {(self.topic, n): (at, "") for n, at in self.committed().items()},
                {},
            )
        finally:
            outbox.close()

    def oracle(self, found: Outcome, ends: Mapping[int, int]) -> Outcome:
        """Fold the same topic without disturbance, operator commands where ``found`` stamped them.

        Its batches are larger, which must not show.
        """
        said = []
        for _, index, at, payload in found.commands:
            command = json.loads(payload)["control"]
            said.append(json.dumps(command | {"at_offset": at, "partition": index}).encode())
        topic = command_topic(self.bootstrap, said)
        return self.again(commands={"topic": topic}, batch=LARGE).run(ends)

    def again(self, **changed: Any) -> "Works":
        """Give the same work to another group."""
        told = {**self.changed, **changed}
        return Works.make(self.bootstrap, self.folder, self.topic, self.partitions, **told)


def command_topic(bootstrap: Sequence[str], said: Iterable[bytes]) -> str:
    """Make a topic of operator commands."""
    topic = create_topic(bootstrap, name="commands")
    produce(bootstrap, topic, [(None, command) for command in said], partition=0)
    return topic


def _told(payload: bytes) -> bytes:
    """Leave out of an applied command where it was wanted: its offset says where it acted."""
    applied = json.loads(payload)
    for name in ("at_offset", "partition"):
        applied["control"].pop(name, None)
    return json.dumps(applied, sort_keys=True).encode()


def until(
    true: Callable[[], bool], services: Sequence[Service], seconds: float = 60, what: str = "it"
) -> None:
    """Wait until something is true, while all workers are well."""
    limit = time.monotonic() + seconds
    while not true():
        for service in services:
            service.well_for(LOOK_EVERY_S)
        if time.monotonic() > limit:
            logs = "\n\n".join(service.tail() for service in services)
            raise AssertionError(f"waited {seconds} s for {what}:\n{logs}")
