"""Restores the state of a partition after a start, a crash or a rebalance."""

from collections.abc import Generator, Iterator
from pathlib import Path

from connectors import Fatal, Outbox, Partition, Position, Retriable, SnapshotStore, Source
from streamlstm.daemon.commands.queue import CommandQueue
from streamlstm.daemon.config.model import Config
from streamlstm.daemon.engine.commit_metadata import CommitMetadata, StateMismatchError
from streamlstm.daemon.engine.evicted_store import EvictedStore
from streamlstm.daemon.engine.record_decoder import RecordDecoder
from streamlstm.daemon.engine.stream_cache import StreamCache
from streamlstm.daemon.engine.task import PartitionTask
from streamlstm.daemon.learners.bank import Observer
from streamlstm.daemon.learners.make import make_learner
from streamlstm.daemon.telemetry.counts import Standing
from streamlstm.daemon.telemetry.events import Telemetry
from streamlstm.stages import AlertOrigin


class Restorer:
    """Restores partitions from what is committed.

    1. read the committed position
    2. compare the settings committed with it to the configuration
    3. load the latest snapshot of each stream
    4. read the operator commands to replay
    5. begin at the oldest record that is in no snapshot; the task replays the records from there

    Parameters
    ----------
    config
        Configuration of the application.
    source
        Finds the first offset.
    outbox
        Contains positions and, unless it is standard output, snapshots.
    telemetry
        Is notified about waiting, lost records and the restored partition.
    observer
        Called with every batch of events and its result.
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
        """Restore an assigned partition, step by step, so that others are served meanwhile.

        Yields
        ------
        bool or PartitionTask
            True after progress, False if the outbox has nothing to read yet. The last item is the
            task; the caller closes it.

        Raises
        ------
        StateMismatchError
            If the position was committed under other settings.
        """
        folder = self._config.state.path
        name = f"cold-{partition.topic}-{partition.index}.sqlite"
        evicted = EvictedStore(":memory:" if folder is None else Path(folder) / name)
        try:
            task = yield from self._restore(partition, evicted)
        except BaseException:  # GeneratorExit included
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
        replay_from = None
        if position is None:
            yield from self._refuse_orphans(partition)
        else:
            metadata = CommitMetadata.decode(position.metadata)
            if changed := metadata.changed(model):
                raise StateMismatchError("; ".join(changed))
            replay_from = metadata.replay_from
            yield from self._load(partition, streams)
            applied = []
            for command in self._outbox.applied_commands(partition, replay_from):
                yield command is not None
                applied += [command] if command else []
            commands = CommandQueue(partition, metadata.commands, metadata.commands_read, applied)
            streams.commands_seen = commands.first_number
        begins = self._source.start(partition, replay_from)
        if replay_from is not None and begins > replay_from:
            self._telemetry.lost(partition, replay_from, begins)
        committed = begins if position is None else max(begins, position.next_offset)
        self._telemetry.restored(partition, len(streams.next_offset), committed - begins)
        return PartitionTask(
            partition,
            decoder=RecordDecoder(config.schema_of_records()),
            streams=streams,
            commands=commands,
            origin=AlertOrigin(
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
        """Return the settings of the source: another number of partitions moves keys."""
        if not self._source.capabilities.shared:
            return {}
        return {"partitions": len(self._source.partitions())}

    def _refuse_orphans(self, partition: Partition) -> Iterator[bool]:
        """Refuse to start without a position while snapshots or commands of an earlier run exist.

        A broker deletes the positions of a group that has had no member for long.
        """
        if not isinstance(self._outbox, SnapshotStore):
            return
        exists = dict[bytes, bool]()
        for snapshot in self._outbox.load(partition):
            yield snapshot is not None
            if snapshot is not None:
                exists[snapshot.stream_key] = snapshot.payload is not None
        applied = 0
        for command in self._outbox.applied_commands(partition, 0):
            yield command is not None
            applied += command is not None
        streams = sum(exists.values())
        if streams or applied:
            raise Fatal(
                f"partition {partition.index} of {partition.topic}: no position is committed, but "
                f"snapshots of {streams} streams and {applied} operator commands exist: either the "
                "group had no worker for longer than the broker keeps positions "
                "(offsets.retention.minutes), or they belong to another group",
                "run `streamlstm state reset CONFIG` to delete them and start at source.start, or "
                "correct kafka.group and the topics of the outbox",
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
            for snapshot in self._outbox.load(partition):
                if snapshot is not None:
                    key = snapshot.stream_key.decode()
                    streams.add_snapshot(key, snapshot.next_offset, snapshot.payload)
                yield snapshot is not None
