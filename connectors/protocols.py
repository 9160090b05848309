"""The contracts of sources, outboxes, snapshot stores and relays; one suite of tests for each.

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
    """Partitions that came and went, as data.

    Parameters
    ----------
    assigned : tuple of Partition
        New here. They are paused until `Source.resume`.
    revoked : tuple of Partition
        Gone: drop their state. Nothing of them is pending, since a rebalance happens only inside
        `Source.poll` and every transaction ends before the next poll.

    Examples
    --------
    >>> Rebalance(assigned=(Partition("pumps", 0),)).revoked
    ()
    """

    assigned: tuple[Partition, ...] = ()
    revoked: tuple[Partition, ...] = ()


class Source(Protocol):
    """The journal, read in order.

    The life of a partition: `rebalances` says that it is assigned; `seek` it to where its state
    ends; `resume` it; `poll`. A source over files assigns all partitions at once and never
    revokes one, so whoever handles Kafka handles files.

    An offset given to or taken from a source is always the *next* one. ``seek(p, record.offset)``
    reads that record again; ``seek(p, record.next_offset)`` reads on.

    Methods that take a partition raise ``KeyError`` if it is not assigned, which is a mistake of
    the caller. `Retriable` and `Fatal` may come from any method.
    """

    @property
    def capabilities(self) -> SourceCapabilities:
        """What this source can do; the same for all sources of its kind."""
        ...

    def partitions(self) -> tuple[Partition, ...]:
        """Give every partition of the journal, also those that other workers own, sorted."""
        ...

    def rebalances(self) -> list[Rebalance]:
        """Hand over what was assigned and revoked since the last call, oldest first.

        Ask after every poll, and before using the records it gave: they may include none of a
        revoked partition, and `position` of a revoked one raises.
        """
        ...

    def poll(self, max_records: int, timeout_ms: int) -> list[Record]:
        """Read on.

        Parameters
        ----------
        max_records : int
            At most so many, from 1. A source may also stop at a limit of bytes of its own.
        timeout_ms : int
            Wait at most about so long for the first record. The answer may come earlier with
            nothing, so an empty list does not mean the end; `finished` does.

        Returns
        -------
        list of Record
            In offset order within each partition, mixed between partitions. Offsets rise but may
            leave gaps. No record is given twice without a `seek`, and none of a paused partition.

        Raises
        ------
        Fatal
            Where the journal is damaged, or the position is no longer retained. Every readable
            record before it has been given by earlier calls.
        """
        ...

    def start(self, partition: Partition, wanted: int | None) -> int:
        """Say where reading can begin.

        Parameters
        ----------
        partition : Partition
        wanted : int or None
            The offset that is needed; None where nothing was ever committed.

        Returns
        -------
        int
            ``wanted``, unless it is no longer retained and the operator has said where to go on
            then; for None, where he has said that a new application begins.

        Raises
        ------
        Fatal
            If ``wanted`` is not retained and the configuration does not say where to continue.
        """
        ...

    def seek(self, partition: Partition, next_offset: int) -> None:
        """Read on from ``next_offset``, or from the first record after it if there is a gap.

        That it lies outside what the journal holds may show only in the next poll, as `Fatal`.
        """
        ...

    def position(self, partition: Partition) -> int:
        """Say which offset is read next: at least the `next_offset` of the last record given.

        It may be more, for it passes gaps; so wait for a position, never for a record.
        """
        ...

    def pause(self, partitions: Collection[Partition]) -> None:
        """Give no records of these until `resume`; pausing twice is pausing once."""
        ...

    def resume(self, partitions: Collection[Partition]) -> None:
        """Give records of these again."""
        ...

    def finished(self, partition: Partition) -> bool:
        """Say whether all there will ever be was given: a file ends, a topic never does.

        It may become true only at the empty poll after the last record; `seek` makes it false.
        """
        ...

    def close(self) -> None:
        """Close without committing; a second call does nothing."""
        ...


class Outbox(Protocol):
    """The one place where a micro-batch becomes real, all of it or nothing.

    Every outbox takes ``crash_point``, a callable that it calls after each `Step`.

    At most one writer: when a second outbox is opened on the same place, either it is refused with
    `Fatal` or the first one's next commit is, with `Fatal`, or with `Retriable` where it cannot
    know that it was not merely slow. A zombie never writes.
    """

    @property
    def exactly_once(self) -> bool:
        """False if a crash may repeat what was already put out; say so to the operator."""
        ...

    def committed(self, partition: Partition) -> Position | None:
        """Read the last committed position, None if there never was one.

        Raises
        ------
        Retriable
            While another writer's transaction that holds it is pending. Only here it means: ask
            this same outbox again, soon.
        """
        ...

    def commit(self, effects: Effects) -> None:
        """Make it all real, in this order (`Step`): nothing shows before the last.

        1. alerts
        2. dead letters
        3. snapshots
        4. applied commands
        5. positions, with their metadata
        6. commit: all of it shows, at once and for good

        After any exception the outcome is unknown and this outbox refuses further commits with
        `Fatal`: close it, open a new one, and trust what `committed` says there.
        """
        ...

    def applied_commands(
        self, partition: Partition, from_offset: int
    ) -> Iterator[AppliedCommand | None]:
        """Read back what took effect at ``from_offset`` or later, in the order of commits.

        None says that nothing has come yet: a chance to look after other work. One reading must
        end before the next begins.
        """
        ...

    def close(self) -> None:
        """Close without committing; a second call does nothing."""
        ...


@runtime_checkable
class SnapshotStore(Protocol):
    """The last committed snapshot of each stream."""

    def load(self, partition: Partition) -> Iterator[Snapshot | None]:
        """Read the snapshots; of several of a stream the last one counts, also if a tombstone.

        None says that nothing has come yet: a chance to look after other work. One reading must
        end before the next begins.

        Their ``next_offset`` differ from stream to stream: read the journal from the committed
        metadata on, and give a stream only the records from its own ``next_offset``.
        """
        ...


class Relay(Protocol):
    """A reader of the committed alerts with a position of its own, which survives a restart.

    At least once: what was polled and not committed comes again. A record's key is the alert id,
    which the receiver takes as idempotency key; its value is the alert.
    """

    def poll(self, max_records: int, timeout_ms: int) -> list[Record]:
        """Read the next committed alerts, oldest first; wait at most about ``timeout_ms``."""
        ...

    def commit(self) -> None:
        """Say that all alerts polled so far have been delivered."""
        ...

    def close(self) -> None:
        """Close without committing."""
        ...
