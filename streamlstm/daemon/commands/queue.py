"""Operator commands of one partition: numbered as they take effect, replayed where they did."""

from collections import deque
from collections.abc import Iterable, Iterator

import msgspec

from connectors import AppliedCommand, DeadLetter, Partition
from streamlstm.stages import Command, command_bytes, parse_command

Queued = Command | DeadLetter
"""A operator command, or one that nobody can understand: it takes effect as a dead letter."""


class Numbered(msgspec.Struct, frozen=True):
    """A operator command with its number in the partition, as it is stamped.

    The number settles what an offset alone cannot: whether a snapshot taken at the very offset
    at which a control takes effect holds it already.
    """

    number: int
    command: msgspec.Raw = msgspec.field(name="control")


class Due(msgspec.Struct, frozen=True):
    """A operator command that takes effect now.

    Parameters
    ----------
    number : int
        Its number in the partition.
    command : Control
    offset : int
        It acts after every record below and before every record from it on.
    stamp : AppliedCommand or None
        To be committed; None where this is a replay, and it was.
    """

    number: int
    command: Command
    offset: int
    applied: AppliedCommand | None


class CommandQueue:
    """What is still to take effect in a partition, in order.

    Parameters
    ----------
    partition
    count
        Numbers given out so far.
    read
        Place in the journal of operator commands below which all have taken effect here.
    applied
        Those to replay, oldest first.

    Examples
    --------
    >>> from streamlstm.stages import Mute
    >>> commands = CommandQueue(Partition("pumps", 0))
    >>> commands.add(0, Mute(stream="a", events=3))
    >>> [(due.number, due.command.stream) for due in commands.take(41, 41, live=True)]
    [(0, 'a')]
    """

    def __init__(
        self,
        partition: Partition,
        count: int = 0,
        read: int = 0,
        applied: Iterable[AppliedCommand] = (),
    ) -> None:
        self._partition = partition
        self._replayed = deque(applied)
        self._pending: deque[tuple[int, Queued]] = deque()
        self._queued = read
        self.count = count
        self.read = read

    @property
    def first_number(self) -> int:
        """The number of the next one to take effect."""
        if not self._replayed:
            return self.count
        return msgspec.json.decode(self._replayed[0].payload, type=Numbered).number

    def add(self, place: int, command: Queued) -> None:
        """Queue what stands at ``place`` of the journal of operator commands, once."""
        if place >= self._queued:
            self._queued = place + 1
            self._pending.append((place, command))

    def next_offset(self, *, live: bool) -> int | None:
        """Return the offset before which the next one takes effect; None if there is none."""
        if self._replayed:
            return self._replayed[0].effective_offset
        if live and self._pending:
            return _at(self._pending[0][1])
        return None

    def take(self, offset: int, next_offset: int, *, live: bool) -> Iterator[Due | DeadLetter]:
        """Hand over what takes effect before the record at ``offset``.

        Parameters
        ----------
        offset
            Of the next record; between ``next_offset`` and it there may be a gap.
        next_offset
            Of the last record learnt. A control is stamped where it is due and not where it
            happens to meet a record, so that batches cannot be seen in the stamp.
        live
            Whether new ones may take effect; while records are replayed, only replayed ones do.
        """
        while self._replayed and self._replayed[0].effective_offset <= offset:
            applied = self._replayed.popleft()
            numbered = msgspec.json.decode(applied.payload, type=Numbered)
            command = parse_command(bytes(numbered.command))
            yield Due(numbered.number, command, applied.effective_offset, None)
        while live and self._pending and _at(self._pending[0][1]) <= offset:
            place, queued = self._pending.popleft()
            self.read = place + 1
            if isinstance(queued, DeadLetter):
                yield queued
                continue
            at = max(_at(queued), next_offset)
            number, self.count = self.count, self.count + 1
            payload = msgspec.json.encode(Numbered(number, msgspec.Raw(command_bytes(queued))))
            yield Due(number, queued, at, AppliedCommand(self._partition, at, payload))


def _at(queued: Queued) -> int:
    return 0 if isinstance(queued, DeadLetter) else queued.at_offset or 0
