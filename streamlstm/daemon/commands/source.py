"""Journal of operator commands in a file, and its port.

Each partition commits with its position which commands are applied there.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from connectors import DeadLetter, FileSource, Partition, Record
from connectors.errors import map_os_errors
from streamlstm.daemon.commands.queue import Queued
from streamlstm.stages import CommandError, parse_command

READ_MAX = 1000
DEAD_LETTER_CODE = "bad_command"


class CommandSource(Protocol):
    """Reader of the journal of operator commands."""

    def rewind(self, place: int) -> None:
        """Read from offset ``place`` at the next poll, if that is further back."""
        ...

    def poll(self) -> Iterator[tuple[int, Queued]]:
        """Yield the new commands, each with its offset."""
        ...

    def close(self) -> None:
        """Close the journal."""
        ...


def queued(record: Record) -> Queued | None:
    """Parse an operator command. A blank record gives None.

    Examples
    --------
    >>> record = Record(Partition("pumps.controls", 0), 0, None, b'{"verb": "pause"}')
    >>> queued(record).code
    'bad_command'
    """
    if not record.value or record.value.isspace():
        return None
    try:
        return parse_command(record.value)
    except CommandError as error:
        return DeadLetter(record, DEAD_LETTER_CODE, str(error))


class CommandFile:
    """Reads a growing file of operator commands, one JSON object per line.

    Parameters
    ----------
    path
        The file. It need not exist yet.
    topic
        Name of the journal.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "controls.jsonl")
    ...     _ = path.write_text('{"verb": "forget", "stream": "a"}' + chr(10))
    ...     file = CommandFile(path, "pumps.controls")
    ...     [(place, control.stream) for place, control in file.poll()]
    [(0, 'a')]
    """

    def __init__(self, path: Path, topic: str) -> None:
        self._path = path
        self._partition = Partition(topic, 0)
        self._next_offset = 0
        self._bytes_seen = -1

    def rewind(self, place: int) -> None:
        """Read from offset ``place``, if that is further back."""
        self._bytes_seen = -1
        self._next_offset = min(self._next_offset, place)

    def poll(self) -> Iterator[tuple[int, Queued]]:
        """Yield the commands that were appended."""
        while records := self._appended():  # read all, so that a due command is not delayed
            for record in records:
                self._next_offset = record.next_offset
                command = queued(record)
                if command is not None:
                    yield record.offset, command

    def close(self) -> None:
        """Do nothing: no file is held open."""

    def _appended(self) -> list[Record]:
        """Read the lines from ``next_offset``, if the file has grown."""
        try:
            size = self._path.stat().st_size
        except FileNotFoundError:
            return []
        if size == self._bytes_seen:
            return []
        source = FileSource([str(self._path)], self._partition.topic, "jsonl")
        try:
            source.seek(self._partition, self._next_offset)
            source.resume([self._partition])
            records = source.poll(READ_MAX, timeout_ms=0)
        finally:
            source.close()
        if len(records) < READ_MAX:
            self._bytes_seen = size
        return records


def append_command(path: Path, line: bytes) -> None:
    """Append one operator command. Readers see the whole line or none of it."""
    with map_os_errors(str(path)):
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(file, line + b"\n")
        finally:
            os.close(file)
