"""Partitions and records from a consumer of kafka-python."""

from typing import Any

from connectors.errors import Fatal
from connectors.kafka.client.errors import map_kafka_errors
from connectors.record import Partition, Record


def partitions_of(consumer: Any, topic: str, rights: str = "Read") -> tuple[Partition, ...]:
    """Return all partitions of a topic.

    Raises
    ------
    Fatal
        If the topic does not exist or is not visible to this user; ``rights`` are those to grant.
    """
    with map_kafka_errors(f"topic {topic}"):
        found = consumer.partitions_for_topic(topic)
    if not found:
        raise Fatal(
            f"topic {topic}: it does not exist, or this user may not see it",
            f"create it, or grant this user {rights} on it: streamlstm topics plan CONFIG",
        )
    return tuple(Partition(topic, index) for index in sorted(found))


def record_of(message: Any, partition: Partition, value_bytes_max: int) -> Record:
    """Return the record of a message; a null header becomes an empty one.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> message = SimpleNamespace(offset=7, key=None, value=b"12345", timestamp=60, headers=[])
    >>> record = record_of(message, Partition("pumps", 0), 3)
    >>> record.value, record.omitted_bytes
    (b'123', 2)
    """
    value, omitted = message.value, 0
    if value is not None and len(value) > value_bytes_max:
        value, omitted = value[:value_bytes_max], len(value) - value_bytes_max
    headers = tuple([(name, content or b"") for name, content in message.headers])
    return Record(
        partition, message.offset, message.key, value, message.timestamp, headers, omitted
    )
