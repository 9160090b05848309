"""Opens the Kafka connectors; imported only for a configuration that uses Kafka."""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

from connectors import Outbox, Partition, Source
from connectors.effects import CrashPoint, no_crash
from connectors.kafka import KafkaClient, KafkaOutbox, KafkaRelay, KafkaSource, OutboxTopics
from connectors.kafka.client.topics import TopicAdmin
from connectors.kafka.reading.offset_range import KafkaOffsetRange
from connectors.kafka.writing.redrive import Redrive
from connectors.kafka.writing.view import KafkaView
from streamlstm.daemon.config.connectors.kafka import Kafka
from streamlstm.daemon.config.connectors.kafka import KafkaOutbox as KafkaOutboxSection
from streamlstm.daemon.config.connectors.kafka import KafkaSource as KafkaSourceSection
from streamlstm.daemon.config.model import Config


def sections(config: Config) -> tuple[Kafka, KafkaSourceSection, KafkaOutboxSection]:
    """Return the three sections about Kafka; validation ensures that all are present."""
    assert config.kafka is not None
    assert isinstance(config.source, KafkaSourceSection)
    assert isinstance(config.outbox, KafkaOutboxSection)
    return config.kafka, config.source, config.outbox


def make_client(config: Config) -> KafkaClient:
    """Return the connection settings of the cluster."""
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
        on_offset_out_of_range=source.on_offset_out_of_range,
        record_bytes_max=source.record_bytes_max,
    )


def make_kafka_outbox(
    config: Config,
    membership: Callable[[], Any] | None = None,
    crash_point: CrashPoint = no_crash,
) -> KafkaOutbox:
    """Open the outbox; omit ``membership`` when no worker runs."""
    kafka, _, outbox = sections(config)
    return KafkaOutbox(
        make_client(config),
        OutboxTopics(*config.topics),
        group=kafka.group_name(config.app),
        worker_id=kafka.worker_id,
        membership=membership,
        transaction_timeout_ms=kafka.transaction_timeout_ms,
        chunk_bytes=outbox.chunk_bytes,
        compression=None if outbox.compression == "none" else outbox.compression,
        crash_point=crash_point,
    )


def open_source(section: KafkaSourceSection, config: Config) -> KafkaSource:
    """Join the consumer group."""
    return make_kafka_source(config)


def partitions(section: KafkaSourceSection, config: Config) -> tuple[Partition, ...]:
    """Return the partitions of the topic without joining the group."""
    with closing(make_offset_range(config)) as offset_range:
        return offset_range.partitions()


def open_outbox(
    section: KafkaOutboxSection, config: Config, source: Source | None, crash_point: CrashPoint
) -> Outbox:
    """Open the outbox, which commits as the group member that ``source`` is."""
    membership = source.membership if isinstance(source, KafkaSource) else None
    return make_kafka_outbox(config, membership, crash_point)


def open_view(section: KafkaOutboxSection, config: Config) -> KafkaView:
    """Open a view of what is committed."""
    return make_view(config)


def open_relay(section: KafkaOutboxSection, config: Config, name: str) -> KafkaRelay:
    """Open a reader of the alerts with a position of its own."""
    return make_relay(config, name)


def make_relay(config: Config, name: str) -> KafkaRelay:
    """Open a reader of the alerts with a position of its own."""
    kafka, _, _ = sections(config)
    group = f"{kafka.group_name(config.app)}.relay.{name}"
    return KafkaRelay(make_client(config), config.topics.alerts, group)


def make_view(config: Config) -> KafkaView:
    """Open a view of the outbox, which does not fence the worker."""
    kafka, _, _ = sections(config)
    wait_s_max = 2 * kafka.transaction_timeout_ms / 1000
    return KafkaView(make_client(config), OutboxTopics(*config.topics), wait_s_max)


def make_offset_range(config: Config) -> KafkaOffsetRange:
    """Open a reader of records that does not join a group."""
    _, source, _ = sections(config)
    return KafkaOffsetRange(make_client(config), source.topic, source.record_bytes_max)


def make_redrive(config: Config) -> Redrive:
    """Open the redrive of dead letters to the input and the command topic."""
    kafka, source, _ = sections(config)
    client, wanted = make_client(config), [source.topic]
    if config.commands is not None and config.commands.topic is not None:
        wanted.append(config.commands.topic)
    admin = TopicAdmin(client)
    try:
        found = admin.find(wanted)
    finally:
        admin.close()
    dead_letters = config.topics.dead_letters
    counts = {topic.name: topic.partitions for topic in found.values()}
    kept_since_ms = {}
    if config.record_schema.use_record_time and source.topic in found:
        retention_ms = int(found[source.topic].settings.get("retention.ms", -1))
        now_ms = int(datetime.now(UTC).timestamp() * 1000)
        kept_since_ms[source.topic] = 0 if retention_ms < 0 else now_ms - retention_ms
    group = f"{kafka.group_name(config.app)}.redrive"
    return Redrive(client, dead_letters, group, counts, kept_since_ms)
