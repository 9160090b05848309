"""A new owner aborts the open transaction of a dead worker, not that of a running one."""

import pytest
from kafka import KafkaProducer, OffsetAndMetadata, TopicPartition
from kafka.errors import KafkaError

from connectors import Position, Retriable
from connectors.kafka import KafkaOutbox
from tests.conformance.test_connector_outbox import PUMPS, batch
from tests.support.kafka.broker.broker import Broker
from tests.support.kafka.broker.topics import create_topic
from tests.support.kafka.places import KafkaPlace, PatientSource


@pytest.fixture
def place(broker: Broker) -> KafkaPlace:
    return KafkaPlace(broker.bootstrap)


def pending(place: KafkaPlace, transactional_id: str) -> KafkaProducer:
    """Begin to move an offset of the group, under the name of a worker."""
    producer = KafkaProducer(
        bootstrap_servers=list(place.bootstrap),
        transactional_id=transactional_id,
        transaction_timeout_ms=600_000,  # no test waits for that
    )
    producer.init_transactions()
    producer.begin_transaction()
    where = {TopicPartition("pumps", 0): OffsetAndMetadata(99, "", -1)}
    producer.send_offsets_to_transaction(where, place.group)
    return producer


def committed(outbox: KafkaOutbox) -> int:
    """Return the position, however long its broker takes to end a transaction."""
    for _ in range(20):
        try:
            position = outbox.committed(PUMPS)
        except Retriable:
            continue
        assert position is not None
        return position.next_offset
    raise AssertionError("the position stays hidden")


def test_a_transaction_without_a_member_does_not_block_offsets(place: KafkaPlace) -> None:
    outbox = place.open()
    outbox.commit(batch(0))
    with pending(place, f"{place.group}.killed") as killed:
        assert committed(outbox) == 10
        with pytest.raises(KafkaError, match=r"Fenced|Epoch"):
            killed.commit_transaction()
    assert committed(outbox) == 10
    outbox.commit(batch(10))
    assert committed(outbox) == 20
    outbox.close()


@pytest.mark.parametrize(
    ("group", "worker"),
    [("{group}", "worker-1"), ("{group}.north", "worker-1"), ("{group}", "north.worker-1")],
)
def test_a_transaction_of_a_member_is_waited_for(
    place: KafkaPlace, group: str, worker: str
) -> None:
    outbox = place.open()
    outbox.commit(batch(0))
    group = group.format(group=place.group)
    topic = create_topic(place.bootstrap, 1)
    member = PatientSource(place.bootstrap, topic, group=group, worker_id=worker)
    with pending(place, f"{group}.{worker}") as alive:
        for _ in range(2):
            with pytest.raises(Retriable):
                outbox.committed(PUMPS)
        alive.commit_transaction()
    assert committed(outbox) == 99
    member.close()
    outbox.close()


def test_dead_letters_that_are_being_sent_again_are_waited_for(place: KafkaPlace) -> None:
    outbox = place.open()
    outbox.commit(batch(0))
    with pending(place, f"{place.group}.redrive") as tool:
        with pytest.raises(Retriable):
            outbox.committed(PUMPS)
        tool.commit_transaction()
    assert committed(outbox) == 99
    assert outbox.committed(PUMPS) == Position(99, "")
    outbox.close()
