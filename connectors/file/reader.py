"""Reader of the records of one file, or of standard input, for `FileSource`."""

import codecs
import os
import select
import stat
from collections import deque
from pathlib import Path
from typing import Literal

from connectors.errors import Fatal, map_os_errors
from connectors.file.gzip_stream import MAGIC, DamagedGzipError, GzipStream
from connectors.file.lines import CsvAssembler, Line, LineSplitter

FileFormat = Literal["csv", "jsonl"]

_CHUNK_BYTES = 1 << 16


class FileReader:
    r"""Reads lines of JSON or records of CSV, counted from 0, without their line ends.

    Parameters
    ----------
    path : str
        File, gzip or not; ``-`` is standard input.
    file_format : str
        ``csv`` or ``jsonl``.
    delimiter : bytes
        Separator of CSV fields.
    line_bytes_max : int
        Maximum size of a record.
    standard_input : int
        File descriptor that ``-`` refers to.

    Examples
    --------
    >>> from tempfile import NamedTemporaryFile
    >>> with NamedTemporaryFile() as file:
    ...     _ = file.write(b"time,flow\n1,3.5\n")
    ...     file.flush()
    ...     reader = FileReader(file.name, "csv")
    ...     reader.read(10, 1000, timeout_ms=0), reader.header
    ...     reader.close()
    ([Line(value=b'1,3.5', omitted_bytes=0)], b'time,flow')
    """

    def __init__(
        self,
        path: str,
        file_format: FileFormat,
        delimiter: bytes = b",",
        line_bytes_max: int = 1 << 20,
        standard_input: int = 0,
    ) -> None:
        self.name = "standard input" if path == "-" else path
        self.header: bytes | None = None
        self.position = 0
        self._is_csv = file_format == "csv"
        self._packed_by_name = Path(path).suffix == ".gz"
        self._delimiter = delimiter
        self._line_bytes_max = line_bytes_max
        self._owns = path != "-"
        with map_os_errors(self.name):
            self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC) if self._owns else standard_input
            mode = os.fstat(self._file).st_mode
        self._waits = not stat.S_ISREG(mode)
        if stat.S_ISDIR(mode):
            self.close()
            raise Fatal(f"{self.name} is a folder", "name a file")
        self._begin()

    @property
    def finished(self) -> bool:
        """Whether the file was read to its end without error and every record was returned."""
        return self._ended and not self._ready and self._damage is None

    def read(self, max_records: int, bytes_max: int, timeout_ms: int) -> list[Line]:
        """Return the next records; on a pipe, wait at most ``timeout_ms`` for the first.

        Raises
        ------
        Fatal
            If the file is damaged, after all records before the damage were returned.
        """
        lines: list[Line] = []
        size_bytes = 0
        while len(lines) < max_records and size_bytes < bytes_max:
            if self._ready:
                lines.append(self._ready.popleft())
                self.position += 1
                size_bytes += len(lines[-1].value)
            elif self._ended or not self._fill(0 if lines else timeout_ms):
                break
        if not lines and self._damage is not None:
            raise self._damage
        return lines

    def rewind(self) -> None:
        """Start again at record 0.

        Raises
        ------
        Fatal
            If this is a pipe, which cannot be read twice.
        """
        if self._waits:
            raise Fatal(
                f"{self.name} cannot be read again from record 0",
                "use a file instead, or restart the process with the whole input",
            )
        with map_os_errors(self.name):
            os.lseek(self._file, 0, os.SEEK_SET)
        self._begin()

    def close(self) -> None:
        """Close the file; standard input stays open."""
        if self._owns:
            self._owns = False
            os.close(self._file)

    def _begin(self) -> None:
        self.position = 0
        self.header = None
        self._splitter = LineSplitter(self._line_bytes_max)
        self._assembler = CsvAssembler(self._delimiter, self._line_bytes_max)
        self._gunzip: GzipStream | None = None
        self._first_bytes: bytes | None = b""  # None after they have shown whether it is gzip
        self._at_start = True
        self._ready: deque[Line] = deque()
        self._ended = False
        self._damage: Fatal | None = None

    def _fill(self, timeout_ms: int) -> bool:
        """Process one more chunk; return False if none came in time.

        An error is kept until all records before it have been returned.
        """
        chunk: bytes | None = b""
        try:
            if self._gunzip is None or not self._gunzip.pending:
                chunk = self._read_chunk(timeout_ms)
                if chunk is None:
                    return False
                self._ended = not chunk
            self._accept(self._unpack(chunk or b""))
        except DamagedGzipError as error:
            self._damage = Fatal(
                f"{self.name} is damaged after {self.position} records: {error}",
                "replace it by an intact copy and start again: "
                "reading continues at the committed position",
            )
        except Fatal as error:
            self._damage = error
        self._ended = self._ended or self._damage is not None
        return True

    def _read_chunk(self, timeout_ms: int) -> bytes | None:
        with map_os_errors(self.name):
            if self._waits:
                poll = select.poll()
                poll.register(self._file, select.POLLIN)
                if not poll.poll(timeout_ms):
                    return None
            return os.read(self._file, _CHUNK_BYTES)

    def _unpack(self, chunk: bytes) -> bytes:
        if self._first_bytes is not None:
            chunk = self._first_bytes + chunk
            if len(chunk) < len(MAGIC) and not self._ended:
                self._first_bytes = chunk  # a pipe may give a single byte
                return b""
            self._first_bytes = None
            if chunk.startswith(MAGIC):
                self._gunzip = GzipStream()
            elif self._packed_by_name:
                raise DamagedGzipError("it is named .gz and is not gzip")
        if self._gunzip is None:
            return chunk
        unpacked = self._gunzip.feed(chunk)
        if self._ended and not self._gunzip.pending:
            self._gunzip.end()
        return unpacked

    def _accept(self, content: bytes) -> None:
        lines = self._splitter.feed(content)
        if self._ended:
            lines += self._splitter.end()
        if self._at_start and lines:
            self._at_start = False
            lines[0] = Line(lines[0].value.removeprefix(codecs.BOM_UTF8), lines[0].omitted_bytes)
        if self._is_csv:
            lines = self._assembler.feed(lines)
            if self._ended:
                lines += self._assembler.end()
            if lines and self.header is None:
                self.header = self._checked_header(lines.pop(0))
        self._ready.extend(_without_return(line) for line in lines)

    def _checked_header(self, line: Line) -> bytes:
        header = line.value.removesuffix(b"\r")
        if line.omitted_bytes or not header.strip():
            fault = "too long for" if line.omitted_bytes else "blank, instead of"
            raise Fatal(
                f"{self.name}: the first line is {fault} the names of the columns",
                "write the names of the columns into the first line",
            )
        return header


def _without_return(line: Line) -> Line:
    whole = not line.omitted_bytes and line.value.endswith(b"\r")
    return Line(line.value[:-1]) if whole else line
