"""Opens file sources."""

from connectors import FileSource, Partition, Source
from streamlstm.daemon.config.connectors.files import CsvSource, JsonLinesSource
from streamlstm.daemon.config.sections import names


def open_source(section: CsvSource | JsonLinesSource, config: object) -> Source:
    """Open the files."""
    return FileSource(
        names(section.path),
        section.topic,
        section.kind,
        delimiter=section.cell_delimiter.encode(),
        line_bytes_max=section.line_bytes_max,
    )


def partitions(section: CsvSource | JsonLinesSource, config: object) -> tuple[Partition, ...]:
    """Return one partition per file, without opening any."""
    return tuple(Partition(section.topic, index) for index in range(len(names(section.path))))
