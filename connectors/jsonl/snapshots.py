"""Snapshots as JSON lines, in a file that is rewritten when most of it is outdated."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from connectors.effects import Snapshot
from connectors.errors import map_os_errors
from connectors.jsonl.append_file import AppendFile
from connectors.record import Partition

_NAME = "snapshots-{}.jsonl"
_NUMBERED = re.compile(r"snapshots-(\d+)\.jsonl")


class JsonlSnapshots:
    """The snapshots of a `JsonlOutbox`; its manifest has the file's number and committed length.

    Parameters
    ----------
    folder : Path
        Folder of the files.
    number : int
        Number of the current file; others are deleted.
    length : int
        Number of committed bytes of the file.
    garbage_bytes_max : int
        Number of outdated bytes that never causes a rewrite.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> pumps = Partition("pumps", 0)
    >>> with TemporaryDirectory() as folder:
    ...     snapshots = JsonlSnapshots(Path(folder), number=0, length=0)
    ...     for next_offset in (7, 9):
    ...         _ = snapshots.put([Snapshot(pumps, b"pump-3", next_offset, b"weights")])
    ...     [found.next_offset for found in snapshots.load(pumps)]
    ...     snapshots.close()
    [9]
    """

    def __init__(
        self, folder: Path, number: int, length: int, garbage_bytes_max: int = 1 << 24
    ) -> None:
        self.number = number
        self._folder = folder
        self._garbage_bytes_max = garbage_bytes_max
        self._places: dict[tuple[Partition, bytes], tuple[int, int]] = {}  # start and size
        self._live_bytes = 0
        self._file = AppendFile(folder / _NAME.format(number), length)
        start = 0
        for line in self._file.lines():
            self._note(msgspec.json.decode(line, type=Snapshot), start, len(line))
            start += len(line)
        self.delete_others()

    @property
    def length(self) -> int:
        """Number of bytes, for the manifest."""
        return self._file.length

    def put(self, snapshots: Iterable[Snapshot]) -> bool:
        """Write snapshots, and return whether a new file was started."""
        for snapshot in snapshots:
            line = msgspec.json.encode(snapshot) + b"\n"
            start = self._file.length
            self._file.append(line)
            self._note(snapshot, start, len(line))
        garbage_bytes = self._file.length - self._live_bytes
        if garbage_bytes <= max(self._live_bytes, self._garbage_bytes_max):
            return False
        self._rewrite()
        return True

    def sync(self) -> None:
        """Wait until the snapshots are on the disk."""
        self._file.sync()

    def load(self, partition: Partition) -> Iterator[Snapshot]:
        """Read the last snapshot of each stream."""
        for (owner, _), place in self._places.items():
            if owner == partition:
                yield msgspec.json.decode(self._file.read(*place), type=Snapshot)

    def delete_others(self) -> None:
        """Delete the files that the manifest does not name."""
        with map_os_errors(str(self._folder)):
            for path in self._folder.iterdir():
                if _NUMBERED.fullmatch(path.name) and path != self._file.path:
                    path.unlink()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _rewrite(self) -> None:
        """Copy the current snapshots to a new file and continue with that."""
        old, self.number = self._file, self.number + 1
        self._file = AppendFile(self._folder / _NAME.format(self.number), 0)
        for stream, (start, size) in self._places.items():
            self._places[stream] = (self._file.length, size)
            self._file.append(old.read(start, size))
        old.close()

    def _note(self, snapshot: Snapshot, start: int, size: int) -> None:
        stream = (snapshot.partition, snapshot.stream_key)
        _, replaced = self._places.pop(stream, (0, 0))
        self._live_bytes -= replaced
        if snapshot.payload is not None:
            self._places[stream] = (start, size)
            self._live_bytes += size
