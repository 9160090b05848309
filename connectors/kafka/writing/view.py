"""Read-only view of what a Kafka outbox has committed, for use while workers run."""

from collections.abc import Iterator
from typing import Any

from connectors.effects import AppliedCommand, DeadLetter, Snapshot
from connectors.kafka.client.connection import KafkaClient
from connectors.kafka.client.errors import map_kafka_errors, suppress_close_errors
from connectors.kafka.client.rebalance_listener import to_kafka
from connectors.kafka.reading.reader import SETTINGS, commands_in, read_to_end
from connectors.kafka.writing.dead_letters import read_dead_letter
from connectors.kafka.writing.outbox import OutboxTopics
from connectors.kafka.writing.snapshots import Assembly
from connectors.record import Partition


class KafkaView:
    """Reads snapshots, applied commands and dead letters; it neither fences nor commits.

    Parameters
    ----------
    client : KafkaClient
    topics : OutboxTopics
    wait_s_max : float
        Maximum time to wait for a worker's transaction to end, in seconds.

    Examples
    --------
    With a broker at hand:

    >>> client = KafkaClient(("127.0.0.1:9092",))  # doctest: +SKIP
    >>> view = KafkaView(client, OutboxTopics.of("pumps"), wait_s_max=30)  # doctest: +SKIP
    >>> list(view.load(Partition("pumps", 0)))  # doctest: +SKIP
    []
    """

    def __init__(self, client: KafkaClient, topics: OutboxTopics, wait_s_max: float) -> None:
        self._topics = topics
        self._wait_s_max = wait_s_max
        self._reader = client.consumer(**SETTINGS)

    def partitions(self) -> tuple[Partition, ...]:
        """Return the partitions that may have snapshots."""
        return self._partitions_of(self._topics.snapshots)

    def load(self, partition: Partition) -> Iterator[Snapshot | None]:
        """Read the snapshots of a partition of the input."""
        beside = Partition(self._topics.snapshots, partition.index)
        return Assembly(partition).read(self._read(beside))

    def applied_commands(
        self, partition: Partition, from_offset: int
    ) -> Iterator[AppliedCommand | None]:
        """Read the commands that took effect in a partition at ``from_offset`` or later."""
        beside = Partition(self._topics.applied_commands, partition.index)
        return commands_in(self._read(beside), partition, from_offset)

    def dead_letters(self) -> Iterator[DeadLetter]:
        """Read the dead letters, partition by partition."""
        topic = self._topics.dead_letters
        for partition in self._partitions_of(topic):
            for record in self._read(partition):
                if record is not None:
                    yield read_dead_letter(topic, record.value, record.key, record.headers)

    def _partitions_of(self, topic: str) -> tuple[Partition, ...]:
        with map_kafka_errors(f"topic {topic}"):
            found = self._reader.partitions_for_topic(topic) or ()
        return tuple(Partition(topic, index) for index in sorted(found))

    def _read(self, where: Partition) -> Iterator[Any]:
        if where not in self._partitions_of(where.topic):
            return iter(())
        return read_to_end(self._reader, to_kafka(where), self._wait_s_max)

    def close(self) -> None:
        """Close the clients."""
        with suppress_close_errors():
            self._reader.close(autocommit=False, timeout_ms=1000)
