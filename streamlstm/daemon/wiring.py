"""The composition root: from a configuration to a loop that can run."""

import importlib
from collections.abc import Callable
from pathlib import Path

from connectors import (
    FileSource,
    JsonlOutbox,
    Outbox,
    Partition,
    Position,
    SnapshotStore,
    SqliteOutbox,
    StdoutOutbox,
)
from connectors.effects import CrashPoint, no_crash
from connectors.errors import explained
from streamlstm.bank import Detection, Settings
from streamlstm.daemon.bank_learner import BankLearner, Observer
from streamlstm.daemon.cold_store import ColdStore
from streamlstm.daemon.config import Config
from streamlstm.daemon.config_sections import (
    CsvSource,
    JsonLinesOutbox,
    RiverModel,
)
from streamlstm.daemon.config_sections import (
    SqliteOutbox as SqliteOutboxSection,
)
from streamlstm.daemon.control_source import ControlFile
from streamlstm.daemon.findings import Findings
from streamlstm.daemon.learner import Learner
from streamlstm.daemon.loop import Loop
from streamlstm.daemon.marks import Marks
from streamlstm.daemon.partition_controls import PartitionControls
from streamlstm.daemon.record_decoder import RecordDecoder
from streamlstm.daemon.streams import Streams
from streamlstm.daemon.task import PartitionTask
from streamlstm.daemon.telemetry import Telemetry

MIB = 1 << 20
RIVER_STREAM_BYTES = 64 << 10  # what a river detector is taken to weigh, for the memory limit


class RiverModelError(Exception):
    """The configured river class is not there, or does not take the configured parameters."""


class StateMismatchError(Exception):
    """The committed state belongs to models of another shape; it says which keys changed."""


def make_source(config: Config) -> FileSource:
    """Open the files of a configuration."""
    source = config.source
    paths = [source.path] if isinstance(source.path, str) else list(source.path)
    csv = isinstance(source, CsvSource)
    return FileSource(
        paths,
        source.topic,
        "csv" if csv else "jsonl",
        delimiter=source.delimiter.encode() if isinstance(source, CsvSource) else b",",
        line_bytes_max=source.line_bytes_max,
    )


def make_outbox(config: Config, crash_point: CrashPoint = no_crash) -> Outbox:
    """Open the one place effects are committed to."""
    section = config.outbox
    if isinstance(section, SqliteOutboxSection):
        with explained(section.path):
            Path(section.path).parent.mkdir(parents=True, exist_ok=True)
        return SqliteOutbox(section.path, crash_point=crash_point)
    if isinstance(section, JsonLinesOutbox):
        return JsonlOutbox(section.path, crash_point=crash_point)
    return StdoutOutbox(crash_point=crash_point)


def make_learner(config: Config, observer: Observer | None = None) -> Learner:
    """Make the learner of one partition."""
    schema, model, alerts = config.record_schema, config.model, config.alerts
    detection = Detection(
        false_alarm_rate=alerts.false_alarm_rate,
        warm_up=alerts.warm_up,
        quiet=alerts.quiet,
        rest=alerts.rest,
    )
    memory_max_bytes = config.state.memory_max_mib * MIB
    if isinstance(model, RiverModel):
        from streamlstm.daemon.river_learner import RiverLearner  # noqa: PLC0415 - seldom wanted

        module, _, name = model.class_.rpartition(".")
        try:
            kind = getattr(importlib.import_module(module), name)
            kind(**model.parameters)
        except (ImportError, AttributeError, TypeError, ValueError) as error:
            raise RiverModelError(f"model.class {model.class_}: {error}") from error
        return RiverLearner(
            lambda: kind(**model.parameters),
            f"{model.class_}({model.parameters})",
            schema.features,
            schema.target,
            detection,
            model.threshold,
            max(1, memory_max_bytes // RIVER_STREAM_BYTES),
        )
    learner = BankLearner(
        schema.features,
        schema.target,
        clock=schema.time is not None,
        hidden_size=model.hidden_size,
        settings=Settings(
            window=model.window,
            update_every=model.update_every,
            learning_rate=model.learning_rate,
        ),
        detection=detection,
        seed=model.seed,
        memory_max_bytes=memory_max_bytes,
    )
    learner.observer = observer
    return learner


class Restorer:
    """Makes the task of a partition, as it was committed.

    Parameters
    ----------
    config
    outbox
        Holds positions and, unless it is standard output, snapshots.
    telemetry
    observer
        Sees every judged batch.
    """

    def __init__(
        self,
        config: Config,
        outbox: Outbox,
        telemetry: Telemetry,
        observer: Observer | None = None,
    ) -> None:
        self._config = config
        self._outbox = outbox
        self._telemetry = telemetry
        self._observer = observer
        self._cold_stores: list[ColdStore] = []

    def begin(self, partition: Partition) -> tuple[PartitionTask, int]:
        """Return the task of a partition, and the offset from which to read its records.

        Raises
        ------
        StateMismatchError
            If the models were shaped otherwise when the position was committed.
        """
        config = self._config
        learner = make_learner(config, self._observer)
        streams = Streams(learner, self._cold_store(partition), config.state.snapshot_every)
        position = self._outbox.committed(partition)
        controls, next_offset = PartitionControls(partition), 0
        if position is not None:
            marks = self._marks(position, learner)
            next_offset = marks.replay_from
            self._load(partition, streams)
            stamped = self._outbox.stamped_controls(partition, next_offset)
            controls = PartitionControls(partition, marks.controls, marks.controls_read, stamped)
            streams.controls_seen = controls.first_number
        committed = 0 if position is None else position.next_offset
        task = PartitionTask(
            partition,
            decoder=RecordDecoder(config.schema_of_records()),
            streams=streams,
            controls=controls,
            findings=Findings(
                config.app,
                partition.topic,
                partition.index,
                config.record_schema.target,
                learner.threshold,
            ),
            committed=committed,
            model=learner.description(),
            replay_records_max=config.state.replay_records_max,
        )
        self._telemetry.restored(partition, len(streams.next_offset), committed - next_offset)
        return task, next_offset

    @staticmethod
    def _marks(position: Position, learner: Learner) -> Marks:
        marks = Marks.decode(position.metadata)
        changed = marks.changed(learner.description())
        if changed:
            raise StateMismatchError("; ".join(changed))
        return marks

    def _load(self, partition: Partition, streams: Streams) -> None:
        if isinstance(self._outbox, SnapshotStore):
            for snapshot in self._outbox.load(partition):
                assert snapshot.payload is not None
                key = snapshot.stream_key.decode()
                streams.load(key, snapshot.next_offset, snapshot.payload)

    def _cold_store(self, partition: Partition) -> ColdStore:
        folder = self._config.state.path
        name = f"cold-{partition.topic}-{partition.index}.sqlite"
        store = ColdStore(":memory:" if folder is None else Path(folder) / name)
        self._cold_stores.append(store)
        return store

    def close(self) -> None:
        """Let go of the cold stores."""
        for store in self._cold_stores:
            store.close()


def control_topic(config: Config) -> str:
    """Name the journal of control records."""
    return f"{config.source.topic}.controls"


def build(
    config: Config,
    telemetry: Telemetry,
    *,
    observer: Observer | None = None,
    crash_point: CrashPoint = no_crash,
) -> tuple[Loop, Callable[[], None]]:
    """Wire a worker; return its loop, and what closes everything.

    Parameters
    ----------
    config
        What to do.
    telemetry
        Whom to tell.
    observer
        Sees every judged batch of events; for pictures.
    crash_point
        Called after each step of a commit; for tests.
    """
    outbox = make_outbox(config, crash_point)
    try:
        source = make_source(config)
    except BaseException:
        outbox.close()
        raise

    restorer = Restorer(config, outbox, telemetry, observer)

    def close() -> None:
        restorer.close()
        source.close()
        outbox.close()

    controls = None
    if config.controls is not None:
        partition = Partition(control_topic(config), 0)
        position = outbox.committed(partition)
        committed = 0 if position is None else position.next_offset
        path = Path(config.controls.path)
        controls = ControlFile(path, partition.topic, committed)
    loop = Loop(
        source,
        outbox,
        restorer.begin,
        controls=controls,
        telemetry=telemetry,
        records_max=config.batch.records_max,
        poll_timeout_ms=config.batch.poll_timeout_ms,
    )
    return loop, close
