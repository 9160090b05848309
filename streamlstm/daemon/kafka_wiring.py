"""What a configuration says of Kafka, made real; imported only where it says something."""

from collections.abc import Callable
from typing import Any

from connectors.effects import CrashPoint, no_crash
from connectors.kafka import KafkaClient, KafkaOutbox, KafkaRelay, KafkaSource, OutboxTopics
from streamlstm.daemon.config import Config
from streamlstm.daemon.config_kafka import Kafka
from streamlstm.daemon.config_kafka import KafkaOutbox as KafkaOutboxSection
from streamlstm.daemon.config_kafka import KafkaSource as KafkaSourceSection


def sections(config: Config) -> tuple[Kafka, KafkaSourceSection, KafkaOutboxSection]:
    """Give the three sections that belong together; whoever loaded the file has seen to it."""
    assert config.kafka is not None
    assert isinstance(config.source, KafkaSourceSection)
    assert isinstance(config.outbox, KafkaOutboxSection)
    return config.kafka, config.source, config.outbox


def make_client(config: Config) -> KafkaClient:
    """Say how to reach the cluster."""
    kafka, _, _ = sections(config)
    client_id = f"{config.app}.{kafka.worker_id}"
    return KafkaClient(
        tuple(kafka.bootstrap_servers), kafka.security.client_settings(), client_id=client_id
    )


def make_kafka_source(config: Config) -> KafkaSource:
    """Join the group that reads the topic."""
    kafka, source, _ = sections(config)
    return KafkaSource(
        make_client(config),
        source.topic,
        group=kafka.group_name(config.app),
        worker_id=kafka.worker_id,
        session_timeout_ms=kafka.session_timeout_ms,
        start=source.start,
        when_lost=source.when_lost,
        record_bytes_max=source.record_bytes_max,
    )


def make_kafka_outbox(
    config: Config,
    membership: Callable[[], Any] | None = None,
    crash_point: CrashPoint = no_crash,
) -> KafkaOutbox:
    """Open the outbox; without ``membership`` for when no worker runs."""
    kafka, _, outbox = sections(config)
    return KafkaOutbox(
        make_client(config),
        OutboxTopics(*outbox.topics(config.app)),
        group=kafka.group_name(config.app),
        worker_id=kafka.worker_id,
        membership=membership,
        transaction_timeout_ms=kafka.transaction_timeout_ms,
        chunk_bytes=outbox.chunk_bytes,
        compression=None if outbox.compression == "none" else outbox.compression,
        crash_point=crash_point,
    )


def make_relay(config: Config, name: str) -> KafkaRelay:
    """Open a reader of the alerts, under a position of its own."""
    kafka, _, outbox = sections(config)
    group = f"{kafka.group_name(config.app)}.relay.{name}"
    return KafkaRelay(make_client(config), outbox.topics(config.app).alerts, group)
