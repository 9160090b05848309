"""Snapshots in chunks: whatever compaction takes away, the last one of each stream is read."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import Fatal, Partition, Snapshot
from connectors.kafka.writing.snapshots import Assembly, Chunk, cut

PUMPS = Partition("pumps", 0)
KEYS = [b"a", b"a#0", b"#", b"", b"\xff#1"]
payloads = st.none() | st.binary(max_size=12)
history = st.lists(st.tuples(st.sampled_from(KEYS), payloads), max_size=20)


@dataclass
class Log:
    """The snapshot topic, as one writer after another leaves it."""

    chunk_bytes: int
    records: list[Chunk] = field(default_factory=list)

    def write(self, snapshot: Snapshot, known: dict[bytes, int]) -> None:
        chunks = cut(snapshot, self.chunk_bytes, known.get(snapshot.stream_key, 0))
        self.records += chunks
        known[snapshot.stream_key] = sum(chunk.value is not None for chunk in chunks)

    def compacted(self, draw: st.DataObject) -> list[Chunk]:
        """Leave out any of what was superseded, and any tombstone that nothing precedes."""
        last = {record.key: at for at, record in enumerate(self.records)}
        kept: list[Chunk] = []
        for at, record in enumerate(self.records):
            superseded = last[record.key] != at
            buried = record.value is None and all(k.key != record.key for k in kept)
            if (superseded or buried) and draw.draw(st.booleans()):
                continue
            kept.append(record)
        return kept


def assembled(records: list[Chunk]) -> tuple[dict[bytes, tuple[int, bytes]], dict[bytes, int]]:
    """Read the log; of several snapshots of a stream the last one counts."""
    assembly = Assembly(PUMPS)
    found: dict[bytes, tuple[int, bytes]] = {}
    for snapshot in assembly.read(records):
        assert snapshot is not None
        found.pop(snapshot.stream_key, None)
        if snapshot.payload is not None:
            found[snapshot.stream_key] = snapshot.next_offset, snapshot.payload
    return found, assembly.chunks


@given(history=history, chunk_bytes=st.integers(1, 5), draw=st.data(), lives=st.integers(1, 3))
def test_the_last_snapshot_of_each_stream_survives_compaction(
    history: list[tuple[bytes, bytes | None]], chunk_bytes: int, draw: st.DataObject, lives: int
) -> None:
    log, known, expected = Log(chunk_bytes), dict[bytes, int](), dict[bytes, tuple[int, bytes]]()
    for at, (key, payload) in enumerate(history):
        if at % 5 == 4 and lives > 1:  # a new process, on what compaction has left
            log.records = log.compacted(draw)
            known = assembled(log.records)[1]
        log.write(Snapshot(PUMPS, key, at, payload), known)
        expected.pop(key, None)
        if payload is not None:
            expected[key] = at, payload
    found, chunks = assembled(log.compacted(draw))
    assert found == expected
    assert chunks == {key: max(1, -(-len(p) // chunk_bytes)) for key, (_, p) in expected.items()}


@given(payload=st.binary(min_size=2, max_size=9), lost=st.data())
def test_a_torn_snapshot_is_refused_by_name(payload: bytes, lost: st.DataObject) -> None:
    chunks = cut(Snapshot(PUMPS, b"pump-3", 42, payload), 1, chunks_before=0)
    del chunks[lost.draw(st.integers(0, len(chunks) - 1))]
    with pytest.raises(Fatal, match=r"stream b'pump-3'.*chunks are missing") as caught:
        assembled(chunks)
    assert "state reset" in caught.value.remedy


def test_a_torn_snapshot_with_a_whole_one_after_it_is_history() -> None:
    old = cut(Snapshot(PUMPS, b"a", 10, b"old!"), 2, chunks_before=0)
    new = cut(Snapshot(PUMPS, b"a", 20, b"new!"), 2, chunks_before=2)
    for left in (old[:1], old[1:], old):
        assert assembled([*left, *new])[0] == {b"a": (20, b"new!")}


def test_the_same_state_at_another_offset_is_another_snapshot() -> None:
    old = cut(Snapshot(PUMPS, b"a", 10, b"same"), 2, chunks_before=0)
    new = cut(Snapshot(PUMPS, b"a", 20, b"same"), 2, chunks_before=2)
    with pytest.raises(Fatal, match="chunks are missing"):
        assembled([old[0], new[1]])
