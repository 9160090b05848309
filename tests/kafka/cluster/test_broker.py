"""The harness itself: brokers that serve, stop, die, freeze and lose their network."""

import os
from collections.abc import Callable

import pytest
from kafka import KafkaConsumer, KafkaProducer
from kafka.errors import KafkaError

from tests.support.kafka.broker.broker import Broker
from tests.support.kafka.broker.cluster import Cluster
from tests.support.kafka.broker.topics import create_topic, pairs, produce, read_topic

RECORDS = [(b"a", b"1"), (b"b", b"2"), (None, b"3"), (b"a", None)]
SHORT = {"request_timeout_ms": 1000, "delivery_timeout_ms": 2000, "max_block_ms": 2000}


def test_what_is_produced_is_read(broker: Broker) -> None:
    topic = create_topic(broker.bootstrap, partitions=2)
    produce(broker.bootstrap, topic, RECORDS)
    assert sorted(map(repr, pairs(read_topic(broker.bootstrap, topic)))) == sorted(
        map(repr, RECORDS)
    )


def test_only_what_is_committed_is_read(broker: Broker) -> None:
    topic = create_topic(broker.bootstrap)
    with KafkaProducer(
        bootstrap_servers=broker.bootstrap, transactional_id=f"{topic}-writer"
    ) as producer:
        producer.init_transactions()
        for value, end in ((b"lost", "abort_transaction"), (b"kept", "commit_transaction")):
            producer.begin_transaction()
            producer.send(topic, value=value, partition=0)
            getattr(producer, end)()
    assert pairs(read_topic(broker.bootstrap, topic)) == [(None, b"kept")]


@pytest.mark.parametrize("end", [Broker.stop, Broker.kill])
def test_a_restart_keeps_ports_and_data(own_broker: Broker, end: Callable[[Broker], None]) -> None:
    topic = create_topic(own_broker.bootstrap)
    produce(own_broker.bootstrap, topic, RECORDS)
    pid, where = own_broker.pid, own_broker.bootstrap
    end(own_broker)
    assert own_broker.pid is None
    assert own_broker.alive() == 0
    own_broker.start()
    assert own_broker.pid not in (None, pid)
    assert own_broker.bootstrap == where
    assert pairs(read_topic(own_broker.bootstrap, topic)) == RECORDS
    assert own_broker.log.stat().st_size > 0


def test_a_frozen_broker_is_silent_and_comes_back(own_broker: Broker) -> None:
    topic = create_topic(own_broker.bootstrap)
    pid = own_broker.pid
    own_broker.pause()
    try:
        with pytest.raises(KafkaError):
            produce(own_broker.bootstrap, topic, RECORDS, bootstrap_timeout_ms=1000)
    finally:
        own_broker.unpause()
    own_broker.wait_ready()
    produce(own_broker.bootstrap, topic, RECORDS)
    assert own_broker.pid == pid


@pytest.mark.parametrize("fault", ["cut", "stall"])
def test_the_proxy_breaks_and_restores_the_connection(own_broker: Broker, fault: str) -> None:
    proxy = own_broker.proxy
    assert proxy is not None
    topic = create_topic(proxy.bootstrap)
    with KafkaProducer(bootstrap_servers=proxy.bootstrap, **SHORT) as producer:
        producer.send(topic, b"before").get(10)
        getattr(proxy, fault)()
        try:
            lost = producer.send(topic, b"while")
            with pytest.raises(KafkaError):
                lost.get(10)
        finally:
            proxy.mend()
    produce(proxy.bootstrap, topic, [(None, b"after")])
    values = [value for _, value in pairs(read_topic(proxy.bootstrap, topic))]
    assert (values[0], values[-1]) == (b"before", b"after")


def test_clients_of_the_proxy_do_not_go_around_it(own_broker: Broker) -> None:
    proxy = own_broker.proxy
    assert proxy is not None
    with KafkaConsumer(bootstrap_servers=proxy.bootstrap) as consumer:
        consumer.topics()
        ports = {broker.port for broker in consumer._manager.cluster.brokers()}
    assert ports == {proxy.port}


def test_a_closed_broker_leaves_nothing(java: None) -> None:
    with Broker() as broker:
        pid = broker.pid
        assert pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert not broker.folder.exists()


def test_the_cluster_goes_on_without_a_node(cluster: Cluster) -> None:
    topic = create_topic(cluster.bootstrap, partitions=3)
    produce(cluster.bootstrap, topic, RECORDS)
    gone = cluster.brokers[0]
    gone.kill()
    produce(cluster.bootstrap, topic, RECORDS)
    cluster.start()
    assert gone.alive() == len(cluster.brokers)
    assert len(read_topic(cluster.bootstrap, topic)) == 2 * len(RECORDS)
