"""What goes out: everything one micro-batch wants to leave behind, as plain data."""

from collections.abc import Callable
from enum import IntEnum

import msgspec

from connectors.record import Partition, Record


class Alert(msgspec.Struct, frozen=True):
    """One message for people.

    Parameters
    ----------
    partition : Partition
        Where in the journal it arose. An outbox keeps one partition's alerts in order, so that an
        alert never closes before it opens.
    key : bytes
        Alert id: the idempotency key of every relay. UTF-8.
    value : bytes
        One JSON object on one line, UTF-8, whose member ``id`` is the key.

    Examples
    --------
    >>> Alert(Partition("pumps", 0), b"app/pumps/0/41/score", b'{"id":"app/pumps/0/41/score"}').key
    b'app/pumps/0/41/score'
    """

    partition: Partition
    key: bytes
    value: bytes


class DeadLetter(msgspec.Struct, frozen=True):
    """A record that could not be decoded, kept unchanged.

    Parameters
    ----------
    record : Record
        The record itself: the original bytes, and where they stood.
    code : str
        One of a closed set.
    reason : str
        A sentence for people.

    Examples
    --------
    >>> DeadLetter(Record(Partition("pumps", 0), 7, value=b"{"), "not_json", "ends early").code
    'not_json'
    """

    record: Record
    code: str
    reason: str


class Snapshot(msgspec.Struct, frozen=True):
    """One stream's state, a shortcut for reading its journal again.

    Parameters
    ----------
    partition : Partition
        The partition whose journal the stream lives in.
    stream_key : bytes
        Which stream of it.
    next_offset : int
        The state holds every record of the stream below it and none from it on.
    payload : bytes or None
        The state; None is a tombstone, and the stream is forgotten.

    Examples
    --------
    >>> Snapshot(Partition("pumps", 0), b"pump-3", next_offset=42, payload=b"...").next_offset
    42
    """

    partition: Partition
    stream_key: bytes
    next_offset: int
    payload: bytes | None


class AppliedCommand(msgspec.Struct, frozen=True):
    """A operator command with the place in the journal at which it took effect.

    Parameters
    ----------
    partition : Partition
        The partition it acts on.
    effective_offset : int
        It acts after every record below this offset and before every record from it on.
    payload : bytes
        The operator command, as it came.

    Examples
    --------
    >>> AppliedCommand(Partition("pumps", 0), 42, b'{"verb":"mute"}').effective_offset
    42
    """

    partition: Partition
    effective_offset: int
    payload: bytes


class Position(msgspec.Struct, frozen=True):
    """How far a partition has been consumed, for good.

    Parameters
    ----------
    next_offset : int
        Offset to read next: one more than that of the last record whose effects are committed.
    metadata : str
        Kept beside it and given back unread: the lowest offset that replay needs. At most 4096
        bytes of UTF-8, the limit of Kafka's brokers.

    Examples
    --------
    >>> Position(42, metadata="17")
    Position(next_offset=42, metadata='17')
    """

    next_offset: int
    metadata: str = ""


class Effects(msgspec.Struct):
    """Everything one micro-batch leaves behind; `Outbox.commit` makes all of it real, or none.

    It is plain data and not a half-open transaction, so a batch that fails while it is being made
    leaves nothing to undo, and an outbox needs one verb instead of eight. Lists are committed in
    their order.

    Parameters
    ----------
    alerts : list of Alert
        New alerts.
    dead_letters : list of DeadLetter
        Records given up on; their offsets advance all the same.
    snapshots : list of Snapshot
        Due snapshots and tombstones; the last one of a stream counts.
    commands : list of AppliedCommand
        Operator commands that took effect in this batch.
    positions : dict of Partition to Position
        New positions. A partition that is not named keeps its own.

    Examples
    --------
    >>> effects = Effects()
    >>> effects.positions[Partition("pumps", 0)] = Position(42)
    """

    alerts: list[Alert] = []
    dead_letters: list[DeadLetter] = []
    snapshots: list[Snapshot] = []
    commands: list[AppliedCommand] = []
    positions: dict[Partition, Position] = {}


class Step(IntEnum):
    """The numbered steps of a commit, the same in every outbox.

    Up to and including `POSITIONS` nothing can be seen from outside; `COMMIT` shows it all at once.
    """

    ALERTS = 1
    DEAD_LETTERS = 2
    SNAPSHOTS = 3
    COMMANDS = 4
    POSITIONS = 5
    COMMIT = 6


CrashPoint = Callable[[Step], None]
"""Called after each step of a commit; a test kills the process in it."""


def no_crash(step: Step) -> None:
    """Go on: the crash point of every outbox outside tests."""
