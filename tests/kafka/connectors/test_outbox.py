"""What only a real broker shows: hanging transactions, zombies, compaction, lost offsets."""

from collections.abc import Sequence
from typing import Any

import pytest
from kafka import KafkaProducer, OffsetAndMetadata, TopicPartition
from kafka.admin import KafkaAdminClient

from connectors import Effects, Fatal, Partition, Position, Retriable, Snapshot
from connectors.kafka import KafkaSource
from tests.conformance.test_connector_outbox import PUMPS, batch, loaded
from tests.conformance.test_connector_source import drain, take_over
from tests.support.kafka.broker.broker import Broker
from tests.support.kafka.broker.topics import create_topic, produce, read_topic
from tests.support.kafka.places import KafkaPlace, PatientSource, client, outbox_topics
from tests.support.kafka.small_app import until

QUICK = {"segment_ms": "100", "min_cleanable_dirty_ratio": "0.001", "delete_retention_ms": "0"}


def hanging(bootstrap: Sequence[str], name: str) -> KafkaProducer:
    """Begin a transaction of another worker."""
    producer = KafkaProducer(bootstrap_servers=list(bootstrap), transactional_id=name)
    producer.init_transactions()
    producer.begin_transaction()
    return producer


@pytest.fixture
def place(broker: Broker) -> KafkaPlace:
    return KafkaPlace(broker.bootstrap)


def test_load_waits_for_a_hanging_transaction_and_finds_what_it_hid(place: KafkaPlace) -> None:
    outbox = place.open()
    outbox.commit(batch(0))
    with hanging(place.bootstrap, place.group) as other:
        other.send(place.topics.snapshots, b"", b"strange#0", partition=0).get(10)
        outbox.commit(batch(10))
        found, load = [], outbox.load(PUMPS)
        while found[-20:] != [None] * 20:
            found.append(next(load))
        assert max(s.next_offset for s in found if s) == 10
        other.abort_transaction()
        rest = [s for s in load if s is not None]
    assert max(s.next_offset for s in rest) == 20
    outbox.close()


def test_an_offset_that_a_pending_transaction_holds_is_not_read(place: KafkaPlace) -> None:
    outbox = place.open()
    outbox.commit(batch(0))
    with hanging(place.bootstrap, place.group) as other:
        where = {TopicPartition("pumps", 0): OffsetAndMetadata(99, "", -1)}
        other.send_offsets_to_transaction(where, place.group)
        for _ in range(2):
            with pytest.raises(Retriable):
                outbox.committed(PUMPS)
        other.abort_transaction()
    until(lambda: settled(outbox) == Position(10, "replay from 0 \u00e9"), "the offset is back")
    outbox.close()


def settled(outbox: Any) -> Position | None:
    try:
        return outbox.committed(PUMPS)  # type: ignore[no-any-return]
    except Retriable:
        return None


def test_a_member_of_an_earlier_generation_commits_no_position(place: KafkaPlace) -> None:
    topic = create_topic(place.bootstrap, 2)
    produce(place.bootstrap, topic, [(None, b"1")], partition=0)
    first = PatientSource(place.bootstrap, topic, group=place.group, worker_id="a")
    take_over(first)
    stale = first.source.membership()
    outbox = place.open(membership=lambda: stale)
    second = joined_by_another(place, topic, first)
    ours = Partition(topic, 0)
    with pytest.raises(Retriable):
        outbox.commit(Effects(batch(0).alerts, positions={ours: Position(1)}))
    outbox.close()
    again = place.open(membership=first.source.membership)
    assert again.committed(ours) is None
    assert place.seen().alerts == []
    again.commit(Effects(batch(0).alerts, positions={ours: Position(1)}))
    assert again.committed(ours) == Position(1)
    for connector in (again, first, second):
        connector.close()


def joined_by_another(place: KafkaPlace, topic: str, first: PatientSource) -> KafkaSource:
    """Let another member join, which makes a new generation."""
    second = KafkaSource(client(place.bootstrap), topic, group=place.group, worker_id="b")
    before = first.source.membership().generation_id

    def joined() -> bool:
        first.source.poll(1, 50)
        second.poll(1, 50)
        return bool(first.source.membership().generation_id > before)

    until(joined, "the second member joins", 20)
    return second


def test_compaction_keeps_the_last_snapshots(broker: Broker) -> None:
    place = KafkaPlace(broker.bootstrap, chunk_bytes=1000)
    place.topics = outbox_topics(broker.bootstrap, **QUICK)
    outbox = place.open()
    payload = bytes(range(256)) * 12
    for n in range(30):
        states = [Snapshot(PUMPS, b"a", n, payload[: 3000 - 90 * n]), Snapshot(PUMPS, b"b", n, b"")]
        outbox.commit(Effects(snapshots=states))
    outbox.commit(Effects(snapshots=[Snapshot(PUMPS, b"b", 30, None)]))
    whole = 2 * 30

    def compacted() -> bool:
        outbox.commit(Effects(snapshots=[Snapshot(PUMPS, b"c", 0, b"rolls the segment")]))
        return len(read_topic(broker.bootstrap, place.topics.snapshots)) < whole // 2

    until(compacted, "the broker compacts", 40)
    for box in (outbox, place.open()):
        found = loaded(box)
        assert set(found) == {b"a", b"c"}
        assert found[b"a"] == Snapshot(PUMPS, b"a", 29, payload[: 3000 - 90 * 29])
        box.close()


def test_a_snapshot_above_the_limit_of_a_message_is_loaded(place: KafkaPlace) -> None:
    outbox = place.open(compression="zstd")
    large = Snapshot(PUMPS, b"large", 7, bytes(range(251)) * 12_000)
    outbox.commit(Effects(snapshots=[large]))
    assert loaded(outbox) == {b"large": large}
    outbox.close()


@pytest.mark.parametrize("compression", ["gzip", "lz4", "zstd", "snappy"])
def test_compressed_batches_are_read(broker: Broker, compression: str) -> None:
    topic, values = create_topic(broker.bootstrap), [b"%d" % n * 50 for n in range(200)]
    told = {"compression_type": compression, "linger_ms": 20}
    produce(broker.bootstrap, topic, [(b"k", value) for value in values], **told)
    source = PatientSource(broker.bootstrap, topic)
    take_over(source)
    assert [value for _, value in drain(source, 50)] == values
    source.close()


@pytest.fixture
def cut(broker: Broker) -> str:
    """Return a topic that holds the offsets 4 to 9, written at the times 1000 to 1009."""
    topic = create_topic(broker.bootstrap, retention_ms="-1")
    with KafkaProducer(bootstrap_servers=broker.bootstrap) as producer:
        for n in range(10):
            producer.send(topic, b"%d" % n, partition=0, timestamp_ms=1000 + n).get(10)
    with KafkaAdminClient(bootstrap_servers=broker.bootstrap) as admin:
        admin.delete_records({TopicPartition(topic, 0): 4})
    return topic


STARTS = [
    ({"start": "earliest"}, None, 4),
    ({"start": "latest"}, None, 10),
    ({"start": ("timestamp", 1006)}, None, 6),
    ({"start": ("timestamp", 5000)}, None, 10),
    ({"start": ("timestamp", 1)}, None, 4),
    ({"start": 7}, None, 7),
    ({"start": 10}, None, 10),
    ({"start": 3}, None, "holds offsets 4 to 10, and source.start asks for 3"),
    ({"start": 11}, None, "source.start asks for 11"),
    ({}, 4, 4),
    ({}, 10, 10),
    ({}, 2, "offset 2 is needed, and records before 4 are no longer retained"),
    ({"on_offset_out_of_range": "earliest"}, 2, 4),
    ({"on_offset_out_of_range": "latest"}, 2, 10),
    ({"on_offset_out_of_range": "latest"}, 5, 5),
    ({"on_offset_out_of_range": "earliest"}, 11, "it ends at 10, before the committed position 11"),
]


def test_where_reading_begins(broker: Broker, cut: str) -> None:
    for told, wanted, expected in STARTS:
        source = PatientSource(broker.bootstrap, cut, **told)
        if isinstance(expected, str):
            with pytest.raises(Fatal, match=expected):
                source.start(PUMPS, wanted)
        else:
            assert source.start(PUMPS, wanted) == expected, told
        source.close()


def test_a_position_that_is_lost_while_reading_is_fatal(broker: Broker, cut: str) -> None:
    source = PatientSource(broker.bootstrap, cut)
    take_over(source, 2)
    with pytest.raises(Fatal) as caught:
        source.poll(10, 0)
    assert "source.on_offset_out_of_range" in caught.value.remedy
    source.close()


def test_a_client_that_returns_none_of_the_records_is_noticed(broker: Broker) -> None:
    now = [0.0]
    topic = create_topic(broker.bootstrap)
    patient = PatientSource(broker.bootstrap, topic, monotonic=lambda: now[0])
    take_over(patient, 0)
    source = patient.source

    def polled_much_later() -> list[bytes | None]:
        now[0] += 11
        return [record.value for record in source.poll(10, 100)]

    try:
        assert [polled_much_later() for _ in range(3)] == [[]] * 3  # none wait
        source._consumer.pause(TopicPartition(topic, 0))  # stuck: nobody of ours asked for it
        produce(broker.bootstrap, topic, [(None, b"one")], 0)
        assert polled_much_later() == []  # it may just have come
        with pytest.raises(Retriable, match="records wait in partition 0"):
            polled_much_later()
        source._consumer.resume(TopicPartition(topic, 0))
        assert drain(patient) == [(0, b"one")]
    finally:
        source.close()
