"""The webhook: what is tried again, what ends it, and what it refuses to begin with."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from connectors import (
    Alert,
    Effects,
    Fatal,
    MemoryLog,
    MemoryOutbox,
    MemoryRelay,
    Partition,
    Record,
    Retriable,
)
from streamlstm.daemon.admin.webhook import Webhook, forward
from streamlstm.daemon.cli.main import main
from tests.support.faults.proxy import reserve
from tests.support.faults.receiver import Receiver, receiving
from tests.support.kafka import yaml as kafka_yaml

PUMPS = Partition("pumps", 0)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def log() -> MemoryLog:
    """Three alerts."""
    log = MemoryLog()
    log.create_topic("pumps")
    alerts = [Alert(PUMPS, b"app/%d" % n, b'{"id":"app/%d"}' % n) for n in range(3)]
    MemoryOutbox(log, "app").commit(Effects(alerts=alerts))
    return log


def carry(log: MemoryLog, receiver: Receiver, seen: int) -> tuple[int, list[str]]:
    """Deliver until so many requests have come; return how many were taken, and what was told."""
    stopped, told = threading.Event(), list[str]()
    receiver.before_answer = lambda: stopped.set() if len(receiver.seen) >= seen else None
    hook = Webhook(receiver.url, {}, stopped, told.append, wait_s=0.001)
    try:
        return forward(lambda: MemoryRelay(log, "app", "hook"), hook, stopped, told.append), told
    finally:
        hook.close()


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_busy_receiver_is_asked_again(log: MemoryLog, receiver: Receiver, status: int) -> None:
    receiver.answers = [status, status]
    delivered, told = carry(log, receiver, seen=5)
    assert delivered == 3
    assert receiver.keys == ["app/0", "app/0", "app/0", "app/1", "app/2"]
    assert len(told) == 2
    assert f": {status}" in told[0]
    assert [body for _, body in receiver.seen[2:]] == [b'{"id":"app/%d"}' % n for n in range(3)]


@pytest.mark.parametrize("status", [301, 307, 400, 401, 404, 410, 422])
def test_a_refusal_ends_it_and_names_the_alert(
    log: MemoryLog, receiver: Receiver, status: int
) -> None:
    receiver.answers = [200, status]
    with pytest.raises(Fatal, match=rf"{status} .*alert app/1; remedy") as caught:
        carry(log, receiver, seen=9)
    assert receiver.url in str(caught.value)
    carry(log, receiver, seen=5)
    assert receiver.keys == ["app/0", "app/1", "app/0", "app/1", "app/2"]


def test_a_receiver_that_is_away_is_waited_for_until_asked_to_stop() -> None:
    held = reserve()  # nobody listens there
    stopped, told = threading.Event(), list[str]()

    def tell(message: str) -> None:
        told.append(message)
        if len(told) == 3:
            stopped.set()

    hook = Webhook(f"http://127.0.0.1:{held.getsockname()[1]}/?t=secret", {}, stopped, tell, 0.001)
    try:
        assert not hook.deliver(Record(PUMPS, 0, b"app/0", b"{}"))
    finally:
        hook.close()
        held.close()
    assert len(told) == 3
    assert "secret" not in told[0]


def test_what_was_delivered_before_a_stop_and_not_committed_comes_again(
    log: MemoryLog, receiver: Receiver
) -> None:
    receiver.answers = [200, 503]
    assert carry(log, receiver, seen=2)[0] == 1
    carry(log, receiver, seen=5)
    assert receiver.keys == ["app/0", "app/1", "app/0", "app/1", "app/2"]


def test_a_relay_that_may_work_later_is_opened_again(log: MemoryLog, receiver: Receiver) -> None:
    stopped, told, opened = threading.Event(), list[str](), list[int]()
    receiver.before_answer = lambda: stopped.set() if len(receiver.seen) >= 3 else None
    hook = Webhook(receiver.url, {}, stopped, told.append)

    def opens() -> MemoryRelay:
        opened.append(1)
        if len(opened) == 1:
            raise Retriable("the broker is away", "wait")
        return MemoryRelay(log, "app", "hook")

    try:
        assert forward(opens, hook, stopped, told.append) == 3
    finally:
        hook.close()
    assert told == ["relay reopened: the broker is away"]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("ftp://host/x",), "expected a URL"),
        (("alerts",), "expected a URL"),
        (("http://host/x", "--name", "../up"), "--name"),
        (("http://host/x", "--header", "no colon"), "'NAME: VALUE'"),
        (("http://host/x", "--header", "A: ${NOBODY_SET_THIS}"), "is not set"),
        (("http://host/x",), "keeps no alerts"),
    ],
)
def test_what_cannot_be_carried_is_refused(
    tmp_path: Path, more: tuple[str, ...], told: str
) -> None:
    path, kept = tmp_path / "files.yaml", "{kind: sqlite, path: a.sqlite}"
    outbox = "{kind: stdout}" if "keeps" in told else f"{kept}\nstate: {{path: cold}}"
    path.write_text(kafka_yaml.FILES.replace("{kind: stdout}", outbox))
    result = CliRunner().invoke(main, ["relay", "webhook", str(path), *more])
    assert result.exit_code == 2, result.output
    assert told in result.stderr
    assert sorted(x.name for x in tmp_path.iterdir()) == ["files.yaml"]
