"""Queue of the operator commands of one partition. A replay applies them at the same offsets."""

from collections import deque
from collections.abc import Iterable, Iterator

import msgspec

from connectors import AppliedCommand, DeadLetter, Partition
from streamlstm.stages import Command, command_bytes, parse_command

Queued = Command | DeadLetter
"""An operator command, or an invalid one: that becomes a dead letter when it is due."""


class Numbered(msgspec.Struct, frozen=True):
    """An applied command with its number in the partition, as it is stored.

    A command and a snapshot can have the same offset. The number decides whether the snapshot
    includes the command.
    """

    number: int
    command: msgspec.Raw = msgspec.field(name="control")


class Due(msgspec.Struct, frozen=True):
    """An operator command that takes effect now.

    Parameters
    ----------
    number : int
        Its number in the partition.
    command : Command
    offset : int
        It takes effect after the records below this offset, and before the others.
    applied : AppliedCommand or None
        Applied command to commit. None in a replay, where it is committed already.
    """

    number: int
    command: Command
    offset: int
    applied: AppliedCommand | None


class CommandQueue:
    """The pending commands of a partition, in order.

    Parameters
    ----------
    partition
    count
        Number of commands applied so far.
    read
        Offset in the journal of operator commands. All commands below it are applied.
    applied
        Applied commands to replay, oldest first.

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
        """Number of the next command to take effect."""
        if not self._replayed:
            return self.count
        return msgspec.json.decode(self._replayed[0].payload, type=Numbered).number

    def add(self, place: int, command: Queued) -> None:
        """Queue the command at offset ``place`` of the journal of operator commands, once."""
        if place >= self._queued:
            self._queued = place + 1
            self._pending.append((place, command))

    def next_offset(self, *, live: bool) -> int | None:
        """Return the offset before which the next command takes effect, or None."""
        if self._replayed:
            return self._replayed[0].effective_offset
        if live and self._pending:
            return _at(self._pending[0][1])
        return None

    def take(self, offset: int, next_offset: int, *, live: bool) -> Iterator[Due | DeadLetter]:
        """Yield the commands that take effect before the record at ``offset``.

        Parameters
        ----------
        offset
            Offset of the next record. There may be a gap between ``next_offset`` and it.
        next_offset
            Offset after the last record learnt. A command is applied at the offset where it is
            due, not at that of the next record, so that the result does not depend on batches.
        live
            Whether new commands may take effect. In a replay only the applied ones do.
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
