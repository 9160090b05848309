"""Bringing a partition back to where it was committed, a little at a time."""

from collections.abc import Generator, Iterator
from pathlib import Path

from connectors import Fatal, Outbox, Partition, Position, Retriable, SnapshotStore, Source
from streamlstm.daemon.commands.queue import CommandQueue
from streamlstm.daemon.config.model import Config
from streamlstm.daemon.engine.alert_factory import AlertFactory
from streamlstm.daemon.engine.commit_metadata import CommitMetadata, StateMismatchError
from streamlstm.daemon.engine.evicted_store import EvictedStore
from streamlstm.daemon.engine.record_decoder import RecordDecoder
from streamlstm.daemon.engine.stream_cache import StreamCache
from streamlstm.daemon.engine.task import PartitionTask
from streamlstm.daemon.learners.bank import Observer
from streamlstm.daemon.learners.make import make_learner
from streamlstm.daemon.telemetry.counts import Standing
from streamlstm.daemon.telemetry.events import Telemetry


class Restorer:
    """Makes the task of a partition, as it was committed.

    Parameters
    ----------
    config
    source
        Says where reading can begin.
    outbox
        Holds positions and, unless it is standard output, snapshots.
    telemetry
    observer
        Sees every judged batch.
    """

    def __init__(
        self,
        config: Config,
        source: Source,
        outbox: Outbox,
        telemetry: Telemetry,
        observer: Observer | None = None,
    ) -> None:
        self._config = config
        self._source = source
        self._outbox = outbox
        self._telemetry = telemetry
        self._observer = observer

    def steps(self, partition: Partition) -> Iterator[bool | PartitionTask]:
        """Restore a partition that was assigned.

        Yields
        ------
        bool or PartitionTask
            True where something came, False where nothing did: look after others. The task is the
            last; its owner closes it.

        Raises
        ------
        StateMismatchError
            If the models were shaped otherwise when the position was committed.
        """
        folder = self._config.state.path
        name = f"cold-{partition.topic}-{partition.index}.sqlite"
        evicted = EvictedStore(":memory:" if folder is None else Path(folder) / name)
        try:
            task = yield from self._restore(partition, evicted)
        except BaseException:  # also where it is given up half-way
            evicted.close()
            raise
        yield task

    def _restore(
        self, partition: Partition, evicted: EvictedStore
    ) -> Generator[bool, None, PartitionTask]:
        config = self._config
        learner = make_learner(config, self._observer)
        model = learner.description() | self._journal()
        streams = StreamCache(learner, evicted, config.state.snapshot_every)
        commands = CommandQueue(partition)
        position = yield from self._committed(partition)
        wanted = None
        if position is None:
            yield from self._orphans(partition)
        else:
            metadata = CommitMetadata.decode(position.metadata)
            if changed := metadata.changed(model):
                raise StateMismatchError("; ".join(changed))
            wanted = metadata.replay_from
            yield from self._load(partition, streams)
            applied = []
            for found in self._outbox.applied_commands(partition, wanted):
                yield found is not None
                applied += [found] if found else []
            commands = CommandQueue(partition, metadata.commands, metadata.commands_read, applied)
            streams.commands_seen = commands.first_number
        begins = self._source.start(partition, wanted)
        if wanted is not None and begins > wanted:
            self._telemetry.lost(partition, wanted, begins)
        committed = begins if position is None else max(begins, position.next_offset)
        self._telemetry.restored(partition, len(streams.next_offset), committed - begins)
        return PartitionTask(
            partition,
            decoder=RecordDecoder(config.schema_of_records()),
            streams=streams,
            commands=commands,
            alert_factory=AlertFactory(
                config.app,
                partition.topic,
                partition.index,
                config.record_schema.target,
                learner.threshold,
            ),
            resume_point=Standing(
                begins, committed, known=position is not None and position.next_offset == committed
            ),
            model=model,
            replay_records_max=config.state.replay_records_max,
        )

    def _journal(self) -> dict[str, int]:
        """What of the journal shapes the models: with another number of partitions keys move."""
        if self._config.source.kind != "kafka":
            return {}
        return {"partitions": len(self._source.partitions())}

    def _orphans(self, partition: Partition) -> Iterator[bool]:
        """Refuse to begin anew beside the memory of an earlier life: it would mix with ours.

        A group of Kafka's forgets its positions when it has had no member for long.
        """
        if not isinstance(self._outbox, SnapshotStore):
            return
        alive = dict[bytes, bool]()
        for snapshot in self._outbox.load(partition):
            yield snapshot is not None
            if snapshot is not None:
                alive[snapshot.stream_key] = snapshot.payload is not None
        applied = 0
        for command in self._outbox.applied_commands(partition, 0):
            yield command is not None
            applied += command is not None
        streams = sum(alive.values())
        if streams or applied:
            raise Fatal(
                f"partition {partition.index} of {partition.topic}: no position is committed, yet "
                f"there are snapshots of {streams} streams and {applied} operator commands: the "
                "group was without a worker for longer than the broker keeps its positions "
                "(offsets.retention.minutes), or they are another group's",
                "streamlstm state reset CONFIG forgets them, and the application begins anew at "
                "source.start; or correct kafka.group and the topics of the outbox",
            )

    def _committed(self, partition: Partition) -> Generator[bool, None, Position | None]:
        while True:
            try:
                return self._outbox.committed(partition)
            except Retriable as pending:
                self._telemetry.waiting(str(pending))
                yield False

    def _load(self, partition: Partition, streams: StreamCache) -> Iterator[bool]:
        if isinstance(self._outbox, SnapshotStore):
            for found in self._outbox.load(partition):
                if found is not None:
                    streams.load(found.stream_key.decode(), found.next_offset, found.payload)
                yield found is not None
