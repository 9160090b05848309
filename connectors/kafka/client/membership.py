"""What the group's coordinator decides, queued on its thread and handed out on ours."""

import queue
from typing import Any

from kafka import ConsumerRebalanceListener, TopicPartition

from connectors.protocols import Rebalance
from connectors.record import Partition


def ours(partition: TopicPartition) -> Partition:
    """Translate.

    Examples
    --------
    >>> ours(TopicPartition("pumps", 3))
    Partition(topic='pumps', index=3)
    """
    return Partition(partition.topic, partition.partition)


def theirs(partition: Partition) -> TopicPartition:
    """Translate back.

    Examples
    --------
    >>> theirs(Partition("pumps", 3))
    TopicPartition(topic='pumps', partition=3)
    """
    return TopicPartition(partition.topic, partition.index)


class Membership(ConsumerRebalanceListener):  # type: ignore[misc]  # it comes untyped
    """Queues rebalances, and holds new partitions still until someone seeks them.

    Its callbacks run on the client's own thread, where asking the broker anything fails.

    Parameters
    ----------
    consumer
        Whose partitions come and go.
    """

    def __init__(self, consumer: Any) -> None:
        self._consumer = consumer
        self._queue: queue.SimpleQueue[Rebalance] = queue.SimpleQueue()

    def on_partitions_assigned(self, assigned: Any) -> None:
        """Pause what is new; a position, whatever it is, keeps the client from asking for one."""
        self._consumer.pause(*assigned)
        for partition in assigned:
            self._consumer.seek(partition, 0)
        self._queue.put(Rebalance(assigned=tuple(sorted(map(ours, assigned)))))

    def on_partitions_revoked(self, revoked: Any) -> None:
        """Note what is gone, also where it was lost without notice."""
        self._queue.put(Rebalance(revoked=tuple(sorted(map(ours, revoked)))))

    def taken(self) -> list[Rebalance]:
        """Hand over what was queued, oldest first."""
        return [self._queue.get() for _ in range(self._queue.qsize())]
