"""The rebalance listener: passes rebalances from the client's thread to the worker's thread."""

import queue
from typing import Any

from kafka import ConsumerRebalanceListener, TopicPartition

from connectors.protocols import Rebalance
from connectors.record import Partition


def from_kafka(partition: TopicPartition) -> Partition:
    """Convert a partition of kafka-python.

    Examples
    --------
    >>> from_kafka(TopicPartition("pumps", 3))
    Partition(topic='pumps', index=3)
    """
    return Partition(partition.topic, partition.partition)


def to_kafka(partition: Partition) -> TopicPartition:
    """Convert to a partition of kafka-python.

    Examples
    --------
    >>> to_kafka(Partition("pumps", 3))
    TopicPartition(topic='pumps', partition=3)
    """
    return TopicPartition(partition.topic, partition.index)


class RebalanceListener(ConsumerRebalanceListener):  # type: ignore[misc]  # the base class is untyped
    """Queues rebalances, and keeps new partitions paused until they are sought and resumed.

    The callbacks run on the client's own thread, on which requests to the broker fail.

    Parameters
    ----------
    consumer
        The consumer whose rebalances are queued.
    """

    def __init__(self, consumer: Any) -> None:
        self._consumer = consumer
        self._queue: queue.SimpleQueue[Rebalance] = queue.SimpleQueue()

    def on_partitions_assigned(self, assigned: Any) -> None:
        """Pause new partitions; any position keeps the client from fetching the committed one."""
        self._consumer.pause(*assigned)
        for partition in assigned:
            self._consumer.seek(partition, 0)
        self._queue.put(Rebalance(assigned=tuple(sorted(map(from_kafka, assigned)))))

    def on_partitions_revoked(self, revoked: Any) -> None:
        """Queue the revoked partitions, including those lost without notice."""
        self._queue.put(Rebalance(revoked=tuple(sorted(map(from_kafka, revoked)))))

    def taken(self) -> list[Rebalance]:
        """Return and remove the queued rebalances, oldest first."""
        return [self._queue.get() for _ in range(self._queue.qsize())]
