"""Sending dead letters again, through the command line."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.kafka.writing import redrive
from connectors.kafka.writing.transaction import Transaction
from tests.support.faults.crashes import Crash
from tests.support.kafka.app import App, produce_one
from tests.support.kafka.broker.topics import read_topic


def dead_letter(app: App, code: str, offset: int, **more: Any) -> None:
    told = {"code": code, "reason": "r", "topic": app.name, "partition": 0, "offset": offset}
    told |= {"timestamp_ms": 1000 + offset, "omitted_bytes": 0} | more
    headers = [(f"dead_letter.{key}", str(value).encode()) for key, value in told.items()]
    headers.append(("from", b"field"))
    produce_one(app, f"{app.name}.dead-letters", b"%d" % offset, headers)


@pytest.fixture
def bad(broker: Any, tmp_path: Path) -> App:
    """An application with dead letters: seven of hostile bytes, one of another, one cut."""
    app = App(broker.bootstrap, tmp_path)
    app("topics create", "--partitions", "1")
    for offset in range(7):
        dead_letter(app, "not_json" if offset % 2 else "bad_time", offset)
    dead_letter(app, "not_json", 7, topic="another")
    dead_letter(app, "too_long", 8, omitted_bytes=9)
    return app


def sent(app: App) -> list[int]:
    return [int(record.value) for record in read_topic(app.bootstrap, app.name)]


def test_dead_letters_are_sent_again_unchanged_and_once(bad: App) -> None:
    told = bad("dead-letters redrive", "--code", "not_json", input="n\n", code=1).output
    assert "3 to send" in told
    assert sent(bad) == []
    told = bad("dead-letters redrive", "--code", "not_json", "--yes").output
    assert "sent: 3" in told
    assert "not sent: 1, of topic another" in told
    assert sent(bad) == [1, 3, 5]
    (record, *_) = read_topic(bad.bootstrap, bad.name)
    assert record.key == b"key"
    assert record.timestamp > 10**12  # now: the broker deletes what is old
    assert record.headers == [("from", b"field"), ("redriven_from", f"{bad.name}/0/1".encode())]
    told = bad("dead-letters redrive", "--yes").output
    assert "sent: 4" in told
    assert "not sent: 1, truncated in the dead letter" in told
    assert sorted(sent(bad)) == list(range(7))
    assert "sent: 0" in bad("dead-letters redrive", "--yes").output
    assert "nothing to send" in bad("dead-letters redrive").output
    assert len(sent(bad)) == 7


@pytest.mark.parametrize("where", ["arrived", "commit"])
def test_a_redrive_that_dies_repeats_nothing(
    bad: App, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once before its third commit, and once just after it."""
    monkeypatch.setattr(redrive, "BATCH", 2)
    calls, real = [], getattr(Transaction, where)

    def dies(transaction: Transaction) -> None:
        calls.append(1)
        real(transaction)
        if len(calls) == 3:
            raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(Transaction, where, dies)
        with pytest.raises(Crash):
            bad("dead-letters redrive", "--yes")
    assert len(sent(bad)) == (4 if where == "arrived" else 6)
    bad("dead-letters redrive", "--yes")
    assert sent(bad) == list(range(7))


def test_a_time_that_is_taken_from_the_record_is_kept(broker: Any, tmp_path: Path) -> None:
    schema = {"key": "pump", "use_record_time": True, "target": "flow"}
    app = App(broker.bootstrap, tmp_path, schema=schema)
    app("topics create", "--partitions", "1")
    now_ms = int(datetime.now(UTC).timestamp() * 1000)
    dead_letter(app, "not_json", 0)
    dead_letter(app, "not_json", 1, timestamp_ms=now_ms - 60_000)
    told = app("dead-letters redrive", "--yes").output
    assert f"not sent: 1, of a time that {app.name} no longer retains" in told
    (record,) = read_topic(app.bootstrap, app.name)
    assert (record.value, record.timestamp) == (b"1", now_ms - 60_000)
