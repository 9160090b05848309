"""Forgetting all models of a partition, in one transaction like everything else."""

from typing import Any, Protocol

from connectors import Effects, Outbox, Partition, Position, Snapshot, SnapshotStore
from streamlstm.daemon.marks import Marks


class StatefulOutbox(Outbox, SnapshotStore, Protocol):
    """An outbox that keeps snapshots too."""


def reset_effects(
    partition: Partition, outbox: StatefulOutbox, model: dict[str, Any], effects: Effects
) -> None:
    """Note a tombstone for every stream, and that there is nothing to replay."""
    position = outbox.committed(partition)
    if position is None:
        return
    streams = {s.stream_key: s.payload for s in outbox.load(partition) if s is not None}
    for key, payload in streams.items():
        if payload is not None:
            effects.snapshots.append(Snapshot(partition, key, position.next_offset, None))
    marks = Marks.decode(position.metadata)
    fresh = Marks(position.next_offset, marks.controls, marks.controls_read, model)
    effects.positions[partition] = Position(position.next_offset, fresh.encode())
