"""Replays the records of an offset range with new models, and commits nothing."""

from collections.abc import Iterable, Iterator

from connectors import Alert, AppliedCommand, Effects, Partition, Record
from streamlstm.daemon.commands.queue import CommandQueue
from streamlstm.daemon.config.model import Config
from streamlstm.daemon.engine.evicted_store import EvictedStore
from streamlstm.daemon.engine.record_decoder import RecordDecoder
from streamlstm.daemon.engine.stream_cache import StreamCache
from streamlstm.daemon.engine.task import PartitionTask
from streamlstm.daemon.learners.make import make_learner
from streamlstm.daemon.telemetry.counts import Counts, Standing
from streamlstm.stages import AlertOrigin, Event, Schema


class OneStreamDecoder(RecordDecoder):
    """Decodes the records of one stream and ignores the others.

    Examples
    --------
    >>> decoder = OneStreamDecoder(Schema("json", targets=("flow",), key="pump"), "a")
    >>> decoder.decode(Record(Partition("pumps", 0), 0, value=b'{"pump": "b", "flow": 1}'))
    """

    def __init__(self, schema: Schema, stream: str) -> None:
        super().__init__(schema)
        self._stream = stream

    def decode(self, record: Record) -> Event | None:
        """Return the event of a record; None if it belongs to another stream."""
        event = super().decode(record)
        return event if event is not None and event.key == self._stream else None


class ReplayFold:
    """Processes records of a partition with new models, and returns the alerts.

    Parameters
    ----------
    config
        Configuration of the application.
    partition
        Partition of the records.
    begins
        Offset of the first record.
    applied
        Operator commands that took effect from this offset on.
    stream
        Process this stream only.

    Attributes
    ----------
    counts
        Number of records by outcome.
    """

    def __init__(
        self,
        config: Config,
        partition: Partition,
        begins: int,
        applied: Iterable[AppliedCommand],
        stream: str | None = None,
    ) -> None:
        learner = make_learner(config)
        streams = StreamCache(learner, EvictedStore(":memory:"), config.state.snapshot_every)
        commands = CommandQueue(partition, applied=applied)
        streams.commands_seen = commands.first_number
        schema = config.schema_of_records()
        self._records_max = config.batch.records_max
        self._task = PartitionTask(
            partition,
            decoder=RecordDecoder(schema) if stream is None else OneStreamDecoder(schema, stream),
            streams=streams,
            commands=commands,
            origin=AlertOrigin(
                config.app,
                partition.topic,
                partition.index,
                config.record_schema.target,
                learner.threshold,
            ),
            resume_point=Standing(begins, begins, known=True),
            model={},
            replay_records_max=config.state.replay_records_max,
        )
        self._stream = stream

    @property
    def counts(self) -> Counts:
        """Number of records by outcome."""
        return self._task.counts

    def alerts(self, batches: Iterable[list[Record]]) -> Iterator[Alert]:
        """Process records in offset order; yield the alerts."""
        for batch in batches:
            for start in range(0, len(batch), self._records_max):
                effects = Effects()
                self._task.process(batch[start : start + self._records_max], effects)
                yield from effects.alerts

    def close(self) -> None:
        """Release the models."""
        self._task.close()
