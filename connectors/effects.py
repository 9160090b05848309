"""The effects of a micro-batch, as plain data: what an outbox commits."""

from collections.abc import Callable
from enum import IntEnum

import msgspec

from connectors.record import Partition, Record


class Alert(msgspec.Struct, frozen=True):
    """One alert.

    Parameters
    ----------
    partition : Partition
        Partition of the journal that caused it. An outbox keeps the alerts of a partition in order,
        so that an alert opens before it closes.
    key : bytes
        Alert id in UTF-8, the idempotency key of every relay.
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
    """A record that could not be decoded, with its original bytes.

    Parameters
    ----------
    record : Record
        The record: the original bytes and their place in the journal.
    code : str
        Error code, one of a closed set.
    reason : str
        Description of the error.

    Examples
    --------
    >>> DeadLetter(Record(Partition("pumps", 0), 7, value=b"{"), "not_json", "ends early").code
    'not_json'
    """

    record: Record
    code: str
    reason: str


class Snapshot(msgspec.Struct, frozen=True):
    """The state of one stream at an offset, which saves replaying its journal.

    Parameters
    ----------
    partition : Partition
        The partition that contains the stream's records.
    stream_key : bytes
        Key of the stream.
    next_offset : int
        The state includes every record of the stream below this offset and none from it on.
    payload : bytes or None
        The state; None is a tombstone, which deletes the stream.

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
    """An operator command with the offset at which it took effect.

    Parameters
    ----------
    partition : Partition
        The partition it acts on.
    effective_offset : int
        It acts after every record below this offset and before every record from it on.
    payload : bytes
        The operator command, unchanged.

    Examples
    --------
    >>> AppliedCommand(Partition("pumps", 0), 42, b'{"verb":"mute"}').effective_offset
    42
    """

    partition: Partition
    effective_offset: int
    payload: bytes


class Position(msgspec.Struct, frozen=True):
    """The committed position of a partition.

    Parameters
    ----------
    next_offset : int
        Offset to read next: one more than that of the last record whose effects are committed.
    metadata : str
        Opaque text that is stored with the offset: the lowest offset that replay needs. At most
        4096 bytes of UTF-8, the limit of Kafka's brokers.

    Examples
    --------
    >>> Position(42, metadata="17")
    Position(next_offset=42, metadata='17')
    """

    next_offset: int
    metadata: str = ""


class Effects(msgspec.Struct):
    """All effects of one micro-batch, which `Outbox.commit` commits atomically.

    The effects are plain data and not an open transaction. If processing of a batch fails, there is
    therefore nothing to roll back, and an outbox needs a single method. Lists are committed in
    order.

    Parameters
    ----------
    alerts : list of Alert
        New alerts.
    dead_letters : list of DeadLetter
        Records that could not be decoded; their offsets are committed like those of others.
    snapshots : list of Snapshot
        Due snapshots and tombstones; the last one of a stream is current.
    commands : list of AppliedCommand
        Operator commands that took effect in this batch.
    positions : dict of Partition to Position
        New positions. Other partitions keep their positions.

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

    Nothing is visible up to and including `POSITIONS`; `COMMIT` makes all effects visible at once.
    """

    ALERTS = 1
    DEAD_LETTERS = 2
    SNAPSHOTS = 3
    COMMANDS = 4
    POSITIONS = 5
    COMMIT = 6


CrashPoint = Callable[[Step], None]
"""Called after each step of a commit; tests use it to kill the process."""


def no_crash(step: Step) -> None:
    """Do nothing: the default crash point of an outbox."""
