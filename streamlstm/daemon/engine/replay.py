"""The fold over a stretch of the journal, with models that begin there; nothing is committed."""

from collections.abc import Iterable, Iterator

from connectors import Alert, AppliedCommand, Effects, Partition, Record
from streamlstm.daemon.commands.queue import CommandQueue
from streamlstm.daemon.config.model import Config
from streamlstm.daemon.engine.alert_factory import AlertFactory
from streamlstm.daemon.engine.evicted_store import EvictedStore
from streamlstm.daemon.engine.record_decoder import RecordDecoder
from streamlstm.daemon.engine.stream_cache import StreamCache
from streamlstm.daemon.engine.task import PartitionTask
from streamlstm.daemon.learners.make import make_learner
from streamlstm.daemon.telemetry.counts import Counts, Standing
from streamlstm.stages import Event, Schema


class OneStream(RecordDecoder):
    """Decodes the records of one stream, and passes over the others.

    Examples
    --------
    >>> decoder = OneStream(Schema("json", targets=("flow",), key="pump"), "a")
    >>> decoder.decode(Record(Partition("pumps", 0), 0, value=b'{"pump": "b", "flow": 1}'))
    """

    def __init__(self, schema: Schema, stream: str) -> None:
        super().__init__(schema)
        self._stream = stream

    def decode(self, record: Record) -> Event | None:
        """Return the event of a record of the stream, else None."""
        event = super().decode(record)
        return event if event is not None and event.key == self._stream else None


class ReplayFold:
    """What a partition's records would have said, had the models begun at the first of them.

    Parameters
    ----------
    config
    partition
    begins
        Offset of the first record.
    applied
        Operator commands, as they took effect from there on.
    stream
        Only this one learns, if named.

    Attributes
    ----------
    counts
        What became of the records.
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
            decoder=RecordDecoder(schema) if stream is None else OneStream(schema, stream),
            streams=streams,
            commands=commands,
            alert_factory=AlertFactory(
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
        """What became of the records."""
        return self._task.counts

    def alerts(self, batches: Iterable[list[Record]]) -> Iterator[Alert]:
        """Fold records, in the order of their offsets; give the alerts."""
        for batch in batches:
            for at in range(0, len(batch), self._records_max):
                effects = Effects()
                self._task.process(batch[at : at + self._records_max], effects)
                yield from effects.alerts

    def close(self) -> None:
        """Let go of the models."""
        self._task.close()
