"""Faults of a producer: a failed commit is never reported as done."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from kafka import TopicPartition
from kafka.producer.transaction_manager import ProducerIdAndEpoch

from connectors.effects import Step
from connectors.errors import ConnectorError
from connectors.kafka import KafkaOutbox
from tests.conformance.test_connector_outbox import PUMPS, batch, everything
from tests.support.kafka.broker.broker import Broker
from tests.support.kafka.places import KafkaPlace

TIMEOUT_MS = 1500


class LeftError(Exception):
    """Stands in for the end of the process."""


class Doors:
    """Does something at a step of the second commit."""

    def __init__(self, step: Step, fault: Callable[[], None]) -> None:
        self._step, self._fault, self._commits = step, fault, 0

    def __call__(self, done: Step) -> None:
        self._commits += done is Step.COMMIT
        if done is self._step and self._commits == 1:
            self._fault()


@pytest.fixture
def place(own_broker: Broker) -> Iterator[KafkaPlace]:
    """A place behind the proxy, which each test leaves mended."""
    assert own_broker.proxy is not None
    place = KafkaPlace(own_broker.proxy.bootstrap, transaction_timeout_ms=TIMEOUT_MS)
    yield place
    own_broker.proxy.mend()
    own_broker.unpause()


def all_or_nothing(place: KafkaPlace, before: object, mend: Callable[[], None]) -> bool:
    """See that the second batch is there or not, never in parts; say whether it is."""
    mend()
    outbox = place.open(transaction_timeout_ms=10_000)
    try:
        found = everything(outbox, place)
        if found == before:
            outbox.commit(batch(10))
            return False
        assert len(place.seen().alerts) == len(place.seen().dead_letters) == 2
        position = outbox.committed(PUMPS)
        assert position is not None
        assert position.next_offset == 20
        return True
    finally:
        outbox.close()


def fails(place: KafkaPlace, outbox: KafkaOutbox, left: threading.Event) -> None:
    """Commit the second batch: it fails, or the watchdog ends the process."""
    errors: list[BaseException | None] = []

    def commit() -> None:
        try:
            outbox.commit(batch(10))
        except ConnectorError as error:
            errors.append(error)
        else:
            errors.append(None)

    thread = threading.Thread(target=commit, daemon=True)
    thread.start()
    thread.join(4 * TIMEOUT_MS / 1000)
    assert errors != [None], "it passed for committed"
    assert errors or left.is_set(), "it hangs, and the watchdog sleeps"


BREAKS = [
    (Step.ALERTS, "stall"),
    (Step.COMMANDS, "cut"),
    (Step.COMMANDS, "pause"),
    (Step.POSITIONS, "cut"),
    (Step.POSITIONS, "stall"),
]


@pytest.mark.parametrize(("step", "fault"), BREAKS)
def test_a_connection_that_breaks_in_a_commit(
    own_broker: Broker, place: KafkaPlace, fault: str, step: Step
) -> None:
    proxy = own_broker.proxy
    assert proxy is not None
    breaking = own_broker.pause if fault == "pause" else getattr(proxy, fault)
    left = threading.Event()
    outbox = place.open(Doors(step, breaking), leave=lambda *_: left.set())
    outbox.commit(batch(0))
    before = everything(outbox, place)
    fails(place, outbox, left)

    def mend() -> None:
        proxy.mend()
        own_broker.unpause()
        own_broker.wait_ready()

    outbox.close()
    all_or_nothing(place, before, mend)


def manager(outbox: KafkaOutbox) -> Any:
    return outbox._transaction._producer._transaction_manager


def skip_numbers(outbox: KafkaOutbox, place: KafkaPlace) -> None:
    """Let the next batch of alerts come out of order."""
    manager(outbox)._sequence_numbers[TopicPartition(place.topics.alerts, 0)] += 5


def former_epoch(outbox: KafkaOutbox, place: KafkaPlace) -> None:
    now = manager(outbox).producer_id_and_epoch
    manager(outbox).producer_id_and_epoch = ProducerIdAndEpoch(now.producer_id, now.epoch - 1)


def unknown_producer(outbox: KafkaOutbox, place: KafkaPlace) -> None:
    now = manager(outbox).producer_id_and_epoch
    manager(outbox).producer_id_and_epoch = ProducerIdAndEpoch(now.producer_id + 4711, now.epoch)


def fenced(outbox: KafkaOutbox, place: KafkaPlace) -> None:
    place.open().close()


FAULTS = [
    (skip_numbers, Step.ALERTS),
    (former_epoch, Step.ALERTS),
    (former_epoch, Step.POSITIONS),
    (unknown_producer, Step.ALERTS),
    (fenced, Step.COMMIT),  # before the second commit begins
    (fenced, Step.POSITIONS),
]


@pytest.mark.parametrize(("fault", "step"), FAULTS)
def test_a_producer_that_the_broker_refuses(
    place: KafkaPlace, fault: Callable[[KafkaOutbox, KafkaPlace], None], step: Step
) -> None:
    outboxes: list[KafkaOutbox] = []
    left = threading.Event()
    dispatchers = Doors(step, lambda: fault(outboxes[0], place))
    outboxes.append(
        place.open(dispatchers, leave=lambda *_: left.set(), transaction_timeout_ms=3000)
    )
    outbox = outboxes[0]
    outbox.commit(batch(0))
    before = everything(outbox, place)
    fails(place, outbox, left)
    outbox.close()
    assert not all_or_nothing(place, before, lambda: None)


def test_a_coordinator_that_dies_at_the_commit(own_broker: Broker, place: KafkaPlace) -> None:
    left = threading.Event()
    outbox = place.open(Doors(Step.POSITIONS, own_broker.kill), leave=lambda *_: left.set())
    outbox.commit(batch(0))
    before = everything(outbox, place)
    fails(place, outbox, left)
    outbox.close()
    assert not all_or_nothing(place, before, own_broker.start)
