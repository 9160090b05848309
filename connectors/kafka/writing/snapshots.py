"""Snapshots in a compacted topic: split into chunks that fit a message, and reassembled."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from connectors.effects import Snapshot
from connectors.errors import IncompleteSnapshots
from connectors.record import Partition


class Chunk(NamedTuple):
    """One message of the snapshot topic: key, value (None is a tombstone), headers."""

    key: bytes
    value: bytes | None
    headers: list[tuple[str, bytes]]


def cut(snapshot: Snapshot, chunk_bytes: int, chunks_before: int) -> list[Chunk]:
    """Split a snapshot into chunks, with tombstones for surplus chunks of the previous snapshot.

    Each chunk carries the number of chunks and a digest of the snapshot. Chunks of two snapshots
    are therefore not mixed after compaction has deleted some chunks of the older one.

    Parameters
    ----------
    snapshot : Snapshot
    chunk_bytes : int
        Maximum size of a value, in bytes.
    chunks_before : int
        Number of chunks of the stream's previous snapshot.

    Examples
    --------
    >>> chunks = cut(Snapshot(Partition("pumps", 0), b"a", 42, b"state"), 3, chunks_before=3)
    >>> [(chunk.key, chunk.value) for chunk in chunks]
    [(b'a#0', b'sta'), (b'a#1', b'te'), (b'a#2', None)]
    """
    payload, key = snapshot.payload, snapshot.stream_key
    pieces: list[bytes] = []
    headers: list[tuple[str, bytes]] = []
    if payload is not None:
        pieces = [payload[at : at + chunk_bytes] for at in range(0, len(payload), chunk_bytes)]
        pieces = pieces or [b""]
        whole = hashlib.blake2b(b"%d:" % snapshot.next_offset + payload, digest_size=8).digest()
        headers = [
            ("next_offset", b"%d" % snapshot.next_offset),
            ("chunks", b"%d" % len(pieces)),
            ("generation", whole),
        ]
    surplus = range(len(pieces), max(chunks_before, 1 if payload is None else 0))
    chunks = [Chunk(b"%b#%d" % (key, n), piece, headers) for n, piece in enumerate(pieces)]
    return chunks + [Chunk(b"%b#%d" % (key, n), None, []) for n in surplus]


class Assembly:
    """Reassembles snapshots from chunks in the order of the log.

    Parameters
    ----------
    partition : Partition
        Partition of the input to which the snapshots belong.

    Attributes
    ----------
    chunks : dict of bytes to int
        Number of chunks of the last snapshot of each stream.
    """

    def __init__(self, partition: Partition) -> None:
        self._partition = partition
        self._partial: dict[bytes, tuple[bytes, dict[int, bytes]]] = {}
        self.chunks: dict[bytes, int] = {}

    def read(self, records: Iterable[Any]) -> Iterator[Snapshot | None]:
        """Read a partition's messages; None (no message for a while) is passed on.

        Yields
        ------
        Snapshot or None
            Each snapshot that a message completes, or deletes by a tombstone.

        Raises
        ------
        IncompleteSnapshots
            At the end, for incomplete snapshots that no complete snapshot follows.
        """
        for record in records:
            if record is None:
                yield None
            else:
                yield from self._add(record)
        self._ended()

    def _add(self, record: Any) -> Iterator[Snapshot]:
        key, _, number = record.key.rpartition(b"#")
        if record.value is None:
            # Compaction may have deleted the tombstone of chunk 0 before the other chunks.
            _, rest = self._partial.get(key, (b"", {}))
            rest.pop(int(number), None)
            if int(number) == 0 or not rest:
                self._partial.pop(key, None)
            if int(number) == 0:
                self.chunks.pop(key, None)
                yield Snapshot(self._partition, key, 0, None)
            return
        headers = dict(record.headers)
        generation, count = headers["generation"], int(headers["chunks"])
        known, pieces = self._partial.get(key, (b"", {}))
        if known != generation:
            pieces = {}
        pieces[int(number)] = record.value
        self._partial[key] = generation, pieces
        if len(pieces) == count:
            del self._partial[key]
            self.chunks[key] = count
            payload = b"".join(pieces[n] for n in range(count))
            yield Snapshot(self._partition, key, int(headers["next_offset"]), payload)

    def _ended(self) -> None:
        torn = tuple(sorted(self._partial))
        for key, (_, pieces) in self._partial.items():  # all need tombstones
            self.chunks[key] = max(self.chunks.get(key, 0), 1 + max(pieces, default=0))
        if torn:
            raise IncompleteSnapshots(
                torn,
                f"snapshot of stream {torn[0]!r} in {self._partition}: chunks are missing",
                "the snapshot topic must be compacted, without deletion by age or size: delete the "
                "models with streamlstm state reset CONFIG",
            )
