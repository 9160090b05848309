"""Which streams of a partition are in memory, which are evicted, which need a snapshot."""

from collections import Counter
from collections.abc import Iterable, Sequence

from streamlstm.daemon.engine.evicted_store import EvictedStore
from streamlstm.daemon.learners.port import Learner


class DamagedSnapshotError(Exception):
    """A snapshot cannot be restored; the message names the stream."""


class StreamCache:
    """Least recently used cache of the streams of a partition.

    Resident streams are in the learner. The others are evicted: their snapshots are in a store on
    disk, and loading one restores the same bits, so eviction does not change any result.

    Parameters
    ----------
    learner
        Contains the resident streams.
    evicted
        Contains the others.
    snapshot_every
        Number of events of a stream after which its snapshot is due.

    Attributes
    ----------
    next_offset : dict
        By stream: its state contains every record of the stream below this offset.
    commands : dict
        By stream: its state contains every operator command of the partition below this number.
    commands_seen : int
        Number of operator commands of the partition that have taken effect; the state of a new
        stream contains them all.
    dirty : dict
        By stream: the offset of its oldest event in no snapshot; in ascending order of offsets.
    """

    def __init__(self, learner: Learner, evicted: EvictedStore, snapshot_every: int) -> None:
        self.learner = learner
        self._evicted = evicted
        self._resident: dict[str, None] = {}  # least recently used first
        self._snapshot_every = snapshot_every
        self._since: dict[str, int] = {}
        self._due_by_count: dict[str, None] = {}
        self.next_offset: dict[str, int] = {}
        self.commands: dict[str, int] = {}
        self.commands_seen = 0
        self.dirty: dict[str, int] = {}

    def close(self) -> None:
        """Close the store of evicted streams."""
        self._evicted.close()

    def contains(self, key: str) -> bool:
        """Return whether a stream exists."""
        return key in self.next_offset

    def add_snapshot(self, key: str, next_offset: int, payload: bytes | None) -> None:
        """Add a stream by its latest snapshot, evicted until its next event; None removes it."""
        if payload is None:
            self._evicted.pop(key)
            self.next_offset.pop(key, None)
        else:
            self._evicted.put(key, payload)
            self.next_offset[key] = next_offset

    def load(self, keys: Iterable[str]) -> None:
        """Load or create streams, at most ``streams_max``; evict the least recently used others.

        Raises
        ------
        DamagedSnapshotError
            If the snapshot of an evicted stream is damaged.
        """
        keys_to_load = dict.fromkeys(keys)
        for key in keys_to_load:
            if key in self._resident:
                del self._resident[key]
                self._resident[key] = None
        for key in keys_to_load:
            if key in self._resident:
                continue
            while len(self._resident) >= self.learner.streams_max:
                self._evict(next(old for old in self._resident if old not in keys_to_load))
            payload = self._evicted.pop(key)
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

    def mark_learnt(self, keys: Sequence[str], offsets: Sequence[int]) -> None:
        """Record that streams have learnt from the records at ``offsets``, in ascending order.

        Work for each event happens inside ``dict`` and ``Counter`` for speed.
        """
        first = dict(zip(reversed(keys), reversed(offsets), strict=True))
        last = dict(zip(keys, offsets, strict=True))
        for key, events in Counter(keys).items():
            self.next_offset[key] = last[key] + 1
            self.mark_dirty(key, first[key])
            count = self._since[key] = self._since.get(key, 0) + events
            if count >= self._snapshot_every:
                self._due_by_count[key] = None

    def mark_dirty(self, key: str, offset: int) -> None:
        """Record that a stream's state has changed at ``offset``."""
        if key not in self.dirty:
            self.dirty[key] = offset

    def forget(self, key: str) -> None:
        """Remove a stream, resident or evicted."""
        if key in self._resident:
            self.learner.forget(key)
            del self._resident[key]
        self._evicted.pop(key)
        for by_stream in (self.next_offset, self.commands):
            by_stream.pop(key, None)
        self.mark_clean(key)

    def snapshots_due(self, oldest: int) -> list[str]:
        """List the streams whose snapshot is due.

        Parameters
        ----------
        oldest
            A snapshot is due if an event below this offset is in no snapshot, or after
            ``snapshot_every`` events.
        """
        due = dict(self._due_by_count)
        for key, offset in self.dirty.items():
            if offset >= oldest:
                break
            due[key] = None
        return list(due)

    def snapshot(self, key: str) -> bytes:
        """Return a stream's state as bytes, resident or evicted."""
        if key in self._resident:
            return self.learner.snapshot(key, self.next_offset[key], self.commands[key])
        payload = self._evicted.get(key)
        if payload is None:
            raise KeyError(key)
        return payload

    def mark_clean(self, key: str) -> None:
        """Record that the next commit contains a snapshot of a stream."""
        self.dirty.pop(key, None)
        self._since.pop(key, None)
        self._due_by_count.pop(key, None)

    def replay_from(self, next_offset: int) -> int:
        """Return the lowest offset of any event in no snapshot, or ``next_offset``."""
        return min(next(iter(self.dirty.values()), next_offset), next_offset)
