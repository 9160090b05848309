"""The reader of a `SqliteOutbox`'s alerts."""

from connectors.record import Partition, Record
from connectors.sqlite.database import map_sqlite_errors, open_database


class SqliteRelay:
    """Reads alerts in the order of their commits; its position is stored in the same file.

    Parameters
    ----------
    path : str
        The outbox's file.
    name : str
        Name of this relay; each name has a position.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     relay = SqliteRelay(f"{folder}/alerts.db", "webhook")
    ...     relay.poll(max_records=10, timeout_ms=0)
    ...     relay.close()
    []
    """

    def __init__(self, path: str, name: str) -> None:
        self._path = path
        self._name = name
        self._alerts = Partition("alert", 0)
        self._database = open_database(path)
        query = "SELECT next_sequence FROM relay WHERE name = ?"
        with map_sqlite_errors(path):
            row = self._database.execute(query, (name,)).fetchone()
        self._next_offset: int = row[0] if row else 0

    def poll(self, max_records: int, timeout_ms: int) -> list[Record]:
        """Read the next alerts, without waiting."""
        query = (
            "SELECT sequence, id, value FROM alert WHERE sequence >= ? ORDER BY sequence LIMIT ?"
        )
        with map_sqlite_errors(self._path):
            rows = self._database.execute(query, (self._next_offset, max_records)).fetchall()
        records = [
            Record(self._alerts, sequence, key.encode(), value.encode())
            for sequence, key, value in rows
        ]
        if records:
            self._next_offset = records[-1].next_offset
        return records

    def commit(self) -> None:
        """Commit the position."""
        with map_sqlite_errors(self._path):
            self._database.execute(
                "REPLACE INTO relay VALUES (?, ?)", (self._name, self._next_offset)
            )

    def close(self) -> None:
        """Close the file."""
        self._database.close()
