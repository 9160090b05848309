"""One contract for every relay: it sees what is committed, in order, at least once."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from connectors import (
    Alert,
    Effects,
    JsonlOutbox,
    JsonlRelay,
    MemoryLog,
    MemoryOutbox,
    MemoryRelay,
    Outbox,
    Partition,
    Record,
    Relay,
    SqliteOutbox,
    SqliteRelay,
)
from connectors.effects import CrashPoint, Step, no_crash
from tests.support.faults.crashes import Crash, fail_at

PUMPS = Partition("pumps", 0)


class Place(NamedTuple):
    """How to open an outbox, and a relay of a name, over the same thing."""

    outbox: Callable[[CrashPoint], Outbox]
    relay: Callable[[str], Relay]


def memory(folder: Path) -> Place:
    log = MemoryLog()
    return Place(
        lambda crash_point: MemoryOutbox(log, "app", crash_point=crash_point),
        lambda name: MemoryRelay(log, "app", name),
    )


def sqlite(folder: Path) -> Place:
    path = str(folder / "alerts.db")
    return Place(
        lambda crash_point: SqliteOutbox(path, durable=False, crash_point=crash_point),
        lambda name: SqliteRelay(path, name),
    )


def jsonl(folder: Path) -> Place:
    path = str(folder)
    return Place(
        lambda crash_point: JsonlOutbox(path, durable=False, crash_point=crash_point),
        lambda name: JsonlRelay(path, name),
    )


@pytest.fixture(params=[memory, sqlite, jsonl], ids=lambda make: make.__name__)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    made: Place = request.param(tmp_path)
    return made


def alert(number: int) -> Alert:
    alert_id = f"app/pumps/0/{number}/score \u00e9"
    return Alert(PUMPS, alert_id.encode(), json.dumps({"id": alert_id}).encode())


def found(records: list[Record]) -> list[tuple[bytes | None, bytes | None]]:
    return [(record.key, record.value) for record in records]


def expected(*numbers: int) -> list[tuple[bytes, bytes]]:
    return [(alert(number).key, alert(number).value) for number in numbers]


def test_alerts_come_in_order_each_once(place: Place) -> None:
    outbox = place.outbox(no_crash)
    relay = place.relay("webhook")
    assert relay.poll(10, timeout_ms=0) == []
    outbox.commit(Effects([alert(0), alert(1)]))
    outbox.commit(Effects([alert(2)]))
    assert found(relay.poll(2, timeout_ms=0)) == expected(0, 1)
    assert found(relay.poll(2, timeout_ms=0)) == expected(2)
    assert relay.poll(2, timeout_ms=0) == []
    outbox.commit(Effects([alert(3)]))
    assert found(relay.poll(2, timeout_ms=0)) == expected(3)
    relay.close()
    outbox.close()


def test_what_was_not_committed_comes_again(place: Place) -> None:
    outbox = place.outbox(no_crash)
    outbox.commit(Effects([alert(number) for number in range(4)]))
    for _ in range(2):
        relay = place.relay("webhook")
        assert found(relay.poll(2, timeout_ms=0)) == expected(0, 1)
        relay.close()
    relay = place.relay("webhook")
    relay.poll(3, timeout_ms=0)
    relay.commit()
    relay.poll(1, timeout_ms=0)
    relay.close()
    relay = place.relay("webhook")
    assert found(relay.poll(10, timeout_ms=0)) == expected(3)
    relay.close()
    outbox.close()


def test_each_name_has_a_position(place: Place) -> None:
    outbox = place.outbox(no_crash)
    outbox.commit(Effects([alert(0)]))
    webhook, mail = place.relay("webhook"), place.relay("mail")
    webhook.poll(10, timeout_ms=0)
    webhook.commit()
    assert found(mail.poll(10, timeout_ms=0)) == expected(0)
    for connector in (webhook, mail, outbox):
        connector.close()


def test_nothing_shows_before_the_last_step(place: Place) -> None:
    seen: dict[Step, int] = {}

    def look(step: Step) -> None:
        relay = place.relay(f"at-{step}")
        seen[step] = len(relay.poll(10, timeout_ms=0))
        relay.close()

    outbox = place.outbox(look)
    outbox.commit(Effects([alert(0)]))
    outbox.close()
    assert list(seen) == list(Step)
    assert [seen[step] for step in Step] == [0, 0, 0, 0, 0, 1]


@pytest.mark.parametrize("step", Step)
def test_a_crash_shows_no_alert_twice(place: Place, step: Step) -> None:
    outbox, relay = place.outbox(fail_at(step, commit=2)), place.relay("webhook")
    outbox.commit(Effects([alert(0)]))
    with pytest.raises(Crash):
        outbox.commit(Effects([alert(1)]))
    records = relay.poll(10, timeout_ms=0)
    outbox.close()
    outbox = place.outbox(no_crash)
    if step < Step.COMMIT:
        outbox.commit(Effects([alert(1)]))
    assert found(records + relay.poll(10, timeout_ms=0)) == expected(0, 1)
    relay.close()
    outbox.close()
