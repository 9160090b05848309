"""Reading a partition to its end, and the watchdog: without a broker, without waiting."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from kafka import TopicPartition
from kafka.errors import KafkaTimeoutError

from connectors import Fatal, Retriable
from connectors.kafka.client.watchdog import bounded
from connectors.kafka.reading.reader import STILL_S, read_to_end

WHERE = TopicPartition("snapshots", 0)
INTERPRETED_S_MAX = 30.0


class Poll(NamedTuple):
    """What one poll gives, and where the log stands then; no ``answer``: a fetch is under way."""

    offsets: tuple[int, ...] = ()
    position: int = 0
    high_water: int | None = None
    stable: int = 0
    answer: bool = True


class FakeConsumer:
    """Answers from a list; its last answer stays. Each poll takes half a second."""

    def __init__(self, *polls: Poll) -> None:
        self.polls = list(polls)
        self.now = Poll()
        self.clock = 100.0
        self.assigned: list[list[TopicPartition]] = []
        self.known: int | None = None

    def assign(self, partitions: list[TopicPartition]) -> None:
        self.assigned.append(partitions)
        self.known = None if not partitions else self.known

    def seek(self, partition: TopicPartition, offset: int) -> None:
        assert self.assigned[-2:] == [[], [WHERE]]  # nothing known before counts
        assert (partition, offset) == (WHERE, self.now.position)

    def poll(self, timeout_ms: int) -> dict[TopicPartition, list[Any]]:
        self.clock += 0.5
        self.now = self.polls.pop(0)
        self.known = self.now.high_water if self.now.answer else self.known
        self.polls = self.polls or [self.now._replace(offsets=())]
        found = [SimpleNamespace(offset=offset) for offset in self.now.offsets]
        return {WHERE: found} if found else {}

    def highwater(self, partition: TopicPartition) -> int | None:
        return self.known

    def position(self, partition: TopicPartition, timeout_ms: int) -> int:
        return self.now.position

    def end_offsets(
        self, partitions: list[TopicPartition], timeout_ms: int
    ) -> dict[TopicPartition, int]:
        return {WHERE: self.now.stable}


def read(consumer: FakeConsumer) -> Iterator[int | None]:
    for found in read_to_end(consumer, WHERE, INTERPRETED_S_MAX, lambda: consumer.clock):
        yield None if found is None else found.offset


def test_it_ends_where_the_log_ended_when_reading_began() -> None:
    consumer = FakeConsumer(
        Poll((0, 1), 2, high_water=4), Poll((3,), 4, high_water=9), Poll((4,), 5, high_water=9)
    )
    assert list(read(consumer)) == [0, 1, 3]


def test_an_empty_log_is_read_at_once() -> None:
    assert [at for at in read(FakeConsumer(Poll(high_water=0))) if at is not None] == []


def test_while_nothing_is_known_nothing_is_concluded() -> None:
    consumer = FakeConsumer(Poll(), Poll(), Poll(), Poll(), Poll((0,), 1, high_water=1))
    assert list(read(consumer)) == [None, None, None, None, 0]


def test_what_a_pending_transaction_hides_is_waited_for() -> None:
    hidden = [Poll((), 2, high_water=6, stable=2)] * 20  # ten seconds: less than the patience
    consumer = FakeConsumer(Poll((0, 1), 2, high_water=6), *hidden, Poll((4, 5), 6))
    found = list(read(consumer))
    assert found == [0, 1, *[None] * 20, 4, 5]


def test_a_transaction_that_never_ends_ends_the_patience() -> None:
    consumer = FakeConsumer(Poll((0,), 2, high_water=6), Poll((), 2, high_water=6, stable=2))
    reading, found = read(consumer), []
    with pytest.raises(Retriable, match="read to offset 2 of 6"):
        found += list(iter(reading.__next__, "never"))
    assert consumer.clock == pytest.approx(100.5 + INTERPRETED_S_MAX + 0.5)


def test_a_read_that_moves_is_never_out_of_patience() -> None:
    slow = [Poll((at,), at + 1, high_water=100) for at in range(100)]
    consumer = FakeConsumer(*slow, Poll((), 100))
    assert list(read(consumer)) == list(range(100))
    assert consumer.clock > 100.0 + INTERPRETED_S_MAX


def test_an_end_that_was_cleaned_away_is_an_end() -> None:
    gone = Poll((), 2, high_water=6, stable=6)  # all of it committed, and nothing more comes
    consumer = FakeConsumer(Poll((0, 1), 2, high_water=6), gone)
    assert [at for at in read(consumer) if at is not None] == [0, 1]
    assert STILL_S < consumer.clock - 100.5 <= STILL_S + 1


def test_a_reader_that_was_not_asked_for_long_has_not_reached_the_end() -> None:
    """A rebalance may keep a worker from asking; meanwhile nothing came because nobody asked."""
    under_way = Poll((), 2, high_water=6, stable=6, answer=False)
    late = (Poll((2, 3), 4, high_water=6, stable=6), Poll((5,), 6, high_water=6, stable=6))
    consumer = FakeConsumer(Poll((0, 1), 2, high_water=6, stable=6), *[under_way] * 4, *late)
    found = []
    for at in read(consumer):
        consumer.clock += 10 if at is None else 0
        found += [] if at is None else [at]
    assert found == [0, 1, 2, 3, 5]


def test_one_empty_answer_may_be_older_than_the_end() -> None:
    """It was asked for while a transaction was pending, and came after that had ended."""
    pending = Poll((), 2, high_water=6, stable=2)
    ended = Poll((), 2, high_water=6, stable=6)
    consumer = FakeConsumer(
        Poll((0, 1), 2, high_water=6), pending, pending, ended, ended, Poll((2,), 6, high_water=6)
    )
    assert [at for at in read(consumer) if at is not None] == [0, 1, 2]


def test_the_clients_errors_are_told() -> None:
    consumer = FakeConsumer(Poll(high_water=1))

    def fail(timeout_ms: int) -> Any:
        raise KafkaTimeoutError("late")

    consumer.poll = fail  # type: ignore[method-assign]
    with pytest.raises(Retriable, match="topic snapshots, partition 0: KafkaTimeoutError: late"):
        list(read(consumer))


class Left:
    """Takes the place of ending the process."""

    def __init__(self) -> None:
        self.said: list[tuple[str, float]] = []
        self.left = threading.Event()

    def __call__(self, what: str, seconds: float) -> None:
        self.said.append((what, seconds))
        self.left.set()


def test_a_step_that_hangs_ends_the_process() -> None:
    leave = Left()
    with bounded("transaction pumps.0", 0.01, leave):
        assert leave.left.wait(10)
    assert leave.said == [("transaction pumps.0", 0.01)]


@pytest.mark.parametrize("error", [None, Fatal("no", "act")], ids=repr)
def test_a_step_that_ends_in_time_disarms_it(error: Fatal | None) -> None:
    leave, before = Left(), set(threading.enumerate())
    with suppress(Fatal), bounded("commit", 3600, leave):
        (timer,) = set(threading.enumerate()) - before
        assert timer.daemon  # it keeps no process from ending
        if error:
            raise error
    timer.join(10)
    assert not timer.is_alive()
    assert leave.said == []
