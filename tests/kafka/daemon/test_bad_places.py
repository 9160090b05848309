"""A cluster that refuses: the worker exits with a remedy, or logs what it waits for."""

import itertools
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.faults.processes import Ended
from tests.support.kafka.broker.broker import Broker
from tests.support.kafka.broker.certificates import Certificates
from tests.support.kafka.broker.security import EXPIRED, LOGIN, TLS, USERS
from tests.support.kafka.broker.topics import create_topic, produce, unique
from tests.support.kafka.small_app import SmallApp, ended, event, until

ALERTS, LETTERS = "alerts_topic", "dead_letters_topic"
SNAPSHOTS, STAMPED = "snapshots_topic", "applied_commands_topic"


def refused(done: Ended, *words: str) -> None:
    assert done.code == 3, done
    last = done.err.splitlines()[-1]
    assert "; remedy: " in last
    for word in words:
        assert word in last
    assert "Traceback" not in done.err
    assert "secret" not in done.err


@pytest.fixture
def app(broker: Broker, tmp_path: Path) -> SmallApp:
    return SmallApp(broker.bootstrap, tmp_path)


def test_a_missing_input_topic(app: SmallApp) -> None:
    refused(app.run(source={"topic": "no-such-topic"}), "no-such-topic", "create it")


@pytest.mark.parametrize("kind", [ALERTS, LETTERS, SNAPSHOTS, STAMPED])
def test_a_missing_topic_of_the_outbox(app: SmallApp, kind: str) -> None:
    refused(app.run(outbox={kind: "no-such-topic"}), "no-such-topic", "create it")


def test_a_missing_topic_of_commands(app: SmallApp) -> None:
    refused(app.run(commands={"topic": "no-such-topic"}), "no-such-topic", "create it")


@pytest.mark.parametrize("kind", [SNAPSHOTS, STAMPED])
def test_fewer_partitions_beside_the_input_than_it_has(
    broker: Broker, tmp_path: Path, kind: str
) -> None:
    app = SmallApp(broker.bootstrap, tmp_path, partitions=2)
    narrow = create_topic(broker.bootstrap, 1, name="narrow")
    refused(app.run(outbox={kind: narrow}), narrow, "1 partitions", "as many as the input")


def test_one_of_two_workers_with_one_id_stops(app: SmallApp) -> None:
    workers = [app.start(), app.start()]
    try:
        until(lambda: any(w.poll() is not None for w in workers), "one of them gives way")
        (gone,) = [w for w in workers if w.poll() is not None]
        (left,) = [w for w in workers if w is not gone]
        refused(ended(gone), "kafka.worker_id")
        produce(app.bootstrap, app.topic, [(None, event())])
        until(lambda: app.committed() == {0: 1}, "the other goes on")
        left.send_signal(signal.SIGTERM)
        assert ended(left).code == 0
    finally:
        for worker in workers:
            worker.kill()
            worker.communicate()


def kafka(broker: Broker, listener: str, **security: Any) -> dict[str, Any]:
    return {"bootstrap_servers": broker.address(listener), "security": security}


def sasl(user: str, password: str) -> dict[str, Any]:
    return {"mechanism": "SCRAM-SHA-256", "username": user, "password": {"env": password}}


@pytest.fixture
def locked(secure_broker: Broker, tmp_path: Path) -> SmallApp:
    return SmallApp(secure_broker.bootstrap, tmp_path)


@pytest.fixture
def keys(secure_broker: Broker) -> Certificates:
    assert secure_broker.certificates is not None
    return secure_broker.certificates


@pytest.fixture
def passwords(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for user, word in USERS.items():
        monkeypatch.setenv(user.upper(), word)
    monkeypatch.setenv("WRONG", "secret-" + unique("wrong"))
    return


def test_a_user_who_may_not_read(locked: SmallApp, secure_broker: Broker, passwords: None) -> None:
    told = kafka(secure_broker, LOGIN, sasl=sasl("mallory", "MALLORY"))
    refused(locked.run(kafka=told), locked.topic, "grant this user")


def test_a_wrong_password(locked: SmallApp, secure_broker: Broker, passwords: None) -> None:
    told = kafka(secure_broker, LOGIN, sasl=sasl("alice", "WRONG"))
    refused(locked.run(kafka=told), "kafka.security.sasl")


def test_a_broker_whose_certificate_has_expired(
    locked: SmallApp, secure_broker: Broker, keys: Certificates
) -> None:
    told = kafka(secure_broker, EXPIRED, protocol="tls", ca_file=str(keys.ca))
    refused(locked.run(kafka=told), "expired", "certificate is valid")


def test_a_broker_whose_ca_is_unknown(
    locked: SmallApp, secure_broker: Broker, keys: Certificates
) -> None:
    told = kafka(secure_broker, TLS, protocol="tls", ca_file=str(keys.unknown_ca))
    refused(locked.run(kafka=told), "kafka.security.ca_file")


@pytest.mark.parametrize("name", ["expired", "stranger"])
def test_a_worker_whose_certificate_is_refused(
    locked: SmallApp, secure_broker: Broker, keys: Certificates, name: str
) -> None:
    own = str(getattr(keys, name))
    told = kafka(
        secure_broker, TLS, protocol="tls", ca_file=str(keys.ca), cert_file=own, key_file=own
    )
    refused(locked.run(kafka=told), "kafka.security.cert_file")


def test_a_port_that_does_not_speak_tls(
    locked: SmallApp, secure_broker: Broker, keys: Certificates
) -> None:
    """A broker that is stopping looks the same, so the worker waits and logs the setting."""
    told = kafka(secure_broker, LOGIN, protocol="tls", ca_file=str(keys.ca))
    worker = locked.start(kafka=told)
    try:
        assert worker.stderr is not None
        (waiting,) = itertools.islice((x for x in worker.stderr if "waiting" in x), 1)
        assert "kafka.security.protocol" in waiting
    finally:
        worker.send_signal(signal.SIGTERM)
        ended(worker)


def test_a_port_that_speaks_tls_alone(locked: SmallApp, secure_broker: Broker) -> None:
    refused(locked.run(kafka=kafka(secure_broker, TLS)), "kafka.security.protocol")
