"""Splitting of chunks of bytes into lines, and joining of lines to CSV records; no I/O.

Bytes are not decoded. The result does not depend on where chunks end, so a pipe and a disk give the
same records.
"""

from collections import deque
from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

HEAD_BYTES = 4096
"""Number of bytes kept of a line over the limit, to recognise it in a dead letter."""

CSV_RECORD_LINES_MAX = 100
"""Maximum number of lines of a quoted field; beyond it, the quote counts as a stray one."""


class Line(NamedTuple):
    """The bytes before a newline, and the number of bytes omitted because of the limit."""

    value: bytes
    omitted_bytes: int = 0


class LineSplitter:
    r"""Splits chunks at newlines; keeps at most ``line_bytes_max`` of an unfinished line.

    Parameters
    ----------
    line_bytes_max : int
        Maximum size of a line, with a carriage return. Only the first `HEAD_BYTES` of a longer line
        are kept.

    Examples
    --------
    >>> splitter = LineSplitter(line_bytes_max=4)
    >>> splitter.feed(b"a\nb")
    [Line(value=b'a', omitted_bytes=0)]
    >>> splitter.feed(b"c\nlonger\n")
    [Line(value=b'bc', omitted_bytes=0), Line(value=b'long', omitted_bytes=2)]
    """

    def __init__(self, line_bytes_max: int) -> None:
        self._limit = line_bytes_max
        self._held = bytearray()
        self._held_bytes = 0  # of the line so far, including omitted bytes

    def feed(self, chunk: bytes) -> list[Line]:
        """Return the lines that end in this chunk."""
        *ended, rest = chunk.split(b"\n")
        lines = []
        for piece in ended:
            if not self._held_bytes and len(piece) <= self._limit:
                lines.append(Line(piece))  # the case of nearly every line
            else:
                self._hold(piece)
                lines.append(self._take())
        self._hold(rest)
        return lines

    def end(self) -> list[Line]:
        """Return the last line if it has no newline."""
        return [self._take()] if self._held_bytes else []

    def _hold(self, piece: bytes) -> None:
        self._held_bytes += len(piece)
        self._held += piece[: self._limit - len(self._held)]

    def _take(self) -> Line:
        kept = bytes(self._held)
        if self._held_bytes > self._limit:
            kept = kept[:HEAD_BYTES]
        line = Line(kept, self._held_bytes - len(kept))
        self._held.clear()
        self._held_bytes = 0
        return line


def ends_inside_quotes(line: bytes, delimiter: bytes, *, inside: bool = False) -> bool:
    """Return whether a quoted CSV field is still open at the end of a line.

    A quote opens a field only as its first character, as in Python's ``csv``: ``5" pipe`` is text.

    Examples
    --------
    >>> ends_inside_quotes(b'1,"two', b","), ends_inside_quotes(b'1,5" pipe', b",")
    (True, False)
    """
    at = 0
    while True:
        if inside or line.startswith(b'"', at):
            at = _after_closing_quote(line, at if inside else at + 1)
            inside = False
            if at < 0:
                return True
        at = line.find(delimiter, at) + 1
        if not at:
            return False


def _after_closing_quote(line: bytes, at: int) -> int:
    while (at := line.find(b'"', at)) >= 0:
        if not line.startswith(b'"', at + 1):
            return at + 1
        at += 2  # a doubled quote is an escaped quote
    return -1


class CsvAssembler:
    r"""Joins the lines of a CSV record whose quoted fields contain newlines.

    If a quote does not close within `CSV_RECORD_LINES_MAX` lines, ``record_bytes_max`` bytes and
    the file, its line becomes a record by itself. The lines below are not affected.

    Parameters
    ----------
    delimiter : bytes
        Separator of fields.
    record_bytes_max : int
        Maximum size of a record of several lines.

    Examples
    --------
    >>> assembler = CsvAssembler(b",", record_bytes_max=100)
    >>> [line.value for line in assembler.feed([Line(b'1,"a'), Line(b'b"'), Line(b"2,c")])]
    [b'1,"a\nb"', b'2,c']
    """

    def __init__(self, delimiter: bytes, record_bytes_max: int) -> None:
        self._delimiter = delimiter
        self._limit = record_bytes_max
        self._waiting: deque[Line] = deque()

    def feed(self, lines: Iterable[Line]) -> list[Line]:
        """Return the records that are complete."""
        self._waiting.extend(lines)
        return self._take(ended=False)

    def end(self) -> list[Line]:
        """Return the remaining records at the end of the file."""
        return self._take(ended=True)

    def _take(self, *, ended: bool) -> list[Line]:
        records = []
        while self._waiting:
            if b'"' not in self._waiting[0].value:  # the case of nearly every line
                records.append(self._waiting.popleft())
                continue
            count = self._lines_of_first(ended=ended)
            if not count:
                break
            lines = [self._waiting.popleft() for _ in range(count)]
            records.append(lines[0] if count == 1 else Line(b"\n".join(x.value for x in lines)))
        return records

    def _lines_of_first(self, *, ended: bool) -> int:
        """Return the number of lines of the first record; 0 if it is not known yet."""
        inside = False
        size_bytes = -1
        for count, line in enumerate(islice(self._waiting, CSV_RECORD_LINES_MAX), start=1):
            size_bytes += 1 + len(line.value)
            if line.omitted_bytes or size_bytes > self._limit:
                return 1
            inside = ends_inside_quotes(line.value, self._delimiter, inside=inside)
            if not inside:
                return count
        return 1 if ended or len(self._waiting) >= CSV_RECORD_LINES_MAX else 0
