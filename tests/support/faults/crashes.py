"""Faults to order: crashes at a numbered step, sources that fail, disks that are full."""

import os
import resource
import signal
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from connectors import Partition, Rebalance, Record, Retriable, Source
from connectors.effects import CrashPoint, Step


class Crash(BaseException):
    """The process ends here: no ``except Exception`` may catch it."""


def fail_at(step: Step, error: BaseException | None = None, commit: int = 1) -> CrashPoint:
    """Raise, a `Crash` unless told otherwise, when ``step`` of the n-th commit is done."""
    reached = 0

    def crash_point(done: Step) -> None:
        nonlocal reached
        reached += done is step
        if done is step and reached == commit:
            raise error or Crash

    return crash_point


def kill_at(step: Step, commit: int = 1) -> CrashPoint:
    """Kill this process, as ``kill -9`` does, when ``step`` of the n-th commit is done."""
    crash_point = fail_at(step, commit=commit)

    def kill(done: Step) -> None:
        try:
            crash_point(done)
        except Crash:
            os.kill(os.getpid(), signal.SIGKILL)

    return kill


def exit_signal(work: Callable[[], None]) -> int:
    """Run ``work`` in a process of its own; give the signal that ended it, 0 if none did."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)  # whatever happened: the child must not go on running the tests
    return os.WTERMSIG(os.waitpid(child, 0)[1])


class FlakySource:
    """A source whose polls of the given numbers, counted from 1, fail."""

    def __init__(self, source: Source, failing_polls: Collection[int] = ()) -> None:
        self._source = source
        self._failing_polls = failing_polls
        self._polls = 0
        self.capabilities = source.capabilities

    def partitions(self) -> tuple[Partition, ...]:
        return self._source.partitions()

    def rebalances(self) -> list[Rebalance]:
        return self._source.rebalances()

    def poll(self, max_records: int, timeout_ms: int) -> list[Record]:
        self._polls += 1
        if self._polls in self._failing_polls:
            raise Retriable(f"poll {self._polls} fails", "build a new source")
        return self._source.poll(max_records, timeout_ms)

    def seek(self, partition: Partition, next_offset: int) -> None:
        self._source.seek(partition, next_offset)

    def position(self, partition: Partition) -> int:
        return self._source.position(partition)

    def pause(self, partitions: Collection[Partition]) -> None:
        self._source.pause(partitions)

    def resume(self, partitions: Collection[Partition]) -> None:
        self._source.resume(partitions)

    def finished(self, partition: Partition) -> bool:
        return self._source.finished(partition)

    def close(self) -> None:
        self._source.close()


@contextmanager
def full_disk(file_bytes_max: int = 0) -> Iterator[None]:
    """Let no file of this process grow beyond a size; the error is the kernel's own.

    Python ignores the signal that comes with it, so the write fails with EFBIG.
    """
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes_max, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def unprivileged() -> Iterator[None]:
    """Be nobody if we are root, whom no permission stops."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)
