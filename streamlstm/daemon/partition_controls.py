"""Control records of one partition: numbered as they take effect, replayed where they did."""

from collections.abc import Iterable, Iterator

import msgspec

from connectors import Partition, StampedControl
from streamlstm.stages import Control, control_bytes, parse_control


class Numbered(msgspec.Struct, frozen=True):
    """A control record with its number in the partition, as it is stamped.

    The number settles what an offset alone cannot: whether a snapshot taken at the very offset
    at which a control takes effect holds it already.
    """

    number: int
    control: msgspec.Raw


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
    >>> [(number, control.stream) for number, control, _ in controls.take(41, live=True)]
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
        self._replayed = list(stamped)
        self._pending: list[tuple[int, Control]] = []
        self.count = count
        self.read = read

    @property
    def first_number(self) -> int:
        """The number of the next one to take effect."""
        if not self._replayed:
            return self.count
        return msgspec.json.decode(self._replayed[0].payload, type=Numbered).number

    def add(self, place: int, control: Control) -> None:
        """Queue the control record at ``place`` of its journal, unless it took effect before."""
        if place >= self.read:
            self._pending.append((place, control))

    def next_offset(self, *, live: bool) -> int | None:
        """Return the offset before which the next one takes effect; None if there is none."""
        if self._replayed:
            return self._replayed[0].effective_offset
        if live and self._pending:
            return self._pending[0][1].at_offset or 0
        return None

    def take(
        self, offset: int, *, live: bool
    ) -> Iterator[tuple[int, Control, StampedControl | None]]:
        """Hand over what takes effect before the record at ``offset``.

        Parameters
        ----------
        offset
        live
            Whether new ones may take effect; while records are replayed, only replayed ones do.

        Yields
        ------
        tuple
            Number, control record, and what to stamp: None where it is a replay.
        """
        while self._replayed and self._replayed[0].effective_offset <= offset:
            numbered = msgspec.json.decode(self._replayed.pop(0).payload, type=Numbered)
            yield numbered.number, parse_control(bytes(numbered.control)), None
        while live and self._pending and (self._pending[0][1].at_offset or 0) <= offset:
            place, control = self._pending.pop(0)
            self.read = place + 1
            numbered = Numbered(self.count, msgspec.Raw(control_bytes(control)))
            self.count += 1
            payload = msgspec.json.encode(numbered)
            yield numbered.number, control, StampedControl(self._partition, offset, payload)
