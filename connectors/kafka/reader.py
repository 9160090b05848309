"""Reads one partition of a topic of our own from its beginning to its end."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from kafka import TopicPartition

from connectors.errors import Retriable
from connectors.kafka.client import ANSWER_MS
from connectors.kafka.errors import told

POLL_MS = 10
STILL_S = 1.0  # nothing more to come, where all of it is committed and none came for so long


def read_to_end(
    consumer: Any,
    partition: TopicPartition,
    patience_s: float,
    monotonic: Callable[[], float] = time.monotonic,
) -> Iterator[Any]:
    """Yield a partition's committed records, and None whenever none has come for a while.

    The end is where the log ended when reading began, also what is not committed yet: another
    worker's transaction that hangs there hides what was committed after it, so what is read before
    it has ended is not the last there is.

    Parameters
    ----------
    consumer : KafkaConsumer
        Reads what is committed, and the earliest there is where an offset is gone; its assignment
        is changed.
    partition : TopicPartition
        What to read.
    patience_s : float
        How long to wait for a transaction of another worker to end.
    monotonic : callable
        Seconds since whenever.

    Yields
    ------
    ConsumerRecord or None

    Raises
    ------
    Retriable
        Where the end did not come in time.
    """
    what = f"topic {partition.topic}, partition {partition.partition}"
    end = None
    with told(what):
        consumer.assign([])  # nothing known of an earlier reading may count as known now
        consumer.assign([partition])
        consumer.seek(partition, 0)
    moved_at, position = monotonic(), 0
    while end is None or position < end:
        with told(what):
            found = consumer.poll(timeout_ms=POLL_MS)
            if end is None:
                end = consumer.highwater(partition)
            now_at = consumer.position(partition, timeout_ms=ANSWER_MS)
        yield from found.get(partition, ())
        if now_at != position:
            moved_at, position = monotonic(), now_at
            continue
        yield None
        still_s = monotonic() - moved_at
        if end is not None and still_s > STILL_S:
            with told(what):  # the end itself may have been cleaned away
                committed = consumer.end_offsets([partition], timeout_ms=ANSWER_MS)[partition]
            if committed >= end:
                return
        if still_s > patience_s:
            raise Retriable(
                f"{what}: it was read to offset {position} of {end}, and goes no further",
                "wait: a transaction of another worker ends there, or is ended by the broker",
            )
