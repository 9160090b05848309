"""Read-only view of what a `JsonlOutbox` has committed, for use while its worker runs."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from connectors.effects import AppliedCommand, DeadLetter, Snapshot
from connectors.errors import Fatal, Retriable, map_os_errors
from connectors.jsonl.manifest import MANIFEST, Manifest, read_manifest
from connectors.record import Partition

_TRIES = 5


class JsonlView:
    """Reads snapshots, applied commands and dead letters, without a lock and without changes.

    Parameters
    ----------
    folder : str
        The outbox's folder; a worker must have run there.

    Examples
    --------
    >>> from connectors import JsonlOutbox
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     JsonlOutbox(folder).close()
    ...     list(JsonlView(folder).dead_letters())
    []
    """

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)
        self._manifest()

    def _manifest(self) -> Manifest:
        manifest = read_manifest(self._folder)
        if manifest is None:
            where = self._folder / MANIFEST
            raise Fatal(f"{where}: no such file", "check the path, or run a worker first")
        return manifest

    def load(self, partition: Partition) -> Iterator[Snapshot]:
        """Read the snapshots of a partition; the last one of a stream is the current one."""
        for line in self._snapshot_lines():
            snapshot = msgspec.json.decode(line, type=Snapshot)
            if snapshot.partition == partition:
                yield snapshot

    def applied_commands(self, partition: Partition, from_offset: int) -> Iterator[AppliedCommand]:
        """Read the commands that took effect in a partition at ``from_offset`` or later."""
        for line in self._lines("controls.jsonl", self._manifest().commands_bytes):
            command = msgspec.json.decode(line, type=AppliedCommand)
            if command.partition == partition and command.effective_offset >= from_offset:
                yield command

    def dead_letters(self) -> Iterator[DeadLetter]:
        """Read the dead letters, oldest first."""
        for line in self._lines("dead_letters.jsonl", self._manifest().dead_letters_bytes):
            yield msgspec.json.decode(line, type=DeadLetter)

    def _snapshot_lines(self) -> Iterator[bytes]:
        """Open the file that the manifest names; retry if a worker replaces both meanwhile."""
        for _ in range(_TRIES):
            manifest = self._manifest()
            name = f"snapshots-{manifest.snapshots_number}.jsonl"
            if (self._folder / name).exists():
                return self._lines(name, manifest.snapshots_bytes)
        raise Retriable(f"{self._folder}: its files are being replaced", "try again")

    def _lines(self, name: str, length: int) -> Iterator[bytes]:
        path = self._folder / name
        with map_os_errors(str(path)), path.open("rb") as file:
            while length > 0 and (line := file.readline()):
                length -= len(line)
                yield line

    def close(self) -> None:
        """Do nothing: no file is kept open."""
