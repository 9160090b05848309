"""Where control records come from: a file that ``streamlstm control`` appends to.

It is a journal like any other: its position is committed with the effects of what was read.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from connectors import DeadLetter, Effects, FileSource, Partition, Position, Record
from connectors.errors import explained
from streamlstm.stages import Control, ControlError, parse_control

READ_MAX = 1000
DEAD_LETTER_CODE = "bad_control"


class ControlFile:
    """Reads a growing file of control records, one JSON object a line.

    Each partition keeps with its own position which of them have taken effect there; the position
    committed here says only of which lines the dead letters are out.

    Parameters
    ----------
    path
        File; it need not exist yet.
    topic
        Name under which its position is kept.
    committed
        Lines below have been judged.
    next_offset
        Where to read on: some may still have to take effect somewhere.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "controls.jsonl")
    ...     _ = path.write_text('{"verb": "forget", "stream": "a"}' + chr(10))
    ...     file = ControlFile(path, "pumps.controls")
    ...     [(place, control.stream) for place, control in file.poll(Effects())]
    [(0, 'a')]
    """

    def __init__(self, path: Path, topic: str, committed: int = 0, next_offset: int = 0) -> None:
        self._path = path
        self.partition = Partition(topic, 0)
        self._committed = committed
        self.next_offset = next_offset
        self._bytes_seen = -1

    def poll(self, effects: Effects) -> Iterator[tuple[int, Control]]:
        """Hand over what was appended since; a line that is no control record is a dead letter."""
        while records := self._appended():  # all of it: what is due must not wait for a later round
            for record in records:
                self.next_offset = record.next_offset
                try:
                    if record.value and not record.value.isspace():
                        yield record.offset, parse_control(record.value)
                except ControlError as error:
                    if record.offset >= self._committed:
                        letter = DeadLetter(record, DEAD_LETTER_CODE, str(error))
                        effects.dead_letters.append(letter)
        if self.next_offset > self._committed:
            self._committed = self.next_offset
            effects.positions[self.partition] = Position(self.next_offset)

    def _appended(self) -> list[Record]:
        """Read the lines from ``next_offset`` on, where the file has grown."""
        try:
            size = self._path.stat().st_size
        except FileNotFoundError:
            return []
        if size == self._bytes_seen:
            return []
        source = FileSource([str(self._path)], self.partition.topic, "jsonl")
        try:
            source.seek(self.partition, self.next_offset)
            source.resume([self.partition])
            records = source.poll(READ_MAX, timeout_ms=0)
        finally:
            source.close()
        if len(records) < READ_MAX:
            self._bytes_seen = size
        return records


def append_control(path: Path, line: bytes) -> None:
    """Append one control record, whole or not at all as far as any reader can see."""
    with explained(str(path)):
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(file, line + b"\n")
        finally:
            os.close(file)
