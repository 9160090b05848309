"""The source over CSV and JSON-lines files."""

from collections.abc import Collection, Sequence

from connectors.errors import Fatal
from connectors.file.reader import FileFormat, FileReader
from connectors.protocols import Rebalance, SourceCapabilities
from connectors.record import Headers, Partition, Record

CSV_HEADER = "csv-header"
"""Name of the record header that holds the first line of a CSV file, its names of columns."""


class FileSource:
    r"""Reads files to their end; each is a partition, and a record's number is its offset.

    A record's value is the raw bytes of one line, or of one CSV record with the line breaks
    inside its quotes, without the line end. Nothing is decoded, so a dead letter keeps what lay
    in the file. Each CSV record carries its file's first line as the header `CSV_HEADER`: it can
    be read by itself, and files may differ in their columns. Blank lines are records too, with an
    empty value, so that every line is accounted for. A byte-order mark of UTF-8 at the start is
    dropped.

    A line over ``line_bytes_max`` gives its first 4096 bytes, and ``omitted_bytes`` says so. A
    damaged gzip file gives all its whole lines, then `Fatal`.

    A file must not change while it is read, and its first records not between runs: positions are
    numbers of records. Standard input cannot go back; after a restart, send it again from the
    start, and what is committed is passed over.

    Parameters
    ----------
    paths : sequence of str
        Files, gzip or not (their content tells); ``-`` is standard input.
    topic : str
        Name of the journal: part of every alert id, so do not rename it.
    file_format : str
        ``csv`` or ``jsonl``.
    delimiter : bytes
        What separates the fields of CSV, one byte.
    line_bytes_max : int
        Limit of a record.
    poll_bytes_max : int
        A poll ends early once it holds so many bytes.
    standard_input : int
        File descriptor that ``-`` stands for.

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
        """Give one partition for each file, in the order of the paths."""
        return self._partitions

    def rebalances(self) -> list[Rebalance]:
        """Hand over the one assignment there is."""
        queued, self._rebalances = self._rebalances, []
        return queued

    def poll(self, max_records: int, timeout_ms: int) -> list[Record]:
        """Read on, one file after the other; only a pipe is ever waited for."""
        for partition, reader in self._readers.items():
            if partition not in self._paused and not self.finished(partition):
                records = self._read(partition, reader, max_records, timeout_ms)
                if records:
                    return records
        return []

    def start(self, partition: Partition, wanted: int | None) -> int:
        """Begin where it is wanted, or with the first record."""
        self.position(partition)
        return wanted or 0

    def seek(self, partition: Partition, next_offset: int) -> None:
        """Read on from a record's number; the next poll passes over the records before it."""
        if next_offset < self._readers[partition].position:
            self._readers[partition].rewind()
        self._wanted[partition] = next_offset

    def position(self, partition: Partition) -> int:
        """Say which record is read next."""
        return max(self._wanted[partition], self._readers[partition].position)

    def pause(self, partitions: Collection[Partition]) -> None:
        """Give no records of these files."""
        for partition in partitions:
            self.position(partition)  # raises KeyError for a partition that is not assigned
            self._paused.add(partition)

    def resume(self, partitions: Collection[Partition]) -> None:
        """Give records of these files again."""
        for partition in partitions:
            self.position(partition)
            self._paused.discard(partition)

    def finished(self, partition: Partition) -> bool:
        """Say whether the file was read to its end."""
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
                    f"{reader.name} has {reader.position} records, and reading was to go on after "
                    f"{self._wanted[partition]}",
                    "it is not the file that was read before: put that back, or reset the state",
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
