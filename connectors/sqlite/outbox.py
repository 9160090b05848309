"""The outbox in one SQLite file."""

from collections.abc import Iterator

import msgspec

from connectors.effects import (
    AppliedCommand,
    CrashPoint,
    DeadLetter,
    Effects,
    Position,
    Snapshot,
    Step,
    no_crash,
)
from connectors.errors import CommitGuard, Fatal
from connectors.record import Partition
from connectors.sqlite.database import map_sqlite_errors, open_database

_SNAPSHOT = """
INSERT INTO snapshot VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE
SET next_offset = excluded.next_offset, payload = excluded.payload"""


class SqliteOutbox:
    """Commits to one SQLite file, which any SQLite client may read at the same time.

    Alerts are stored as text, so ``SELECT json_extract(value, '$.severity') FROM alert`` works.

    Opening an outbox fences an outbox that was opened before on the same file: the next commit of
    that one is refused.

    Parameters
    ----------
    path : str
        The file; created if it does not exist. Its folder must be writable, for the write-ahead
        log.
    durable : bool
        Whether each commit waits until its data is on the disk. If not, a killed process still
        loses nothing. A power failure may lose the last commits, but no part of a commit.
    crash_point : callable
        Called after each step of a commit.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> pumps = Partition("pumps", 0)
    >>> with TemporaryDirectory() as folder:
    ...     outbox = SqliteOutbox(f"{folder}/alerts.db")
    ...     outbox.commit(Effects(positions={pumps: Position(42)}))
    ...     outbox.close()
    ...     again = SqliteOutbox(f"{folder}/alerts.db")
    ...     again.committed(pumps)
    ...     again.close()
    Position(next_offset=42, metadata='')
    """

    exactly_once = True

    def __init__(
        self, path: str, *, durable: bool = True, crash_point: CrashPoint = no_crash
    ) -> None:
        self._path = path
        self._crash_point = crash_point
        self._guard = CommitGuard()
        self._database = open_database(path, durable=durable)
        with map_sqlite_errors(path):
            query = "UPDATE writer SET epoch = epoch + 1 RETURNING epoch"
            (self._epoch,) = self._database.execute(query).fetchall()[0]

    def committed(self, partition: Partition) -> Position | None:
        """Read the position."""
        query = "SELECT next_offset, metadata FROM position WHERE topic = ? AND partition = ?"
        with map_sqlite_errors(self._path):
            row = self._database.execute(query, (partition.topic, partition.index)).fetchone()
        return Position(*row) if row else None

    def commit(self, effects: Effects) -> None:
        """Commit the effects in one transaction."""
        with self._guard.one_commit(), map_sqlite_errors(self._path):
            try:
                self._commit(effects, self._crash_point)
            except BaseException:
                self._database.rollback()  # releases the lock for the next writer
                raise

    def _commit(self, effects: Effects, reached: CrashPoint) -> None:
        execute, many = self._database.execute, self._database.executemany
        execute("BEGIN IMMEDIATE")
        self._refuse_if_fenced()
        many(
            "INSERT INTO alert (topic, partition, id, value) VALUES (?, ?, ?, ?)",
            [(*_place(a.partition), a.key.decode(), a.value.decode()) for a in effects.alerts],
        )
        reached(Step.ALERTS)
        many(
            "INSERT INTO dead_letter (topic, partition, offset, code, reason, key, value, "
            "timestamp_ms, headers, omitted_bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [_letter(dead_letter) for dead_letter in effects.dead_letters],
        )
        reached(Step.DEAD_LETTERS)
        for snapshot in effects.snapshots:
            stream = (*_place(snapshot.partition), snapshot.stream_key)
            if snapshot.payload is None:
                execute(
                    "DELETE FROM snapshot WHERE (topic, partition, stream_key) = (?, ?, ?)", stream
                )
            else:
                execute(_SNAPSHOT, (*stream, snapshot.next_offset, snapshot.payload))
        reached(Step.SNAPSHOTS)
        many(
            "INSERT INTO control (topic, partition, effective_offset, payload) VALUES (?, ?, ?, ?)",
            [(*_place(c.partition), c.effective_offset, c.payload) for c in effects.commands],
        )
        reached(Step.COMMANDS)
        many(
            "REPLACE INTO position VALUES (?, ?, ?, ?)",
            [(*_place(p), at.next_offset, at.metadata) for p, at in effects.positions.items()],
        )
        reached(Step.POSITIONS)
        execute("COMMIT")
        reached(Step.COMMIT)

    def applied_commands(self, partition: Partition, from_offset: int) -> Iterator[AppliedCommand]:
        """Read the control table."""
        query = (
            "SELECT effective_offset, payload FROM control "
            "WHERE topic = ? AND partition = ? AND effective_offset >= ? ORDER BY sequence"
        )
        with map_sqlite_errors(self._path):
            for row in self._database.execute(query, (*_place(partition), from_offset)):
                yield AppliedCommand(partition, *row)

    def load(self, partition: Partition) -> Iterator[Snapshot]:
        """Read the snapshot table."""
        query = (
            "SELECT stream_key, next_offset, payload FROM snapshot "
            "WHERE topic = ? AND partition = ? ORDER BY stream_key"
        )
        with map_sqlite_errors(self._path):
            for row in self._database.execute(query, _place(partition)):
                yield Snapshot(partition, *row)

    def close(self) -> None:
        """Close the file; an open transaction is rolled back."""
        self._database.close()

    def _refuse_if_fenced(self) -> None:
        (epoch,) = self._database.execute("SELECT epoch FROM writer").fetchone()
        if epoch != self._epoch:
            raise Fatal(
                f"{self._path}: a newer process has opened this outbox",
                "stop one of the processes, or give each its own outbox",
            )


def _place(partition: Partition) -> tuple[str, int]:
    return partition.topic, partition.index


def _letter(dead_letter: DeadLetter) -> tuple[str | int | bytes | None, ...]:
    record = dead_letter.record
    return (
        *_place(record.partition),
        record.offset,
        dead_letter.code,
        dead_letter.reason,
        record.key,
        record.value,
        record.timestamp_ms,
        msgspec.json.encode(record.headers).decode(),  # [[name, base64], ...]
        record.omitted_bytes,
    )
