"""The rounds of a worker: poll, process, commit."""

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

RESTORE_S = 0.1  # time for restoring partitions in each round
RESTORING_POLL_MS = 20  # poll timeout while partitions are being restored
SNAPSHOTS_MAX = 256  # snapshots in one commit at shutdown


class Loop:
    """Runs rounds until every partition has ended or :meth:`stop` is called.

    One round is one transaction:

    1. restore assigned partitions, for a limited time
    2. poll records and operator commands
    3. process them, partition by partition (:meth:`PartitionTask.process` numbers the steps)
    4. commit the effects (:class:`connectors.effects.Step` numbers the steps)

    Parameters
    ----------
    source, outbox
        Records are read from the source; effects are committed to the outbox.
    restore
        Restores an assigned partition, step by step; the last item it yields is the task.
    commands
        Source of operator commands, if any.
    telemetry
        Is notified of rebalances, progress and commits.
    records_max
        Maximum number of records in a round.
    poll_timeout_ms
        Maximum time to wait for the first record of a round.
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
        """End after the current round; safe to call from a signal handler."""
        self._stop.set()

    @property
    def counts(self) -> Mapping[Partition, Counts]:
        """Number of records by outcome, for each partition."""
        return {partition: task.counts for partition, task in self.tasks.items()}

    def run(self) -> None:
        """Run rounds until every partition has ended or :meth:`stop` is called, then save."""
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
        self._restoring.pop(partition, None)

    def _restore_some(self) -> None:
        """Restore for a limited time, one partition after the other in the order of assignment."""
        until = time.monotonic() + RESTORE_S
        while self._restoring and time.monotonic() < until:
            partition = next(iter(self._restoring))
            progress = next(self._restoring[partition])
            if progress is False:
                return
            if isinstance(progress, PartitionTask):
                task = progress
                del self._restoring[partition]
                self.tasks[partition] = task
                self._source.seek(partition, task.begins)
                self._source.resume([partition])
                if self._commands:
                    self._commands.rewind(task.commands.read)

    def _round(self) -> None:
        effects = Effects()
        timeout_ms = self._poll_timeout_ms
        if self._restoring:
            timeout_ms = min(RESTORING_POLL_MS, timeout_ms)
        records = self._source.poll(self._records_max, timeout_ms)
        self._rebalance()
        for place, command in self._commands.poll() if self._commands else ():
            for task in self.tasks.values():
                if _is_for(command, task.partition):
                    task.commands.add(place, command)
        for partition, group in groupby(records, key=lambda record: record.partition):
            self.tasks[partition].process(list(group), effects)
        for partition, task in self.tasks.items():
            position = self._source.position(partition)
            task.idle(position, effects)
            if task.committed > task.begins:
                self._report_replay(task, position)
        self._commit(effects)
        self._telemetry.progress(self.counts)

    def _report_replay(self, task: PartitionTask, position: int) -> None:
        remaining = max(0, task.committed - position)
        replayed = min(position, task.committed) - task.begins
        self._telemetry.replaying(task.partition, replayed, remaining)
        if remaining == 0:
            task.begins = task.committed

    def _commit(self, effects: Effects) -> None:
        if effects != Effects():
            self._outbox.commit(effects)
            self._telemetry.committed(effects)


def _is_for(command: Queued, partition: Partition) -> bool:
    """Return whether a partition takes a command; partition 0 takes an invalid one."""
    if isinstance(command, DeadLetter):
        return partition.index == 0
    return command.partition in {None, partition.index}
