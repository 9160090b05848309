"""Poll, process, commit, until the journal ends or someone asks to stop."""

import threading
from collections.abc import Callable, Mapping
from itertools import groupby

from connectors import Effects, Outbox, Partition, Source
from streamlstm.daemon.control_source import ControlFile
from streamlstm.daemon.task import Counts, PartitionTask
from streamlstm.daemon.telemetry import Telemetry


class Loop:
    """The life of a worker.

    One round is one transaction:

    1. poll the records, and the control records
    2. fold them, partition by partition
    3. commit what they leave behind (numbered on in :class:`connectors.protocols.Outbox`)

    Parameters
    ----------
    source, outbox
        Where records come from and effects go to.
    begin
        Makes the task of a partition that was assigned, restored to where it was committed, and
        says from which offset to read.
    controls
        Where control records come from, if from anywhere.
    telemetry
        What is told of it all.
    records_max
        Most records a round.
    poll_timeout_ms
        How long a round waits for its first record.
    """

    def __init__(
        self,
        source: Source,
        outbox: Outbox,
        begin: Callable[[Partition], tuple[PartitionTask, int]],
        *,
        controls: ControlFile | None,
        telemetry: Telemetry,
        records_max: int,
        poll_timeout_ms: int,
    ) -> None:
        self._source = source
        self._outbox = outbox
        self._begin = begin
        self._controls = controls
        self._telemetry = telemetry
        self._records_max = records_max
        self._poll_timeout_ms = poll_timeout_ms
        self._stop = threading.Event()
        self.tasks: dict[Partition, PartitionTask] = {}

    def stop(self) -> None:
        """Ask to end after the current round; safe from a signal handler."""
        self._stop.set()

    @property
    def counts(self) -> Mapping[Partition, Counts]:
        """What became of the records of each partition."""
        return {partition: task.counts for partition, task in self.tasks.items()}

    def run(self) -> None:
        """Go on until every partition has ended, or :meth:`stop` was called; end cleanly."""
        self._rebalance()
        while not self._stop.is_set():
            self._round()
            if all(self._source.finished(partition) for partition in self.tasks):
                break
        effects = Effects()
        for task in self.tasks.values():
            task.save_all(effects)
        self._commit(effects)
        self._telemetry.ended(self.counts, stopped=self._stop.is_set())

    def _rebalance(self) -> None:
        for rebalance in self._source.rebalances():
            for partition in rebalance.revoked:
                self.tasks.pop(partition, None)
            for partition in rebalance.assigned:
                task, next_offset = self._begin(partition)
                self.tasks[partition] = task
                self._source.seek(partition, next_offset)
                self._source.resume([partition])

    def _round(self) -> None:
        effects = Effects()
        records = self._source.poll(self._records_max, self._poll_timeout_ms)
        self._rebalance()
        for place, control in self._controls.poll(effects) if self._controls else ():
            for task in self.tasks.values():
                if control.partition in {None, task.partition.index}:
                    task.controls.add(place, control)
        for partition, group in groupby(records, key=lambda record: record.partition):
            self.tasks[partition].process(list(group), effects)
        for partition, task in self.tasks.items():
            task.idle(self._source.position(partition), effects)
        self._commit(effects)
        self._telemetry.progress(self.counts)

    def _commit(self, effects: Effects) -> None:
        if effects != Effects():
            self._outbox.commit(effects)
            self._telemetry.committed(effects)
