"""Append-only files and atomically replaced files, used by the JSON-lines outbox."""

import os
from collections.abc import Iterator
from pathlib import Path

from connectors.errors import Fatal, map_os_errors


class AppendFile:
    """A file whose first ``length`` bytes are committed; opening it truncates it to that length.

    Parameters
    ----------
    path : Path
        The file; created if it does not exist and ``length`` is 0.
    length : int
        Number of committed bytes.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = AppendFile(Path(folder, "alerts.jsonl"), 0)
    ...     file.append(b"first")
    ...     file.append(b"torn")
    ...     file.close()
    ...     again = AppendFile(Path(folder, "alerts.jsonl"), length=5)
    ...     again.read(0, 100)
    ...     again.close()
    b'first'
    """

    def __init__(self, path: Path, length: int) -> None:
        self.path = path
        self.length = length
        self._unsynced = False
        with map_os_errors(str(path)):
            self._file: int | None = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            size_bytes = os.fstat(self._file).st_size
            if size_bytes < length:
                self.close()
                raise Fatal(
                    f"{path} has {size_bytes} bytes, and {length} were committed",
                    "restore the complete file; it must not be rotated, edited or truncated",
                )
            if size_bytes > length:
                os.ftruncate(self._file, length)

    def append(self, content: bytes) -> None:
        """Write at the end, to the operating system; `sync` waits for the disk."""
        rest = memoryview(content)
        with map_os_errors(str(self.path)):
            while rest:
                written = os.pwrite(self._descriptor(), rest, self.length)
                self.length += written
                rest = rest[written:]
                self._unsynced = True

    def sync(self) -> None:
        """Wait until all appended data is on the disk."""
        if self._unsynced:
            with map_os_errors(str(self.path)):
                os.fsync(self._descriptor())
            self._unsynced = False

    def read(self, start: int, size_bytes: int) -> bytes:
        """Read a number of bytes from ``start`` on; fewer only at the end of the file."""
        with map_os_errors(str(self.path)):
            return os.pread(self._descriptor(), min(size_bytes, self.length - start), start)

    def lines(self) -> Iterator[bytes]:
        """Read all lines, each with its newline."""
        with map_os_errors(str(self.path)), self.path.open("rb") as file:
            left = self.length
            while left > 0:
                line = file.readline()
                left -= len(line)
                yield line

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _descriptor(self) -> int:
        assert self._file is not None, f"{self.path} is closed"
        return self._file


def write_temporary(path: Path, content: bytes, *, durable: bool) -> Path:
    """Write the new content of ``path`` to a temporary file next to it, for `put_in_place`."""
    beside = path.with_name(f"{path.name}.new")
    with map_os_errors(str(beside)), beside.open("wb") as file:
        file.write(content)
        file.flush()
        if durable:
            os.fsync(file.fileno())
    return beside


def put_in_place(beside: Path, path: Path, *, durable: bool) -> None:
    """Replace ``path`` atomically by the file that `write_temporary` wrote."""
    with map_os_errors(str(path)):
        beside.replace(path)
    if durable:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Wait until the folder's entries are on the disk."""
    with map_os_errors(str(folder)):
        descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
