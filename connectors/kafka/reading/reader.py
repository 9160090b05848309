"""Reading of one partition of an application topic from its beginning to its end."""

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
    # In a fetch session, the broker does not include partitions without new data in its answer.
    "enable_incremental_fetch_sessions": False,
}
STILL_S = 1.0  # time without a record after which the broker is asked whether any is left
ANSWERS = 2  # one answer may be in flight since before the last commit


def read_to_end(
    consumer: Any,
    partition: TopicPartition,
    wait_s_max: float,
    monotonic: Callable[[], float] = time.monotonic,
) -> Iterator[Any]:
    """Yield a partition's committed records, and None whenever none has come for a while.

    The end is the end of the log when reading began, including records that are not committed yet.
    An open transaction of another worker hides the records committed after it, so reading waits
    until that transaction ends. Compaction may have deleted the last records before the end. A
    pause without records does not show that; an answer of the broker does.

    Parameters
    ----------
    consumer : KafkaConsumer
        A consumer of committed records made with these `SETTINGS`; its assignment is changed.
    partition : TopicPartition
        The partition to read.
    wait_s_max : float
        Maximum time to wait for a transaction of another worker to end, in seconds.
    monotonic : callable
        Clock that returns seconds.

    Yields
    ------
    ConsumerRecord or None

    Raises
    ------
    Retriable
        If the end is not reached in time.
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
        now = monotonic()  # time spent outside this function counts only up to a limit
        looked_at, still_s = now, still_s + min(now - looked_at, STILL_S)
        if end is None or still_s < STILL_S:
            pass
        elif wanted == 0:  # compaction may have deleted the last record
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
                f"{what}: read to offset {position} of {end}, and no further record is readable",
                "wait until the open transaction of another worker ends or the broker aborts it",
            )


def _reassign(consumer: Any, partition: TopicPartition, offset: int) -> None:
    """Seek; the high water mark is then unknown until a fetch from there is answered."""
    consumer.assign([])
    consumer.assign([partition])
    consumer.seek(partition, offset)


def commands_in(
    records: Iterable[Any], partition: Partition, from_offset: int
) -> Iterator[AppliedCommand | None]:
    """Yield the applied commands in records that took effect at an offset or later.

    Parameters
    ----------
    records : iterable of ConsumerRecord or None
        Result of `read_to_end`; None is passed on.
    partition : Partition
        Partition of the input in which the commands took effect.
    from_offset : int
    """
    for record in records:
        if record is None:
            yield None
            continue
        at = int(dict(record.headers)["effective_offset"])
        if at >= from_offset:
            yield AppliedCommand(partition, at, record.value)
