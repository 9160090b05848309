"""Topics for tests: made under a name of their own, filled, and read to the end."""

import itertools
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from time import monotonic
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

Pair = tuple[bytes | None, bytes | None]

WAIT_S_MAX = 30.0
_numbers = itertools.count()


def unique(name: str) -> str:
    """Name something that a broker outside, kept from run to run, has not seen either."""
    return f"{name}-{os.urandom(4).hex()}-{next(_numbers)}"


def create_topic(
    bootstrap: Sequence[str], partitions: int = 1, *, name: str = "topic", **configs: str
) -> str:
    """Make a topic and wait until each partition has a leader; ``_`` in configs stands for ``.``.

    Replication is the broker's default: 1, in the cluster 3.
    """
    topic = unique(name)
    settings = {key.replace("_", "."): value for key, value in configs.items()}
    with KafkaAdminClient(bootstrap_servers=list(bootstrap)) as admin:
        wanted = {"num_partitions": partitions, "configs": settings}
        admin.create_topics({topic: wanted}, wait_for_metadata=True)
    return topic


def produce(
    bootstrap: Sequence[str],
    topic: str,
    records: Iterable[Pair],
    partition: int | None = None,
    **client: Any,
) -> None:
    """Write records and see each one acknowledged; by key if no partition is given."""
    with KafkaProducer(bootstrap_servers=list(bootstrap), **client) as producer:
        sent = [
            producer.send(topic, key=key, value=value, partition=partition)
            for key, value in records
        ]
        producer.flush(WAIT_S_MAX)
        for future in sent:
            future.get(WAIT_S_MAX)


def read_topic(bootstrap: Sequence[str], topic: str, **client: Any) -> list[Any]:
    """Read what is committed, from the first offset to the end, partition by partition."""
    told = {"isolation_level": "read_committed", "enable_auto_commit": False, **client}
    with KafkaConsumer(bootstrap_servers=list(bootstrap), **told) as consumer:
        numbers = consumer.partitions_for_topic(topic) or ()
        partitions = [TopicPartition(topic, number) for number in sorted(numbers)]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        ends = consumer.end_offsets(partitions)
        records: dict[TopicPartition, list[Any]] = {p: [] for p in partitions}
        limit = monotonic() + WAIT_S_MAX
        while any(consumer.position(p) < ends[p] for p in partitions):
            assert monotonic() < limit, f"{topic} was not read to its end in {WAIT_S_MAX} s"
            for partition, found in consumer.poll(timeout_ms=100).items():
                records[partition] += found
    return [record for found in records.values() for record in found]


def committed(bootstrap: Sequence[str], group: str, topic: str, partitions: int) -> dict[int, int]:
    """Say which offsets a group has committed, as an operator sees it; empty where none.

    Nothing is told either while a new broker makes the topic for it, or is away.
    """
    where = [TopicPartition(topic, n) for n in range(partitions)]
    with suppress(KafkaError), KafkaAdminClient(bootstrap_servers=list(bootstrap)) as admin:
        found = admin.list_group_offsets({group: where})[group]
        return {p.partition: o.offset for p, o in found.items() if o.offset >= 0}
    return {}


def pairs(records: Iterable[Any]) -> list[Pair]:
    return [(record.key, record.value) for record in records]
