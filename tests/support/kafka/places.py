"""The contracts' places on a real broker."""

from collections.abc import Collection, Sequence
from time import monotonic
from typing import Any

import msgspec
from kafka import KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient
from kafka.errors import TopicAlreadyExistsError

from connectors import Partition, Rebalance, Record, Retriable
from connectors.effects import CrashPoint, no_crash
from connectors.kafka import KafkaClient, KafkaOutbox, KafkaRelay, KafkaSource, OutboxTopics
from connectors.kafka.writing.dead_letters import read_dead_letter
from connectors.protocols import Relay
from tests.support.kafka.broker.topics import create_topic, read_topic, unique
from tests.support.outcomes.outbox_places import Seen

WAIT_S_MAX = 20.0
POLL_MS = 50
PUMPS = Partition("pumps", 0)


def client(bootstrap: Sequence[str]) -> KafkaClient:
    return KafkaClient(tuple(bootstrap), client_id="tests")


def outbox_topics(bootstrap: Sequence[str], partitions: int = 2, **snapshots: str) -> OutboxTopics:
    """Make the four topics of an outbox under names of their own."""
    told = {"cleanup_policy": "compact", **snapshots}
    return OutboxTopics(
        create_topic(bootstrap, name="alerts"),
        create_topic(bootstrap, name="dead-letters"),
        create_topic(bootstrap, partitions, name="snapshots", **told),
        create_topic(bootstrap, partitions, name="stamped"),
    )


def topic_of_the_contract(bootstrap: Sequence[str]) -> None:
    """See that the topic exists whose positions the contract commits."""
    with KafkaAdminClient(bootstrap_servers=list(bootstrap)) as admin:
        try:
            admin.create_topics({"pumps": {"num_partitions": 2}}, wait_for_metadata=True)
        except TopicAlreadyExistsError:
            return


class KafkaPlace:
    shut_out = (Retriable, "Fenced|Epoch")

    def __init__(self, bootstrap: Sequence[str], **outbox: Any) -> None:
        self.bootstrap = bootstrap
        self.topics = outbox_topics(bootstrap)
        self.group = unique("group")
        self.told = {"worker_id": "worker-0", "transaction_timeout_ms": 10_000, **outbox}
        topic_of_the_contract(bootstrap)

    def open(self, crash_point: CrashPoint = no_crash, **outbox: Any) -> KafkaOutbox:
        told = {**self.told, **outbox}
        return KafkaOutbox(
            client(self.bootstrap), self.topics, group=self.group, crash_point=crash_point, **told
        )

    def seen(self) -> Seen:
        alerts = read_topic(self.bootstrap, self.topics.alerts)
        dead_letters = [
            read_dead_letter("letters", r.value, r.key, r.headers)
            for r in read_topic(self.bootstrap, self.topics.dead_letters)
        ]
        return Seen([r.value for r in alerts], [(x.code, x.record.value) for x in dead_letters])


class PatientRelay:
    """A relay whose poll gives nothing only at the end: joining a group takes a while."""

    def __init__(self, relay: KafkaRelay) -> None:
        self._relay = relay

    def poll(self, max_records: int, timeout_ms: int) -> list[Record]:
        consumer, limit = self._relay._consumer, monotonic() + WAIT_S_MAX
        while monotonic() < limit:
            if found := self._relay.poll(max_records, POLL_MS):
                return found
            mine = list(consumer.assignment())
            ends = consumer.end_offsets(mine) if mine else {}
            if mine and all(consumer.position(p) >= ends[p] for p in mine):
                return []
        raise AssertionError(f"no partition, or not to its end, in {WAIT_S_MAX} s")

    def commit(self) -> None:
        self._relay.commit()

    def close(self) -> None:
        self._relay.close()


def relay(place: KafkaPlace, name: str) -> Relay:
    group = f"{place.group}.relay.{name}"
    return PatientRelay(KafkaRelay(client(place.bootstrap), place.topics.alerts, group))


class PatientSource:
    """A source of one topic under the contract's name, whose poll gives nothing only at the end."""

    capabilities = KafkaSource.capabilities

    def __init__(self, bootstrap: Sequence[str], topic: str, **source: Any) -> None:
        told = {"group": unique("group"), "worker_id": "worker-0", **source}
        self.source = KafkaSource(client(bootstrap), topic, **told)
        self._topic = topic
        self._paused: set[Partition] = set()
        # Joining takes polls of its own.
        limit = monotonic() + WAIT_S_MAX
        while self.source._membership._queue.empty():
            assert monotonic() < limit, "no partition came"
            assert self.source.poll(1, POLL_MS) == []

    def _ours(self, partition: Partition) -> Partition:
        assert partition.topic == self._topic
        return Partition("pumps", partition.index)

    def _theirs(self, partition: Partition) -> Partition:
        return Partition(self._topic, partition.index)

    def partitions(self) -> tuple[Partition, ...]:
        return tuple(map(self._ours, self.source.partitions()))

    def rebalances(self) -> list[Rebalance]:
        found = [
            Rebalance(tuple(map(self._ours, r.assigned)), tuple(map(self._ours, r.revoked)))
            for r in self.source.rebalances()
        ]
        self._paused |= {partition for r in found for partition in r.assigned}
        return found

    def poll(self, max_records: int, timeout_ms: int) -> list[Record]:
        limit = monotonic() + WAIT_S_MAX
        while monotonic() < limit:
            if found := self.source.poll(max_records, POLL_MS):
                return [
                    msgspec.structs.replace(r, partition=self._ours(r.partition)) for r in found
                ]
            mine = {p for p in map(self._ours, self.source._assigned)} - self._paused
            if all(self.position(p) >= self._end(p) for p in mine):
                return []
        raise AssertionError(f"not read to its end in {WAIT_S_MAX} s")

    def _end(self, partition: Partition) -> int:
        where = TopicPartition(self._topic, partition.index)
        return int(self.source._asking.end_offsets([where])[where])

    def start(self, partition: Partition, wanted: int | None) -> int:
        return self.source.start(self._theirs(partition), wanted)

    def seek(self, partition: Partition, next_offset: int) -> None:
        self.source.seek(self._theirs(partition), next_offset)

    def position(self, partition: Partition) -> int:
        return self.source.position(self._theirs(partition))

    def pause(self, partitions: Collection[Partition]) -> None:
        self.source.pause([self._theirs(p) for p in partitions])
        self._paused |= set(partitions)

    def resume(self, partitions: Collection[Partition]) -> None:
        self.source.resume([self._theirs(p) for p in partitions])
        self._paused -= set(partitions)

    def finished(self, partition: Partition) -> bool:
        return self.source.finished(self._theirs(partition))

    def close(self) -> None:
        self.source.close()


def produce_with_gaps(bootstrap: Sequence[str], topic: str, values: Sequence[bytes]) -> None:
    """Every third value in a transaction of its own, every second of these aborted first."""
    with KafkaProducer(bootstrap_servers=list(bootstrap), transactional_id=topic) as producer:
        producer.init_transactions()
        for at in range(0, len(values), 3):
            if at % 2:
                producer.begin_transaction()
                producer.send(topic, b"never seen", partition=0)
                producer.abort_transaction()
            producer.begin_transaction()
            for value in values[at : at + 3]:
                producer.send(topic, value, partition=0)
            producer.commit_transaction()
