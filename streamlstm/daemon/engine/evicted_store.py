"""Where cold streams wait: one SQLite file beside the daemon, a cache that may be thrown away."""

import sqlite3
from pathlib import Path

from connectors.errors import map_os_errors
from connectors.sqlite.database import map_sqlite_errors


class EvictedStore:
    """Snapshot bytes by stream, on disk; emptied at every start.

    What it holds can always be made again from the outbox's snapshots and the journal, so it
    waits for no disk.

    Parameters
    ----------
    path
        File to use, or ``":memory:"``. Its folder is made if need be.

    Raises
    ------
    connectors.Fatal
        From any method, where the disk is full or the folder may not be written.

    Examples
    --------
    >>> store = EvictedStore(":memory:")
    >>> store.put("pump 7", b"state")
    >>> store.take("pump 7"), store.take("pump 7")
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
        """Keep a stream's bytes, in place of any before."""
        with map_sqlite_errors(self._path):
            self._database.execute("REPLACE INTO cold VALUES (?, ?)", (key, payload))

    def peek(self, key: str) -> bytes | None:
        """Return a stream's bytes and keep them."""
        with map_sqlite_errors(self._path):
            row = self._database.execute("SELECT payload FROM cold WHERE stream = ?", (key,))
            found = row.fetchone()
        return None if found is None else bytes(found[0])

    def take(self, key: str) -> bytes | None:
        """Return a stream's bytes and let go of them."""
        payload = self.peek(key)
        if payload is not None:
            with map_sqlite_errors(self._path):
                self._database.execute("DELETE FROM cold WHERE stream = ?", (key,))
        return payload

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()
