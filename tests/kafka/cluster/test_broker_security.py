"""The secured listeners of the harness accept only the right credentials."""

from typing import Any

import pytest
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError, TopicAuthorizationFailedError

from tests.support.kafka.broker.broker import Broker
from tests.support.kafka.broker.certificates import Certificates
from tests.support.kafka.broker.security import EXPIRED, LOGIN, MECHANISMS, TLS, TLS_LOGIN, login
from tests.support.kafka.broker.topics import create_topic, pairs, produce, read_topic

QUICK = {"bootstrap_timeout_ms": 3000}


@pytest.fixture
def keys(secure_broker: Broker) -> Certificates:
    assert secure_broker.certificates is not None
    return secure_broker.certificates


@pytest.fixture
def topic(secure_broker: Broker) -> str:
    return create_topic(secure_broker.bootstrap)


def go_through(broker: Broker, listener: str, topic: str, **client: Any) -> None:
    address = broker.address(listener)
    produce(address, topic, [(b"k", b"v")], **client)
    assert pairs(read_topic(address, topic, **client)) == [(b"k", b"v")]


def test_tls(secure_broker: Broker, keys: Certificates, topic: str) -> None:
    go_through(secure_broker, TLS, topic, security_protocol="SSL", ssl_cafile=str(keys.ca))


def test_mutual_tls(secure_broker: Broker, keys: Certificates, topic: str) -> None:
    tls = {"ssl_cafile": str(keys.ca), "ssl_certfile": str(keys.alice)}
    go_through(secure_broker, TLS, topic, security_protocol="SSL", **tls)


@pytest.mark.parametrize("mechanism", MECHANISMS)
@pytest.mark.parametrize("listener", [LOGIN, TLS_LOGIN])
def test_login(
    secure_broker: Broker, keys: Certificates, topic: str, listener: str, mechanism: str
) -> None:
    told = {"security_protocol": listener, "ssl_cafile": str(keys.ca), **login(mechanism)}
    go_through(secure_broker, listener, topic, **told)


def refused(broker: Broker, listener: str, **client: Any) -> None:
    with pytest.raises(KafkaError):
        KafkaAdminClient(bootstrap_servers=broker.address(listener), **QUICK, **client)


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_a_wrong_password_is_refused(secure_broker: Broker, mechanism: str) -> None:
    wrong = login(mechanism, password="wrong")
    refused(secure_broker, LOGIN, security_protocol=LOGIN, **wrong)


@pytest.mark.parametrize("name", ["expired", "stranger"])
def test_a_bad_certificate_of_a_client_is_refused(
    secure_broker: Broker, keys: Certificates, name: str
) -> None:
    tls = {"ssl_cafile": str(keys.ca), "ssl_certfile": str(getattr(keys, name))}
    refused(secure_broker, TLS, security_protocol="SSL", **tls)


@pytest.mark.parametrize(("listener", "ca"), [(EXPIRED, "ca"), (TLS, "unknown_ca")])
def test_a_bad_certificate_of_the_broker_is_refused(
    secure_broker: Broker, keys: Certificates, listener: str, ca: str
) -> None:
    cafile = str(getattr(keys, ca))
    refused(secure_broker, listener, security_protocol="SSL", ssl_cafile=cafile)


def test_mallory_may_not_write(secure_broker: Broker, topic: str) -> None:
    with pytest.raises(TopicAuthorizationFailedError):
        produce(
            secure_broker.address(LOGIN),
            topic,
            [(b"k", b"v")],
            security_protocol=LOGIN,
            max_block_ms=5000,
            **login("PLAIN", "mallory"),
        )
