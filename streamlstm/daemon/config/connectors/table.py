"""The table of connectors: one line for each kind of source and of outbox.

The section names the module that opens the connector, so no client library is imported here.
"""

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from streamlstm.daemon.config.connectors.files import (
    CsvSource,
    JsonLinesOutbox,
    JsonLinesSource,
    SqliteOutbox,
    StdoutOutbox,
)
from streamlstm.daemon.config.connectors.kafka import KafkaOutbox, KafkaSource
from streamlstm.daemon.config.connectors.section import OutboxSection, SourceSection

SOURCES: tuple[type[SourceSection], ...] = (
    CsvSource,
    JsonLinesSource,
    KafkaSource,
)

OUTBOXES: tuple[type[OutboxSection], ...] = (
    SqliteOutbox,
    JsonLinesOutbox,
    StdoutOutbox,
    KafkaOutbox,
)


def any_of(sections: tuple[type[Any], ...]) -> Any:
    """Give the union of sections, for a field whose ``kind`` selects one of them.

    Examples
    --------
    >>> any_of((int, str))
    int | str
    """
    return reduce(or_, sections)


if TYPE_CHECKING:
    AnySource = SourceSection
    AnyOutbox = OutboxSection
else:
    AnySource = any_of(SOURCES)
    AnyOutbox = any_of(OUTBOXES)
