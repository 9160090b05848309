"""What is committed, read without disturbing the worker that commits."""

from collections.abc import Iterator
from typing import Protocol

import click

from connectors import AppliedCommand, DeadLetter, Partition, Snapshot
from connectors.jsonl.view import JsonlView
from connectors.sqlite.view import SqliteView
from streamlstm.daemon.config.kafka import KafkaSource
from streamlstm.daemon.config.model import Config
from streamlstm.daemon.config.sections import JsonLinesOutbox, SqliteOutbox, names


class View(Protocol):
    """Reads an outbox; beside a worker that runs it sees what was committed when it began."""

    def load(self, partition: Partition) -> Iterator[Snapshot | None]:
        """Read the snapshots; of several of a stream the last one counts, also if a tombstone."""
        ...

    def applied_commands(
        self, partition: Partition, from_offset: int
    ) -> Iterator[AppliedCommand | None]:
        """Read what took effect at ``from_offset`` or later."""
        ...

    def dead_letters(self) -> Iterator[DeadLetter]:
        """Read the dead letters."""
        ...

    def close(self) -> None:
        """Let go."""
        ...


def make_view(config: Config) -> View:
    """Open a view of a configuration's outbox; standard output has none."""
    outbox = config.outbox
    if isinstance(outbox, SqliteOutbox):
        return SqliteView(outbox.path)
    if isinstance(outbox, JsonLinesOutbox):
        return JsonlView(outbox.path)
    if outbox.kind == "stdout":
        raise click.UsageError("the outbox is stdout, which keeps nothing")
    from streamlstm.daemon.wiring.kafka import make_view as make_kafka_view  # noqa: PLC0415

    return make_kafka_view(config)


def partitions(config: Config) -> tuple[Partition, ...]:
    """Name the partitions of a configuration's records, without reading any of them."""
    source = config.source
    if not isinstance(source, KafkaSource):
        return tuple(Partition(source.topic, index) for index in range(len(names(source.path))))
    from streamlstm.daemon.wiring.kafka import make_offset_range  # noqa: PLC0415 - takes .2 s

    offset_range = make_offset_range(config)
    try:
        return offset_range.partitions()
    finally:
        offset_range.close()
