"""Read-only view of what a `SqliteOutbox` has committed, for use while its worker runs."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import msgspec

from connectors.effects import AppliedCommand, DeadLetter, Snapshot
from connectors.errors import Fatal
from connectors.record import Headers, Partition, Record
from connectors.sqlite.database import map_sqlite_errors

_LETTERS = (
    "SELECT topic, partition, offset, code, reason, key, value, timestamp_ms, headers, "
    "omitted_bytes FROM dead_letter ORDER BY sequence"
)


class SqliteView:
    """Reads snapshots, applied commands and dead letters; it neither fences nor writes.

    Parameters
    ----------
    path : str
        The outbox's file; it must exist.

    Examples
    --------
    >>> from connectors import SqliteOutbox
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     SqliteOutbox(f"{folder}/alerts.db").close()
    ...     view = SqliteView(f"{folder}/alerts.db")
    ...     list(view.dead_letters())
    ...     view.close()
    []
    """

    def __init__(self, path: str) -> None:
        self._path = path
        if not Path(path).is_file():
            raise Fatal(f"{path}: no such file", "check the path, or run a worker first")
        with map_sqlite_errors(path):
            uri = f"{Path(path).absolute().as_uri()}?mode=ro"
            self._database = sqlite3.connect(uri, uri=True, isolation_level=None)

    def load(self, partition: Partition) -> Iterator[Snapshot]:
        """Read the snapshots of a partition."""
        query = (
            "SELECT stream_key, next_offset, payload FROM snapshot "
            "WHERE topic = ? AND partition = ? ORDER BY stream_key"
        )
        with map_sqlite_errors(self._path):
            for row in self._database.execute(query, (partition.topic, partition.index)):
                yield Snapshot(partition, *row)

    def applied_commands(self, partition: Partition, from_offset: int) -> Iterator[AppliedCommand]:
        """Read the commands that took effect in a partition at ``from_offset`` or later."""
        query = (
            "SELECT effective_offset, payload FROM control WHERE topic = ? AND partition = ? "
            "AND effective_offset >= ? ORDER BY sequence"
        )
        place = (partition.topic, partition.index, from_offset)
        with map_sqlite_errors(self._path):
            for row in self._database.execute(query, place):
                yield AppliedCommand(partition, *row)

    def dead_letters(self) -> Iterator[DeadLetter]:
        """Read the dead letters, oldest first."""
        with map_sqlite_errors(self._path):
            for (
                topic,
                index,
                offset,
                code,
                reason,
                key,
                value,
                at,
                headers,
                omitted,
            ) in self._database.execute(_LETTERS):
                kept = msgspec.json.decode(headers, type=Headers)
                where = Partition(topic, index)
                yield DeadLetter(Record(where, offset, key, value, at, kept, omitted), code, reason)

    def close(self) -> None:
        """Close the file."""
        self._database.close()
