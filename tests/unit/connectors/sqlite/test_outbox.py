"""SQLite: what it refuses, and that a refusal loses nothing."""

import os
import sqlite3
import tempfile
from pathlib import Path

import pytest

from connectors import (
    Alert,
    DeadLetter,
    Effects,
    Fatal,
    Partition,
    Position,
    Record,
    Retriable,
    Snapshot,
    SqliteOutbox,
    SqliteRelay,
)
from connectors.sqlite import database as sqlite_file
from tests.support.faults.crashes import full_disk, unprivileged

PUMPS = Partition("pumps", 0)


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "alerts.db")


def test_any_client_may_query_the_alerts(path: str) -> None:
    outbox = SqliteOutbox(path)
    dead_letter = DeadLetter(
        Record(PUMPS, 7, b"k", b"\xff", 5, (("h", b"\x01"),), 3), "code", "why"
    )
    outbox.commit(Effects([Alert(PUMPS, b"a/1", b'{"id":"a/1","severity":"high"}')], [dead_letter]))
    database = sqlite3.connect(path)
    rows = database.execute("SELECT id, json_extract(value, '$.severity') FROM alert").fetchall()
    dead_letters = database.execute("SELECT * FROM dead_letter").fetchall()
    database.close()
    outbox.close()
    assert rows == [("a/1", "high")]
    assert dead_letters == [
        (1, "pumps", 0, 7, "code", "why", b"k", b"\xff", 5, '[["h","AQ=="]]', 3)
    ]


@pytest.mark.parametrize(("durable", "level"), [(True, 2), (False, 1)])
def test_durable_waits_for_the_disk(path: str, durable: bool, level: int) -> None:
    database = sqlite_file.open_database(path, durable=durable)
    assert database.execute("PRAGMA synchronous").fetchone() == (level,)
    assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    database.close()


def test_a_full_disk_stops_and_loses_nothing(path: str) -> None:
    outbox = SqliteOutbox(path)
    outbox.commit(Effects(positions={PUMPS: Position(1)}))
    big = Effects(
        snapshots=[Snapshot(PUMPS, b"s", 2, bytes(3_000_000))], positions={PUMPS: Position(2)}
    )
    with full_disk(os.path.getsize(path) + 1_000_000), pytest.raises(Fatal, match="start again"):
        outbox.commit(big)
    outbox.close()
    again = SqliteOutbox(path)
    assert again.committed(PUMPS) == Position(1)
    assert list(again.load(PUMPS)) == []
    again.commit(big)
    assert again.committed(PUMPS) == Position(2)
    again.close()


def test_a_folder_we_may_not_write_is_refused() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o555)
        with unprivileged(), pytest.raises(Fatal, match="may write"):
            SqliteOutbox(f"{folder}/alerts.db")


def test_a_file_we_may_not_write_is_refused() -> None:
    with tempfile.TemporaryDirectory() as folder:
        SqliteOutbox(f"{folder}/alerts.db").close()
        for name in os.listdir(folder):
            os.chmod(Path(folder, name), 0o444)
        os.chmod(folder, 0o555)
        with unprivileged(), pytest.raises(Fatal, match="write"):
            SqliteOutbox(f"{folder}/alerts.db")


def test_a_file_that_is_no_database_is_refused(path: str) -> None:
    Path(path).write_bytes(b"not a database, and long enough to be sure of it" * 100)
    with pytest.raises(Fatal, match="another program"):
        SqliteOutbox(path)


def test_the_database_of_something_else_is_refused_and_left_alone(path: str) -> None:
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE alert (x)")
    database.close()
    before = Path(path).read_bytes()
    with pytest.raises(Fatal, match="another program"):
        SqliteOutbox(path)
    assert Path(path).read_bytes() == before


def test_another_format_is_refused(path: str) -> None:
    SqliteOutbox(path).close()
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(Fatal, match="has format 99"):
        SqliteOutbox(path)


def test_another_writer_in_the_way_is_retriable(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_file, "_BUSY_TIMEOUT_S", 0.01)
    outbox = SqliteOutbox(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Retriable, match="another process"):
        outbox.commit(Effects())
    other.close()
    outbox.close()


def test_deleting_old_alerts_confuses_no_relay(path: str) -> None:
    outbox, relay = SqliteOutbox(path), SqliteRelay(path, "webhook")
    for number in (1, 2):
        outbox.commit(Effects([Alert(PUMPS, b"a/%d" % number, b"{}")]))
        assert [record.key for record in relay.poll(9, timeout_ms=0)] == [b"a/%d" % number]
        with sqlite3.connect(path) as database:
            database.execute("DELETE FROM alert")
        database.close()
    relay.close()
    outbox.close()
