"""Set-up shared by the Kafka benchmarks: a broker, a topic of events, a worker."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from kafka import TopicPartition
from kafka.errors import KafkaTimeoutError

from connectors.kafka import KafkaClient, OutboxTopics

PARTITIONS = 4
FEATURES = ("temperature", "pressure", "vibration", "current", "load")
BEGAN_MS = 1_767_225_600_000
SNAPSHOTS = {"cleanup.policy": "compact", "segment.bytes": str(16 << 20)}  # as `topics create`
KEEP = {"retention.ms": "-1"}  # the events have times of their own, long past


@contextmanager
def cluster(bootstrap: str | None) -> Iterator[KafkaClient]:
    """Reach the named broker, or start one of the tests' for a while."""
    if bootstrap:
        yield KafkaClient((bootstrap,))
        return
    from tests.support.kafka.broker.broker import Broker  # noqa: PLC0415
    from tests.support.kafka.broker.java import missing  # noqa: PLC0415

    if reason := missing():
        raise SystemExit(f"no broker: {reason}, or name one with --bootstrap")
    with Broker() as broker:
        yield KafkaClient(tuple(broker.bootstrap))


def numbers(count: int, streams: int, odd_every: int) -> Iterator[tuple[int, dict[str, float]]]:
    """Generate a sensor and its six numbers; from time to time the target is an outlier."""
    chance = np.random.default_rng(0)
    which = chance.integers(0, streams, count).tolist()
    noise = chance.standard_normal((count, 6)).round(4).tolist()
    for n, (stream, row) in enumerate(zip(which, noise, strict=True)):
        event = dict(zip((*FEATURES, "flow"), row, strict=True))
        event["flow"] = round(20 + 3 * (n // 500 % 2) + event["load"] + row[5] / 4, 4)
        event["flow"] += 30.0 * (n % odd_every == 0)
        yield stream, event


def encoded(kind: str, stream: int, n: int, event: dict[str, float]) -> tuple[bytes, bytes]:
    """Write key and value in a format."""
    key = f"plant-7/line-3/sensor-{stream:04d}"
    if kind == "float32":
        return key.encode(), np.array(list(event.values()), "<f4").tobytes()
    record = {"sensor": key, "time": BEGAN_MS + 250 * n, **event}
    pack = msgspec.json.encode if kind == "json" else msgspec.msgpack.encode
    return key.encode(), pack(record)


def make_topics(client: KafkaClient, name: str) -> str:
    """Make the topic and those of its outbox, under a name of their own; return it."""
    topic = f"{name}-{time.monotonic_ns()}"
    names = OutboxTopics.of(topic)
    make(client, topic, names.alerts, names.dead_letters)
    make_memory(client, topic)
    return topic


def make_memory(client: KafkaClient, group: str) -> None:
    """Make the topics that go with the positions of a group."""
    names = OutboxTopics.of(group)
    make(client, names.applied_commands)
    make(client, names.snapshots, settings=SNAPSHOTS)


def make(client: KafkaClient, *names: str, settings: Any = KEEP) -> None:
    """Make topics."""
    wanted = {"num_partitions": PARTITIONS, "configs": settings}
    with client.admin() as admin:
        admin.create_topics(dict.fromkeys(names, wanted), wait_for_metadata=True)


def fill(client: KafkaClient, kind: str, topic: str, count: int, streams: int) -> int:
    """Write events; return the bytes of their values."""
    total = 0
    with client.producer(linger_ms=20, batch_size=1 << 18) as producer:
        for n, (stream, event) in enumerate(numbers(count, streams, odd_every=2003)):
            key, value = encoded(kind, stream, n, event)
            total += len(value)
            where = {"partition": stream % PARTITIONS, "timestamp_ms": BEGAN_MS + 250 * n}
            producer.send(topic, value, key, **where)
        producer.flush()
    return total


def configured(
    client: KafkaClient, kind: str, topic: str, folder: Path, **changed: Any
) -> dict[str, Any]:
    """Give the sections of a worker over the topic; ``changed`` ones win."""
    own = {"use_record_key": True, "use_record_time": True}
    told = {"key": "sensor", "time": "time", "time_format": "epoch_ms"}
    sections: dict[str, Any] = {
        "version": 1,
        "app": topic,
        "kafka": {"bootstrap_servers": list(client.bootstrap_servers)},
        "source": {"kind": "kafka", "topic": topic, "format": kind},
        "schema": {"features": list(FEATURES), "target": "flow"}
        | (own if kind == "float32" else told),
        "model": {"kind": "lstm", "hidden_size": 16, "update_every": 4},
        "outbox": {"kind": "kafka"},
        "state": {"path": str(folder / "cold")},
        "batch": {"records_max": 20000},
        "log": {"format": "json"},
    }
    for name, section in changed.items():
        sections[name] = sections.get(name, {}) | section
    return sections


def written(sections: dict[str, Any], path: Path) -> Path:
    """Write a configuration; JSON is YAML."""
    path.write_text(json.dumps(sections, indent=1))
    return path


@contextmanager
def running(config: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker in a process; end it, by SIGKILL if necessary."""
    command = [sys.executable, "-W", "ignore", "-m", "streamlstm.daemon.cli", "run", str(config)]
    with (config.parent / "worker.log").open("ab") as log:
        process = subprocess.Popen(command, stderr=log)
    try:
        yield process
        process.terminate()
        process.wait(60)
    finally:
        process.kill()
        process.wait()


def until(client: KafkaClient, group: str, at_least: dict[Any, int], seconds: float) -> float:
    """Wait until the group has committed so many records; return the monotonic time."""
    consumer = client.consumer(group_id=group)
    try:
        left = dict(at_least)
        limit = time.monotonic() + seconds
        while left:
            if time.monotonic() > limit:
                raise TimeoutError(f"group {group} did not come to {left} in {seconds:g} s")
            for partition, offset in list(left.items()):
                with suppress(KafkaTimeoutError):  # a worker's commit that was cut off is pending
                    if (consumer.committed(partition, timeout_ms=5000) or 0) >= offset:
                        del left[partition]
        return time.monotonic()
    finally:
        consumer.close(autocommit=False)


def ends(client: KafkaClient, topic: str) -> dict[Any, int]:
    """Return the end offset of each partition of a topic."""
    consumer = client.consumer()
    partitions = [TopicPartition(topic, n) for n in range(PARTITIONS)]
    found: dict[Any, int] = consumer.end_offsets(partitions)
    consumer.close(autocommit=False)
    return found
