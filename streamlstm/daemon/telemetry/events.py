"""Telemetry port: the events that a worker reports. They never affect its results."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from connectors import Effects, Partition
from streamlstm.daemon.telemetry.counts import Counts


class Telemetry(Protocol):
    """Receives the events of a worker. Implementations must not affect the worker."""

    def started(self, app: str, details: Mapping[str, Any]) -> None:
        """Report that the worker started. ``details`` has source, outbox and config."""
        ...

    def restored(self, partition: Partition, streams: int, replay: int) -> None:
        """Report that snapshots of a partition are loaded, and how many records to replay."""
        ...

    def rebalanced(self, assigned: Sequence[Partition], revoked: Sequence[Partition]) -> None:
        """Report which partitions were assigned and revoked."""
        ...

    def lost(self, partition: Partition, wanted: int, begins: int) -> None:
        """Report that the records from ``wanted`` to ``begins`` are no longer retained."""
        ...

    def replaying(self, partition: Partition, done: int, left: int) -> None:
        """Report how many records of a partition are replayed, and how many remain."""
        ...

    def waiting(self, message: str) -> None:
        """Report why the worker cannot continue. It is called in every round until it can."""
        ...

    def progress(self, counts: Mapping[Partition, Counts]) -> None:
        """Report the counts so far, after each round."""
        ...

    def committed(self, effects: Effects) -> None:
        """Report the effects of a commit."""
        ...

    def ended(self, counts: Mapping[Partition, Counts], *, stopped: bool) -> None:
        """Report that the worker ended cleanly, at its end or because it was stopped."""
        ...


def total(counts: Mapping[Partition, Counts]) -> Counts:
    """Sum the counts of all partitions.

    Examples
    --------
    >>> total({Partition("a", 0): Counts(records=2), Partition("a", 1): Counts(records=3)}).records
    5
    """
    names = Counts.__dataclass_fields__
    return Counts(**{n: sum(getattr(c, n) for c in counts.values()) for n in names})


class NullTelemetry:
    """Telemetry that discards every event."""

    def started(self, app: str, details: Mapping[str, Any]) -> None:
        """Do nothing."""

    def restored(self, partition: Partition, streams: int, replay: int) -> None:
        """Do nothing."""

    def rebalanced(self, assigned: Sequence[Partition], revoked: Sequence[Partition]) -> None:
        """Do nothing."""

    def lost(self, partition: Partition, wanted: int, begins: int) -> None:
        """Do nothing."""

    def replaying(self, partition: Partition, done: int, left: int) -> None:
        """Do nothing."""

    def waiting(self, message: str) -> None:
        """Do nothing."""

    def progress(self, counts: Mapping[Partition, Counts]) -> None:
        """Do nothing."""

    def committed(self, effects: Effects) -> None:
        """Do nothing."""

    def ended(self, counts: Mapping[Partition, Counts], *, stopped: bool) -> None:
        """Do nothing."""
