"""The store of evicted streams: a SQLite file that is a cache and may be deleted."""

import sqlite3
from pathlib import Path

from connectors.errors import map_os_errors
from connectors.sqlite.database import map_sqlite_errors


class EvictedStore:
    """Snapshots by stream, on disk; deleted at every start.

    They can always be restored from the snapshots in the outbox and the journal, so the file is
    written without waiting for the disk.

    Parameters
    ----------
    path
        File to use, or ``":memory:"``. Its folder is created.

    Raises
    ------
    connectors.Fatal
        From any method, if the disk is full or the folder is not writable.

    Examples
    --------
    >>> store = EvictedStore(":memory:")
    >>> store.put("pump 7", b"state")
    >>> store.pop("pump 7"), store.pop("pump 7")
    (b'state', None)
    """

    def __init__(self, path: str | Path) -> None:
        self._path = str(path)
        with map_os_errors(self._path):
            if path != ":memory:":
                Path(path).parent.mkdir(parents=True, exist_ok=True)
                Path(path).unlink(missing_ok=True)
        with map_sqlite_errors(self._path):
            self._database = sqlite3.connect(path, isolation_level=None)
            self._database.execute("PRAGMA journal_mode=OFF")
            self._database.execute("PRAGMA synchronous=OFF")
            self._database.execute("CREATE TABLE cold (stream TEXT PRIMARY KEY, payload BLOB)")

    def put(self, key: str, payload: bytes) -> None:
        """Store a stream's bytes in place of earlier ones."""
        with map_sqlite_errors(self._path):
            self._database.execute("REPLACE INTO cold VALUES (?, ?)", (key, payload))

    def get(self, key: str) -> bytes | None:
        """Return a stream's bytes, None if there are none."""
        with map_sqlite_errors(self._path):
            rows = self._database.execute("SELECT payload FROM cold WHERE stream = ?", (key,))
            first = rows.fetchone()
        return None if first is None else bytes(first[0])

    def pop(self, key: str) -> bytes | None:
        """Return a stream's bytes and delete them."""
        payload = self.get(key)
        if payload is not None:
            with map_sqlite_errors(self._path):
                self._database.execute("DELETE FROM cold WHERE stream = ?", (key,))
        return payload

    def close(self) -> None:
        """Close the file."""
        self._database.close()
