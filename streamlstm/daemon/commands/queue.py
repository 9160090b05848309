"""Control records of one partition: numbered as they take effect, replayed where they did."""

from collections import deque
from collections.abc import Iterable, Iterator

import msgspec

from connectors import DeadLetter, Partition, StampedControl
from streamlstm.stages import Control, control_bytes, parse_control

Queued = Control | DeadLetter
"""A control record, or one that nobody can understand: it takes effect as a dead letter."""


class Numbered(msgspec.Struct, frozen=True):
    """A control record with its number in the partition, as it is stamped.

    The number settles what an offset alone cannot: whether a snapshot taken at the very offset
    at which a control takes effect holds it already.
    """

    number: int
    control: msgspec.Raw


class Due(msgspec.Struct, frozen=True):
    """A control record that takes effect now.

    Parameters
    ----------
    number : int
        Its number in the partition.
    control : Control
    offset : int
        It acts after every record below and before every record from it on.
    stamp : StampedControl or None
        To be committed; None where this is a replay, and it was.
    """

    number: int
    control: Control
    offset: int
    stamp: StampedControl | None


class PartitionControls:
    """What is still to take effect in a partition, in order.

    Parameters
    ----------
    partition
    count
        Numbers given out so far.
    read
        Place in the journal of control records below which all have taken effect here.
    stamped
        Those to replay, oldest first.

    Examples
    --------
    >>> from streamlstm.stages import Mute
    >>> controls = PartitionControls(Partition("pumps", 0))
    >>> controls.add(0, Mute(stream="a", events=3))
    >>> [(due.number, due.control.stream) for due in controls.take(41, 41, live=True)]
    [(0, 'a')]
    """

    def __init__(
        self,
        partition: Partition,
        count: int = 0,
        read: int = 0,
        stamped: Iterable[StampedControl] = (),
    ) -> None:
        self._partition = partition
        self._replayed = deque(stamped)
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

    def add(self, place: int, control: Queued) -> None:
        """Queue what stands at ``place`` of the journal of control records, once."""
        if place >= self._queued:
            self._queued = place + 1
            self._pending.append((place, control))

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
            stamped = self._replayed.popleft()
            numbered = msgspec.json.decode(stamped.payload, type=Numbered)
            control = parse_control(bytes(numbered.control))
            yield Due(numbered.number, control, stamped.effective_offset, None)
        while live and self._pending and _at(self._pending[0][1]) <= offset:
            place, queued = self._pending.popleft()
            self.read = place + 1
            if isinstance(queued, DeadLetter):
                yield queued
                continue
            at = max(_at(queued), next_offset)
            number, self.count = self.count, self.count + 1
            payload = msgspec.json.encode(Numbered(number, msgspec.Raw(control_bytes(queued))))
            yield Due(number, queued, at, StampedControl(self._partition, at, payload))


def _at(queued: Queued) -> int:
    return 0 if isinstance(queued, DeadLetter) else queued.at_offset or 0
