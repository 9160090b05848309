"""The SQLite file of the outbox and its relays: tables, format version and errors."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from connectors.errors import Fatal, Retriable

_APPLICATION_ID = 0x73_6C_73_74  # "slst": marks the files of this program
_SCHEMA_VERSION = 1
_BUSY_TIMEOUT_S = 5.0

# AUTOINCREMENT never reuses a number, even after alerts are deleted; relays use it as position.
_SCHEMA = """
BEGIN IMMEDIATE;
CREATE TABLE writer (epoch INTEGER NOT NULL);
INSERT INTO writer VALUES (0);
CREATE TABLE alert (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, partition INTEGER NOT NULL,
    id TEXT NOT NULL, value TEXT NOT NULL);
CREATE TABLE dead_letter (
    sequence INTEGER PRIMARY KEY, topic TEXT NOT NULL, partition INTEGER NOT NULL,
    offset INTEGER NOT NULL, code TEXT NOT NULL, reason TEXT NOT NULL,
    key BLOB, value BLOB, timestamp_ms INTEGER, headers TEXT NOT NULL,
    omitted_bytes INTEGER NOT NULL);
CREATE TABLE snapshot (
    topic TEXT NOT NULL, partition INTEGER NOT NULL, stream_key BLOB NOT NULL,
    next_offset INTEGER NOT NULL, payload BLOB NOT NULL,
    PRIMARY KEY (topic, partition, stream_key));
CREATE TABLE control (
    sequence INTEGER PRIMARY KEY, topic TEXT NOT NULL, partition INTEGER NOT NULL,
    effective_offset INTEGER NOT NULL, payload BLOB NOT NULL);
CREATE TABLE position (
    topic TEXT NOT NULL, partition INTEGER NOT NULL,
    next_offset INTEGER NOT NULL, metadata TEXT NOT NULL,
    PRIMARY KEY (topic, partition));
CREATE TABLE relay (name TEXT PRIMARY KEY, next_sequence INTEGER NOT NULL);
PRAGMA application_id = {application_id};
PRAGMA user_version = {version};
COMMIT;
"""

_REMEDIES = {
    "SQLITE_FULL": "free some space and start again: nothing committed is lost",
    "SQLITE_IOERR": "check that the disk is intact and not full, then start again: "
    "nothing committed is lost",
    "SQLITE_READONLY": "give this user the right to write the file and its folder",
    "SQLITE_CANTOPEN": "check the path, and that this user may write in its folder",
    "SQLITE_CORRUPT": "restore a copy, or move the file away and start from the beginning",
    "SQLITE_NOTADB": "choose another path: this file belongs to another program",
}


@contextmanager
def map_sqlite_errors(path: str) -> Iterator[None]:
    """Convert SQLite's errors to `Retriable` if another process is writing, else to `Fatal`."""
    try:
        yield
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "SQLITE_ERROR")
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise Retriable(
                f"{path}: another process is writing", "wait until it has finished"
            ) from error
        kind = "_".join(name.split("_")[:2])  # SQLITE_IOERR_WRITE is a kind of SQLITE_IOERR
        remedy = _REMEDIES.get(kind, "examine the file with the sqlite3 command")
        raise Fatal(f"{path}: {error}", remedy) from error


def open_database(path: str, *, durable: bool = True) -> sqlite3.Connection:
    """Open the file; create the tables in a new one; refuse the database of another program.

    The caller begins and ends transactions.

    Examples
    --------
    >>> database = open_database(":memory:")
    >>> database.execute("PRAGMA user_version").fetchone()
    (1,)
    >>> database.close()
    """
    with map_sqlite_errors(path):
        database = sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S, isolation_level=None)
    try:
        with map_sqlite_errors(path):
            _prepare(database, path, durable=durable)
    except BaseException:
        database.close()
        raise
    return database


def _prepare(database: sqlite3.Connection, path: str, *, durable: bool) -> None:
    database.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
    (tables,) = database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if not tables:
        database.execute("PRAGMA journal_mode = WAL")
        database.executescript(
            _SCHEMA.format(application_id=_APPLICATION_ID, version=_SCHEMA_VERSION)
        )
        return
    (application_id,) = database.execute("PRAGMA application_id").fetchone()
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if application_id != _APPLICATION_ID:
        raise Fatal(f"{path} is a database of another program", "choose another path")
    if version != _SCHEMA_VERSION:
        raise Fatal(
            f"{path} has format {version}, and this version reads {_SCHEMA_VERSION}",
            "use the version that wrote it, or choose another path",
        )
