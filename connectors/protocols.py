"""The contracts of sources, outboxes, snapshot stores and relays.

Connectors are not thread-safe: one thread owns a connector. An implementation queues events from
other threads and returns them when it is asked.
"""

from collections.abc import Collection, Iterator
from typing import Protocol, runtime_checkable

import msgspec

from connectors.effects import AppliedCommand, Effects, Position, Snapshot
from connectors.record import Partition, Record


class SourceCapabilities(msgspec.Struct, frozen=True):
    """What a kind of source can do.

    Parameters
    ----------
    seekable : bool
        `Source.seek` reaches every retained offset, so a restart can replay records. A source that
        is not seekable accepts only its current position. After a restart the records since the
        last commit are gone: they were read at most once. Snapshots are taken less often than
        commits, so models would differ too. Such a source is refused with an outbox that is
        exactly once.
    shared : bool
        Several workers share the partitions as one consumer group. The outbox must be shared too,
        because its commit proves that the worker still owns its partitions.
    follows : bool
        The source waits for new records and never finishes.
    record_metadata : bool
        Records may carry a key and a timestamp beside their value.

    Examples
    --------
    >>> SourceCapabilities().seekable, SourceCapabilities().shared
    (True, False)
    """

    seekable: bool = True
    shared: bool = False
    follows: bool = False
    record_metadata: bool = False


class OutboxCapabilities(msgspec.Struct, frozen=True):
    """What a kind of outbox can do.

    Parameters
    ----------
    exactly_once : bool
        A crash never repeats or loses what was committed.
    durable : bool
        Alerts, positions and snapshots can be read after a restart.
    shared : bool
        Several workers commit at the same time, each for the partitions it owns in a consumer
        group.

    Examples
    --------
    >>> OutboxCapabilities(exactly_once=False, durable=False).shared
    False
    """

    exactly_once: bool = True
    durable: bool = True
    shared: bool = False


class Rebalance(msgspec.Struct, frozen=True):
    """Partitions that a rebalance has assigned and revoked.

    Parameters
    ----------
    assigned : tuple of Partition
        New partitions. They are paused until `Source.resume`.
    revoked : tuple of Partition
        Lost partitions, whose state must be dropped. None of their records is pending, since a
        rebalance happens only inside `Source.poll` and every transaction ends before the next
        poll.

    Examples
    --------
    >>> Rebalance(assigned=(Partition("pumps", 0),)).revoked
    ()
    """

    assigned: tuple[Partition, ...] = ()
    revoked: tuple[Partition, ...] = ()


class Source(Protocol):
    """Reads the journal in order.

    The life cycle of a partition is: `rebalances` reports its assignment; `seek` to where its state
    ends; `resume`; `poll`. A source over files assigns all partitions at once and never revokes
    one, so code that handles Kafka also handles files.

    An offset passed to or returned by a source is always the *next* one. ``seek(p, record.offset)``
    reads that record again; ``seek(p, record.next_offset)`` continues after it.

    Methods that take a partition raise ``KeyError`` if it is not assigned, which is an error of the
    caller. Any method may raise `Retriable` or `Fatal`.
    """

    @property
    def capabilities(self) -> SourceCapabilities:
        """Capabilities of this source, the same for all sources of its kind."""
        ...

    def partitions(self) -> tuple[Partition, ...]:
        """Return every partition of the journal, sorted, including those of other workers."""
        ...

    def rebalances(self) -> list[Rebalance]:
        """Return the partitions assigned and revoked since the last call, oldest first.

        Call it after every poll, before the records are used: `position` raises an error for a
        revoked partition, and the records do not include any of a revoked partition.
        """
        ...

    def poll(self, max_records: int, timeout_ms: int) -> list[Record]:
        """Return the next records.

        Parameters
        ----------
        max_records : int
            Maximum number of records, at least 1. A source may also have its own limit of bytes.
        timeout_ms : int
            Approximate maximum time to wait for the first record. The list may be empty before
            that time, so an empty list does not mean the end; see `finished`.

        Returns
        -------
        list of Record
            In offset order within each partition, mixed between partitions. Offsets increase but
            may have gaps. No record is returned twice without a `seek`, and none of a paused
            partition.

        Raises
        ------
        Fatal
            If the journal is damaged, or the position is no longer retained. Earlier calls have
            returned every readable record before it.
        """
        ...

    def start(self, partition: Partition, wanted: int | None) -> int:
        """Return the offset where reading can begin.

        Parameters
        ----------
        partition : Partition
        wanted : int or None
            The offset that is needed; None if nothing was ever committed.

        Returns
        -------
        int
            ``wanted``, unless it is no longer retained and the configuration states where to
            continue. For None, the configured start of a new application.

        Raises
        ------
        Fatal
            If ``wanted`` is not retained and the configuration does not say where to continue.
        """
        ...

    def seek(self, partition: Partition, next_offset: int) -> None:
        """Continue at ``next_offset``, or at the first record after it if there is a gap.

        If it is outside the range of the journal, `Fatal` may be raised only by the next poll.
        """
        ...

    def position(self, partition: Partition) -> int:
        """Return the offset that is read next, at least `next_offset` of the last record.

        It may be larger because it skips gaps. Therefore wait for a position, not for a record.
        """
        ...

    def pause(self, partitions: Collection[Partition]) -> None:
        """Return no records of these partitions until `resume`; idempotent."""
        ...

    def resume(self, partitions: Collection[Partition]) -> None:
        """Return records of these partitions again."""
        ...

    def finished(self, partition: Partition) -> bool:
        """Return whether all records were returned; a file has an end, a topic has none.

        It may become true only at the empty poll after the last record; `seek` makes it false.
        """
        ...

    def close(self) -> None:
        """Close without committing; a second call does nothing."""
        ...


class Outbox(Protocol):
    """Commits the effects of a micro-batch atomically.

    Every outbox takes ``crash_point``, a callable that it calls after each `Step`.

    There is at most one writer. If a second outbox is opened on the same storage, either it is
    refused with `Fatal`, or the next commit of the first one is. The latter may be `Retriable` if
    the first outbox cannot distinguish fencing from a timeout. A fenced outbox never writes.
    """

    @property
    def exactly_once(self) -> bool:
        """False if output may be repeated after a crash; the operator must be informed."""
        ...

    def committed(self, partition: Partition) -> Position | None:
        """Return the last committed position, None if there is none.

        Raises
        ------
        Retriable
            While a pending transaction of another writer includes it. This method, unlike others,
            may then be called again on the same outbox.
        """
        ...

    def commit(self, effects: Effects) -> None:
        """Commit the effects in this order (`Step`); they are visible only after the last step.

        1. alerts
        2. dead letters
        3. snapshots
        4. applied commands
        5. positions, with their metadata
        6. commit: all effects become visible at once

        After any exception the outcome is unknown and this outbox refuses further commits with
        `Fatal`. Close it, open a new one, and continue from its `committed` position.
        """
        ...

    def applied_commands(
        self, partition: Partition, from_offset: int
    ) -> Iterator[AppliedCommand | None]:
        """Yield the commands that took effect at ``from_offset`` or later, in commit order.

        None means that nothing has arrived for a while, so that the caller can do other work. One
        iteration must end before the next begins.
        """
        ...

    def close(self) -> None:
        """Close without committing; a second call does nothing."""
        ...


@runtime_checkable
class SnapshotStore(Protocol):
    """The last committed snapshot of each stream."""

    def load(self, partition: Partition) -> Iterator[Snapshot | None]:
        """Yield the snapshots; the last one of a stream is current, even if it is a tombstone.

        None means that nothing has arrived for a while, so that the caller can do other work. One
        iteration must end before the next begins.

        Streams differ in ``next_offset``. Read the journal from the offset in the committed
        metadata, and pass to a stream only the records from its own ``next_offset`` on.
        """
        ...


class Relay(Protocol):
    """Reads the committed alerts, with a separate position that survives a restart.

    Delivery is at least once: alerts that were polled and not committed are returned again. The key
    of a record is the alert id, which is the idempotency key for the receiver; its value is the
    alert.
    """

    def poll(self, max_records: int, timeout_ms: int) -> list[Record]:
        """Return the next committed alerts, oldest first; wait at most about ``timeout_ms``."""
        ...

    def commit(self) -> None:
        """Commit the position: all alerts polled so far have been delivered."""
        ...

    def close(self) -> None:
        """Close without committing."""
        ...
