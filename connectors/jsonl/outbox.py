"""The JSON-lines outbox, which commits by replacing a manifest atomically."""

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from connectors.effects import (
    AppliedCommand,
    CrashPoint,
    Effects,
    Position,
    Snapshot,
    Step,
    no_crash,
)
from connectors.errors import CommitGuard, Fatal, map_os_errors
from connectors.jsonl.append_file import AppendFile, put_in_place, sync_folder, write_temporary
from connectors.jsonl.manifest import MANIFEST, Manifest, read_manifest
from connectors.jsonl.snapshots import JsonlSnapshots
from connectors.record import Partition


class JsonlOutbox:
    """Commits to a folder of JSON-lines files.

    ``alerts.jsonl`` and ``dead_letters.jsonl`` are for users; the other files are for resuming.
    ``manifest.json`` has the number of committed bytes of each file, and the positions that belong
    to them. The next start truncates each file to its committed bytes and writes the rest again. A
    run that was killed and resumed therefore leaves the same bytes as an uninterrupted one.

    The files must not be rotated or edited. A second outbox on the folder is refused.

    Parameters
    ----------
    folder : str
        The folder; created if it does not exist.
    durable : bool
        Whether each commit waits until its data is on the disk. If not, a killed process still
        loses nothing. After a power failure the files may be shorter than committed, and the start
        is then refused.
    crash_point : callable
        Called after each step of a commit.
    snapshot_garbage_bytes_max : int
        Size up to which outdated snapshots are kept, or that of the current ones if larger.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> pumps = Partition("pumps", 0)
    >>> with TemporaryDirectory() as folder:
    ...     outbox = JsonlOutbox(folder)
    ...     outbox.commit(Effects(positions={pumps: Position(42)}))
    ...     outbox.close()
    ...     again = JsonlOutbox(folder)
    ...     again.committed(pumps)
    ...     again.close()
    Position(next_offset=42, metadata='')
    """

    exactly_once = True

    def __init__(
        self,
        folder: str,
        *,
        durable: bool = True,
        crash_point: CrashPoint = no_crash,
        snapshot_garbage_bytes_max: int = 1 << 24,
    ) -> None:
        self._folder = Path(folder)
        self._durable = durable
        self._crash_point = crash_point
        self._guard = CommitGuard()
        with map_os_errors(folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            self._lock: int | None = _lock(self._folder / "lock")
        self._open: list[AppendFile | JsonlSnapshots] = []
        try:
            manifest = read_manifest(self._folder)
            if manifest is None:
                manifest = Manifest()
                self._replace_manifest(manifest)
            self._positions = dict(manifest.positions)
            self._alerts = self._append_file("alerts.jsonl", manifest.alerts_bytes)
            self._letters = self._append_file("dead_letters.jsonl", manifest.dead_letters_bytes)
            self._commands = self._append_file("controls.jsonl", manifest.commands_bytes)
            self._snapshots = JsonlSnapshots(
                self._folder,
                manifest.snapshots_number,
                manifest.snapshots_bytes,
                snapshot_garbage_bytes_max,
            )
            self._open.append(self._snapshots)
        except BaseException:
            self.close()
            raise

    def committed(self, partition: Partition) -> Position | None:
        """Read the position from the manifest."""
        return self._positions.get(partition)

    def commit(self, effects: Effects) -> None:
        """Append the effects to the files, then replace the manifest."""
        with self._guard.one_commit():
            self._commit(effects, self._crash_point)

    def _commit(self, effects: Effects, reached: CrashPoint) -> None:
        self._alerts.append(b"".join(_one_line(alert.value) for alert in effects.alerts))
        reached(Step.ALERTS)
        encode = msgspec.json.encode
        self._letters.append(b"".join(encode(x) + b"\n" for x in effects.dead_letters))
        reached(Step.DEAD_LETTERS)
        is_new_file = self._snapshots.put(effects.snapshots)
        reached(Step.SNAPSHOTS)
        self._commands.append(b"".join(encode(x) + b"\n" for x in effects.commands))
        reached(Step.COMMANDS)
        if self._durable:
            for file in self._open:
                file.sync()
            if is_new_file:
                sync_folder(self._folder)
        self._positions |= effects.positions
        path = self._folder / MANIFEST
        beside = write_temporary(path, encode(self._manifest()), durable=self._durable)
        reached(Step.POSITIONS)
        put_in_place(beside, path, durable=self._durable)
        reached(Step.COMMIT)
        if is_new_file:
            self._snapshots.delete_others()

    def applied_commands(self, partition: Partition, from_offset: int) -> Iterator[AppliedCommand]:
        """Read ``controls.jsonl``."""
        for line in self._commands.lines():
            command = msgspec.json.decode(line, type=AppliedCommand)
            if command.partition == partition and command.effective_offset >= from_offset:
                yield command

    def load(self, partition: Partition) -> Iterator[Snapshot]:
        """Read the snapshots file, the last line of each stream."""
        return self._snapshots.load(partition)

    def close(self) -> None:
        """Close the files; the next start removes what is not committed."""
        for file in self._open:
            file.close()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _append_file(self, name: str, length: int) -> AppendFile:
        file = AppendFile(self._folder / name, length)
        self._open.append(file)
        return file

    def _manifest(self) -> Manifest:
        return Manifest(
            alerts_bytes=self._alerts.length,
            dead_letters_bytes=self._letters.length,
            commands_bytes=self._commands.length,
            snapshots_bytes=self._snapshots.length,
            snapshots_number=self._snapshots.number,
            positions=sorted(self._positions.items()),
        )

    def _replace_manifest(self, manifest: Manifest) -> None:
        path = self._folder / MANIFEST
        beside = write_temporary(path, msgspec.json.encode(manifest), durable=self._durable)
        put_in_place(beside, path, durable=self._durable)


def _one_line(value: bytes) -> bytes:
    if b"\n" in value:
        raise ValueError(f"an alert must be one line: {value[:80]!r}")
    return value + b"\n"


def _lock(path: Path) -> int:
    """Lock the folder for this process; the operating system releases the lock at its exit."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise Fatal(
            f"{path.parent} is in use by another process",
            "stop that process, or give each process its own outbox",
        ) from error
    return descriptor
