"""What the daemon tells of itself: a closed list of events, for people or for machines."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from connectors import Effects, Partition
from streamlstm.daemon.telemetry.counts import Counts


class Telemetry(Protocol):
    """Hears what happens; never changes it."""

    def started(self, app: str, details: Mapping[str, Any]) -> None:
        """Hear that the worker has begun."""
        ...

    def restored(self, partition: Partition, streams: int, replay: int) -> None:
        """Hear that a partition was taken over, and how many records it replays."""
        ...

    def rebalanced(self, assigned: Sequence[Partition], revoked: Sequence[Partition]) -> None:
        """Hear which partitions came and went."""
        ...

    def lost(self, partition: Partition, wanted: int, begins: int) -> None:
        """Hear that records between two offsets are lost: the journal no longer holds them."""
        ...

    def replaying(self, partition: Partition, done: int, left: int) -> None:
        """Hear how many records a partition has learnt again, and how many are left."""
        ...

    def waiting(self, message: str) -> None:
        """Hear what keeps the worker from going on; told again and again while it does."""
        ...

    def progress(self, counts: Mapping[Partition, Counts]) -> None:
        """Hear after each round what became of the records so far."""
        ...

    def committed(self, effects: Effects) -> None:
        """Hear what a round left behind."""
        ...

    def ended(self, counts: Mapping[Partition, Counts], *, stopped: bool) -> None:
        """Hear that the worker has ended cleanly."""
        ...


def total(counts: Mapping[Partition, Counts]) -> Counts:
    """Sum what became of the records of all partitions.

    Examples
    --------
    >>> total({Partition("a", 0): Counts(records=2), Partition("a", 1): Counts(records=3)}).records
    5
    """
    names = Counts.__dataclass_fields__
    return Counts(**{n: sum(getattr(c, n) for c in counts.values()) for n in names})


class NullTelemetry:
    """Tells nothing."""

    def started(self, app: str, details: Mapping[str, Any]) -> None:
        """Say nothing."""

    def restored(self, partition: Partition, streams: int, replay: int) -> None:
        """Say nothing."""

    def rebalanced(self, assigned: Sequence[Partition], revoked: Sequence[Partition]) -> None:
        """Say nothing."""

    def lost(self, partition: Partition, wanted: int, begins: int) -> None:
        """Say nothing."""

    def replaying(self, partition: Partition, done: int, left: int) -> None:
        """Say nothing."""

    def waiting(self, message: str) -> None:
        """Say nothing."""

    def progress(self, counts: Mapping[Partition, Counts]) -> None:
        """Say nothing."""

    def committed(self, effects: Effects) -> None:
        """Say nothing."""

    def ended(self, counts: Mapping[Partition, Counts], *, stopped: bool) -> None:
        """Say nothing."""
