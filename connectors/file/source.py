"""The source that reads CSV and JSON-lines files."""

from collections.abc import Collection, Sequence

from connectors.errors import Fatal
from connectors.file.reader import FileFormat, FileReader
from connectors.protocols import Rebalance, SourceCapabilities
from connectors.record import Headers, Partition, Record

CSV_HEADER = "csv-header"
"""Name of the record header with the first line of a CSV file, the names of its columns."""


class FileSource:
    r"""Reads files to their end; each is a partition, and a record's number is its offset.

    A record's value is the raw bytes of one line, or of one CSV record with the line breaks
    inside its quotes, without the line end. Values are not decoded, so a dead letter has the
    original bytes of the file. Each CSV record carries the first line of its file as the header
    `CSV_HEADER`. It can therefore be decoded by itself, and files may have different columns.
    Blank lines are records with an empty value. A UTF-8 byte-order mark at the start is dropped.

    Of a line over ``line_bytes_max`` the first 4096 bytes are kept; ``omitted_bytes`` is the size
    of the rest. From a damaged gzip file all complete lines are read before `Fatal` is raised.

    A file must not change while it is read, and records before the committed position must not
    change between runs, since positions are record numbers. Standard input is not seekable. After a
    restart, send it again from the start; records that are committed are skipped.

    Parameters
    ----------
    paths : sequence of str
        Files; gzip is detected by content. ``-`` is standard input.
    topic : str
        Name of the journal: part of every alert id, so do not rename it.
    file_format : str
        ``csv`` or ``jsonl``.
    delimiter : bytes
        Separator of CSV fields, one byte.
    line_bytes_max : int
        Maximum size of a record.
    poll_bytes_max : int
        Size of the records at which a poll ends early.
    standard_input : int
        File descriptor that ``-`` refers to.

    Examples
    --------
    >>> from tempfile import NamedTemporaryFile
    >>> with NamedTemporaryFile() as file:
    ...     _ = file.write(b'{"flow": 3.5}\n{"flow": 3.6}\n')
    ...     file.flush()
    ...     source = FileSource([file.name], "pumps", "jsonl")
    ...     source.seek(Partition("pumps", 0), next_offset=1)
    ...     source.resume(source.partitions())
    ...     [(record.offset, record.value) for record in source.poll(10, timeout_ms=0)]
    ...     source.close()
    [(1, b'{"flow": 3.6}')]
    """

    capabilities = SourceCapabilities()

    def __init__(
        self,
        paths: Sequence[str],
        topic: str,
        file_format: FileFormat,
        delimiter: bytes = b",",
        line_bytes_max: int = 1 << 20,
        poll_bytes_max: int = 1 << 24,
        standard_input: int = 0,
    ) -> None:
        self._poll_bytes_max = poll_bytes_max
        self._readers = {}
        try:
            for index, path in enumerate(paths):
                self._readers[Partition(topic, index)] = FileReader(
                    path, file_format, delimiter, line_bytes_max, standard_input
                )
        except Fatal:
            self.close()
            raise
        self._partitions = tuple(self._readers)
        self._wanted = dict.fromkeys(self._partitions, 0)
        self._paused = set(self._partitions)
        self._rebalances = [Rebalance(assigned=self._partitions)]

    def partitions(self) -> tuple[Partition, ...]:
        """Return one partition per file, in the order of the paths."""
        return self._partitions

    def rebalances(self) -> list[Rebalance]:
        """Return the assignment of all partitions, once."""
        queued, self._rebalances = self._rebalances, []
        return queued

    def poll(self, max_records: int, timeout_ms: int) -> list[Record]:
        """Read records, one file after the other; only a pipe can make it wait."""
        for partition, reader in self._readers.items():
            if partition not in self._paused and not self.finished(partition):
                records = self._read(partition, reader, max_records, timeout_ms)
                if records:
                    return records
        return []

    def start(self, partition: Partition, wanted: int | None) -> int:
        """Return the wanted offset, or that of the first record."""
        self.position(partition)
        return wanted or 0

    def seek(self, partition: Partition, next_offset: int) -> None:
        """Continue at a record number; the next poll skips the records before it."""
        if next_offset < self._readers[partition].position:
            self._readers[partition].rewind()
        self._wanted[partition] = next_offset

    def position(self, partition: Partition) -> int:
        """Return the number of the record that is read next."""
        return max(self._wanted[partition], self._readers[partition].position)

    def pause(self, partitions: Collection[Partition]) -> None:
        """Return no records of these files until they are resumed."""
        for partition in partitions:
            self.position(partition)  # raises KeyError for a partition that is not assigned
            self._paused.add(partition)

    def resume(self, partitions: Collection[Partition]) -> None:
        """Return records of these files again."""
        for partition in partitions:
            self.position(partition)
            self._paused.discard(partition)

    def finished(self, partition: Partition) -> bool:
        """Return whether the file was read to its end."""
        reader = self._readers[partition]
        return reader.finished and reader.position >= self._wanted[partition]

    def close(self) -> None:
        """Close the files."""
        for reader in self._readers.values():
            reader.close()

    def _read(
        self, partition: Partition, reader: FileReader, max_records: int, timeout_ms: int
    ) -> list[Record]:
        while reader.position < self._wanted[partition]:
            missing = self._wanted[partition] - reader.position
            passed = reader.read(min(missing, max_records), self._poll_bytes_max, timeout_ms)
            if reader.finished and reader.position < self._wanted[partition]:
                raise Fatal(
                    f"{reader.name} has {reader.position} records, and the committed position is "
                    f"{self._wanted[partition]}",
                    "the file has been replaced: restore the former one, or reset the state",
                )
            if not passed:
                return []
            timeout_ms = 0
        first_offset = reader.position
        lines = reader.read(max_records, self._poll_bytes_max, timeout_ms)
        header = reader.header
        headers: Headers = () if header is None else ((CSV_HEADER, header),)
        return [
            Record(
                partition, first_offset + place, None, line.value, None, headers, line.omitted_bytes
            )
            for place, line in enumerate(lines)
        ]
