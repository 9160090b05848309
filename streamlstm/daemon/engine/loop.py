"""Poll, process, commit, until the journal ends or someone asks to stop."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby

from connectors import DeadLetter, Effects, Outbox, Partition, Source
from streamlstm.daemon.commands.queue import Queued
from streamlstm.daemon.commands.source import CommandSource
from streamlstm.daemon.engine.task import PartitionTask
from streamlstm.daemon.telemetry.counts import Counts
from streamlstm.daemon.telemetry.events import Telemetry

RESTORE_S = 0.1  # of each round, while others are served
RESTORING_POLL_MS = 20  # in which a partition that has just come back gets its first records
SNAPSHOTS_MAX = 256  # of one commit at a clean end


class Loop:
    """The life of a worker.

    One round is one transaction:

    1. poll the records, and the operator commands
    2. fold them, partition by partition
    3. commit what they leave behind (numbered on in :class:`connectors.protocols.Outbox`)
    4. restore a little of a partition that is new here

    Parameters
    ----------
    source, outbox
        Where records come from and effects go to.
    restore
        Restores a partition that was assigned, step by step; the last one is its task.
    commands
        Where operator commands come from, if from anywhere.
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
        restore: Callable[[Partition], Iterator[bool | PartitionTask]],
        *,
        commands: CommandSource | None,
        telemetry: Telemetry,
        records_max: int,
        poll_timeout_ms: int,
    ) -> None:
        self._source = source
        self._outbox = outbox
        self._restore = restore
        self._commands = commands
        self._telemetry = telemetry
        self._records_max = records_max
        self._poll_timeout_ms = poll_timeout_ms
        self._stop = threading.Event()
        self._restoring: dict[Partition, Iterator[bool | PartitionTask]] = {}
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
        try:
            self._rebalance()
            while not self._stop.is_set() and not self._ended():
                self._restore_some()
                self._round()
            more = True
            while more:
                effects = Effects()
                more = any([task.save(SNAPSHOTS_MAX, effects) for task in self.tasks.values()])
                self._commit(effects)
            self._telemetry.ended(self.counts, stopped=self._stop.is_set())
        finally:
            for partition in (*self.tasks, *self._restoring):
                self._drop(partition)

    def _ended(self) -> bool:
        finished = [self._source.finished(partition) for partition in self.tasks]
        return bool(finished) and all(finished) and not self._restoring

    def _rebalance(self) -> None:
        for rebalance in self._source.rebalances():
            self._telemetry.rebalanced(rebalance.assigned, rebalance.revoked)
            for partition in rebalance.revoked:
                self._drop(partition)
            for partition in rebalance.assigned:
                self._restoring[partition] = self._restore(partition)

    def _drop(self, partition: Partition) -> None:
        if partition in self.tasks:
            self.tasks.pop(partition).close()
        self._restoring.pop(partition, None)  # what it holds goes with it

    def _restore_some(self) -> None:
        """Restore for a while; one partition at a time, in the order of their assignment."""
        until = time.monotonic() + RESTORE_S
        while self._restoring and time.monotonic() < until:
            partition = next(iter(self._restoring))
            found = next(self._restoring[partition])
            if found is False:
                return
            if isinstance(found, PartitionTask):
                del self._restoring[partition]
                self.tasks[partition] = found
                self._source.seek(partition, found.begins)
                self._source.resume([partition])
                if self._commands:
                    self._commands.rewind(found.commands.read)

    def _round(self) -> None:
        effects = Effects()
        timeout_ms = self._poll_timeout_ms
        if self._restoring:
            timeout_ms = min(RESTORING_POLL_MS, timeout_ms)
        records = self._source.poll(self._records_max, timeout_ms)
        self._rebalance()
        for place, command in self._commands.poll() if self._commands else ():
            for task in self.tasks.values():
                if _concerns(command, task.partition):
                    task.commands.add(place, command)
        for partition, group in groupby(records, key=lambda record: record.partition):
            self.tasks[partition].process(list(group), effects)
        for partition, task in self.tasks.items():
            position = self._source.position(partition)
            task.idle(position, effects)
            if task.committed > task.begins:
                self._tell_of_replay(task, position)
        self._commit(effects)
        self._telemetry.progress(self.counts)

    def _tell_of_replay(self, task: PartitionTask, position: int) -> None:
        left = max(0, task.committed - position)
        self._telemetry.replaying(task.partition, min(position, task.committed) - task.begins, left)
        if left == 0:
            task.begins = task.committed

    def _commit(self, effects: Effects) -> None:
        if effects != Effects():
            self._outbox.commit(effects)
            self._telemetry.committed(effects)


def _concerns(command: Queued, partition: Partition) -> bool:
    """Say whether an operator command goes to a partition; what is none goes to the first."""
    if isinstance(command, DeadLetter):
        return partition.index == 0
    return command.partition in {None, partition.index}
