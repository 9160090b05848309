"""Where operator commands come from: a journal like any other, in a file or a topic.

Each partition keeps with its own position which of them have taken effect there.
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
    """The journal of operator commands, read in order."""

    def rewind(self, place: int) -> None:
        """Read from ``place`` on at the next poll, where that is further back."""
        ...

    def poll(self) -> Iterator[tuple[int, Queued]]:
        """Hand over what has come since, each with its place."""
        ...

    def close(self) -> None:
        """Let go."""
        ...


def queued(record: Record) -> Queued | None:
    """Read an operator command; nothing where it is blank.

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
    """Reads a growing file of operator commands, one JSON object a line.

    Parameters
    ----------
    path
        File; it need not exist yet.
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
        """Read from ``place`` on, where that is further back."""
        self._bytes_seen = -1
        self._next_offset = min(self._next_offset, place)

    def poll(self) -> Iterator[tuple[int, Queued]]:
        """Hand over what was appended since."""
        while records := self._appended():  # all of it: what is due must not wait for a later round
            for record in records:
                self._next_offset = record.next_offset
                command = queued(record)
                if command is not None:
                    yield record.offset, command

    def close(self) -> None:
        """Nothing is held open."""

    def _appended(self) -> list[Record]:
        """Read the lines from ``next_offset`` on, where the file has grown."""
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
    """Append one operator command, whole or not at all as far as any reader can see."""
    with map_os_errors(str(path)):
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(file, line + b"\n")
        finally:
            os.close(file)
