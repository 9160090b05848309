"""What the brokers of the tests are told, in one place."""

from collections.abc import Mapping
from pathlib import Path

HOST = "127.0.0.1"
PLAIN, CONTROLLER, PROXIED = "PLAINTEXT", "CONTROLLER", "PROXIED"

PROPERTIES = {
    "process.roles": "broker,controller",
    "inter.broker.listener.name": PLAIN,
    "controller.listener.names": CONTROLLER,
    "auto.create.topics.enable": "false",
    "default.replication.factor": "1",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    # What a test would otherwise wait for.
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": "1000",
    "log.cleaner.backoff.ms": "200",
    "log.cleaner.dedupe.buffer.size": "16777216",  # of 128 MB, with 384 MB for everything
    "log.initial.task.delay.ms": "1000",
    "log.retention.check.interval.ms": "1000",
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
}

THREE_NODES = {
    "default.replication.factor": "3",
    "min.insync.replicas": "2",
    "offsets.topic.replication.factor": "3",
    "transaction.state.log.replication.factor": "3",
    "transaction.state.log.min.isr": "2",
}


def listeners(
    ports: Mapping[str, int], protocols: Mapping[str, str], advertised: Mapping[str, int]
) -> dict[str, str]:
    """Tell a node where it listens; a proxied listener gives clients the proxy's port."""

    def spell(where: Mapping[str, int]) -> str:
        return ",".join(f"{name}://{HOST}:{port}" for name, port in where.items())

    public = {name: port for name, port in ports.items() if name != CONTROLLER}
    plain = dict.fromkeys((PLAIN, CONTROLLER, PROXIED), "PLAINTEXT")
    named = {name: ({**plain, **protocols})[name] for name in ports}
    return {
        "listeners": spell(ports),
        "advertised.listeners": spell(public | dict(advertised)),
        "listener.security.protocol.map": ",".join(f"{n}:{p}" for n, p in named.items()),
    }


def write(file: Path, properties: Mapping[str, str]) -> None:
    text = "".join(f"{name}={value}\n" for name, value in properties.items())
    file.write_text(text, encoding="utf-8")
