"""The streams of one partition: which are hot, which wait in the cold, which are dirty."""

from collections import Counter
from collections.abc import Iterable, Sequence

from streamlstm.daemon.engine.evicted_store import EvictedStore
from streamlstm.daemon.learners.port import Learner


class DamagedSnapshotError(Exception):
    """A snapshot that cannot be restored; it names the stream."""


class StreamCache:
    """Keeps as many streams in the learner as fit; the others wait as bytes and return bit for bit.

    The order of eviction is the order of the log, so it cannot be seen in the result.

    Parameters
    ----------
    learner
        Holds the hot ones.
    cold
        Holds the others.
    snapshot_every
        Events of a stream after which its snapshot is due.

    Attributes
    ----------
    next_offset : dict
        By stream: its state holds every record of it below this offset.
    commands : dict
        By stream: its state holds every operator command of the partition below this number.
    commands_seen : int
        How many operator commands of the partition have taken effect; a new stream has missed none.
    dirty : dict
        By stream, in the order of the log: the offset of its oldest event in no snapshot.
    """

    def __init__(self, learner: Learner, evicted: EvictedStore, snapshot_every: int) -> None:
        self.learner = learner
        self._evicted = evicted
        self._resident: dict[str, None] = {}  # in the order of the last event
        self._snapshot_every = snapshot_every
        self._since: dict[str, int] = {}
        self._due: dict[str, None] = {}
        self.next_offset: dict[str, int] = {}
        self.commands: dict[str, int] = {}
        self.commands_seen = 0
        self.dirty: dict[str, int] = {}

    def close(self) -> None:
        """Let go of the cold store."""
        self._evicted.close()

    def known(self, key: str) -> bool:
        """Say whether a stream has a model."""
        return key in self.next_offset

    def load(self, key: str, next_offset: int, payload: bytes | None) -> None:
        """Take over a stream's last snapshot; it stays cold until its next event."""
        if payload is None:
            self._evicted.take(key)
            self.next_offset.pop(key, None)
        else:
            self._evicted.put(key, payload)
            self.next_offset[key] = next_offset

    def warm(self, keys: Iterable[str]) -> None:
        """Bring streams into the learner, at most ``streams_max``, and evict what is in the way."""
        wanted = dict.fromkeys(keys)
        for key in wanted:
            if key in self._resident:
                del self._resident[key]
                self._resident[key] = None
        for key in wanted:
            if key in self._resident:
                continue
            while len(self._resident) >= self.learner.streams_max:
                self._evict(next(old for old in self._resident if old not in wanted))
            payload = self._evicted.take(key)
            if payload is None:
                self.learner.open(key)
                self.next_offset[key] = 0
                self.commands[key] = self.commands_seen
            else:
                try:
                    self.commands[key] = self.learner.restore(payload)
                except ValueError as error:
                    raise DamagedSnapshotError(f"stream {key!r}: {error}") from error
            self._resident[key] = None

    def _evict(self, key: str) -> None:
        self._evicted.put(key, self.snapshot(key))
        self.learner.forget(key)
        del self._resident[key]

    def learnt(self, keys: Sequence[str], offsets: Sequence[int]) -> None:
        """Note that the models of streams have learnt the records at ``offsets``, in log order.

        What is done for each event is done inside ``dict`` and ``Counter``, since it is done for
        each event.
        """
        first = dict(zip(reversed(keys), reversed(offsets), strict=True))
        last = dict(zip(keys, offsets, strict=True))
        for key, events in Counter(keys).items():
            self.next_offset[key] = last[key] + 1
            self.touched(key, first[key])
            count = self._since[key] = self._since.get(key, 0) + events
            if count >= self._snapshot_every:
                self._due[key] = None

    def touched(self, key: str, offset: int) -> None:
        """Note that a stream's model has changed at ``offset``."""
        if key not in self.dirty:
            self.dirty[key] = offset

    def forget(self, key: str) -> None:
        """Drop a stream, wherever it is."""
        if key in self._resident:
            self.learner.forget(key)
            del self._resident[key]
        self._evicted.take(key)
        for notes in (self.next_offset, self.commands):
            notes.pop(key, None)
        self.saved(key)

    def due(self, oldest: int) -> list[str]:
        """List the streams whose snapshot is due: by their count, or by an event below ``oldest``.

        Parameters
        ----------
        oldest
            No stream may keep an event below this offset out of its snapshot.
        """
        due = dict(self._due)
        for key, offset in self.dirty.items():
            if offset >= oldest:
                break
            due[key] = None
        return list(due)

    def snapshot(self, key: str) -> bytes:
        """Give a stream's state as bytes, hot or cold."""
        if key in self._resident:
            return self.learner.snapshot(key, self.next_offset[key], self.commands[key])
        payload = self._evicted.peek(key)
        if payload is None:
            raise KeyError(key)
        return payload

    def saved(self, key: str) -> None:
        """Note that a snapshot of a stream is on its way out."""
        self.dirty.pop(key, None)
        self._since.pop(key, None)
        self._due.pop(key, None)

    def replay_from(self, next_offset: int) -> int:
        """Return the lowest offset of any event in no snapshot, or ``next_offset``."""
        return min(next(iter(self.dirty.values()), next_offset), next_offset)
