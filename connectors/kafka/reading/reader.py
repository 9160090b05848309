"""Reads one partition of a topic of our own from its beginning to its end."""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from kafka import TopicPartition

from connectors.effects import AppliedCommand
from connectors.errors import Retriable
from connectors.kafka.client.connection import ANSWER_MS
from connectors.kafka.client.errors import map_kafka_errors
from connectors.record import Partition

POLL_MS = 10
SETTINGS = {
    "fetch_max_wait_ms": 10,
    "auto_offset_reset": "earliest",
    # In a session a partition that has nothing new is not answered for.
    "enable_incremental_fetch_sessions": False,
}
STILL_S = 1.0  # without a record for so long, the broker is asked whether any is left
ANSWERS = 2  # one may be under way since before all was committed


def read_to_end(
    consumer: Any,
    partition: TopicPartition,
    wait_s_max: float,
    monotonic: Callable[[], float] = time.monotonic,
) -> Iterator[Any]:
    """Yield a partition's committed records, and None whenever none has come for a while.

    The end is where the log ended when reading began, also what is not committed yet: another
    worker's transaction that hangs there hides what was committed after it, so what is read before
    it has ended is not the last there is. Cleaning may leave no record before the end; that none
    came for a while does not say so, but an answer of the broker does.

    Parameters
    ----------
    consumer : KafkaConsumer
        Reads what is committed, with these `SETTINGS`; its assignment is changed.
    partition : TopicPartition
        What to read.
    wait_s_max : float
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
    with map_kafka_errors(what):
        _reassign(consumer, partition, 0)
    looked_at, still_s, position, wanted = monotonic(), 0.0, 0, 0
    while end is None or position < end:
        with map_kafka_errors(what):
            found = consumer.poll(timeout_ms=POLL_MS)
            answered = consumer.highwater(partition)
            end = answered if end is None else end
            now_at = consumer.position(partition, timeout_ms=ANSWER_MS)
        yield from found.get(partition, ())
        if now_at != position:
            looked_at, still_s, position, wanted = monotonic(), 0.0, now_at, 0
            continue
        yield None
        now = monotonic()  # of the time in which nobody looked, little counts
        looked_at, still_s = now, still_s + min(now - looked_at, STILL_S)
        if end is None or still_s < STILL_S:
            pass
        elif wanted == 0:  # the end itself may have been cleaned away
            with map_kafka_errors(what):
                committed = consumer.end_offsets([partition], timeout_ms=ANSWER_MS)[partition]
                if committed >= end:
                    wanted = ANSWERS
                    _reassign(consumer, partition, position)
        elif answered is not None:
            wanted -= 1
            if wanted == 0:
                return
            with map_kafka_errors(what):
                _reassign(consumer, partition, position)
        if still_s > wait_s_max:
            raise Retriable(
                f"{what}: it was read to offset {position} of {end}, and goes no further",
                "wait: a transaction of another worker ends there, or is ended by the broker",
            )


def _reassign(consumer: Any, partition: TopicPartition, offset: int) -> None:
    """Seek; the high water mark is unknown then, until a fetch from there was answered."""
    consumer.assign([])
    consumer.assign([partition])
    consumer.seek(partition, offset)


def commands_in(
    records: Iterable[Any], partition: Partition, from_offset: int
) -> Iterator[AppliedCommand | None]:
    """Yield the controls in stamped records that took effect at an offset or later.

    Parameters
    ----------
    records : iterable of ConsumerRecord or None
        As of `read_to_end`; None is passed on.
    partition : Partition
        Of the input, in which they took effect.
    from_offset : int
    """
    for record in records:
        if record is None:
            yield None
            continue
        at = int(dict(record.headers)["effective_offset"])
        if at >= from_offset:
            yield AppliedCommand(partition, at, record.value)
