"""Descriptions of streams from their snapshots."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import msgspec

from connectors import Partition, Snapshot
from connectors.errors import IncompleteSnapshots
from streamlstm.bank import Bank, Detection, Settings, Shape, SnapshotError
from streamlstm.bank.snapshot import unpack
from streamlstm.daemon.config.model import Config
from streamlstm.daemon.wiring.contracts import View
from streamlstm.kernels.layout import ACCEPTED


class Stream(msgspec.Struct, frozen=True):
    """The last snapshot of a stream.

    Parameters
    ----------
    key : str
    partition : int
    next_offset : int
        The model has learnt every record of the stream below this offset.
    snapshot_bytes : int
    events : int, optional
        Number of events learnt; None if the model does not count them.
    damaged : str, optional
        Reason why it cannot be restored.
    """

    key: str
    partition: int
    next_offset: int
    snapshot_bytes: int
    events: int | None
    damaged: str | None


def streams(config: Config, view: View, partition: Partition) -> list[Stream]:
    """List the streams of a partition that have a snapshot, by key."""
    found: dict[bytes, Stream] = {}
    try:
        for snapshot in view.load(partition):
            if snapshot is not None:
                found.pop(snapshot.stream_key, None)
            if snapshot is not None and snapshot.payload is not None:
                found[snapshot.stream_key] = _stream(config, snapshot, snapshot.payload)
    except IncompleteSnapshots as torn:
        for key in torn.streams:
            found[key] = Stream(key.decode(), partition.index, 0, 0, None, "parts are missing")
    return [found[key] for key in sorted(found)]


def _stream(config: Config, snapshot: Snapshot, payload: bytes) -> Stream:
    events, damaged = _learnt(config, payload)
    key, index = snapshot.stream_key.decode(), snapshot.partition.index
    return Stream(key, index, snapshot.next_offset, len(payload), events, damaged)


def payloads(
    view: View, partitions: tuple[Partition, ...], stream: str
) -> Iterator[tuple[Partition, int, bytes]]:
    """Find a stream's last snapshot in each partition that has one, with its next offset."""
    for partition in partitions:
        last = None
        for snapshot in view.load(partition):
            if snapshot is not None and snapshot.stream_key == stream.encode():
                last = snapshot
        if last is not None and last.payload is not None:
            yield partition, last.next_offset, last.payload


def _learnt(config: Config, payload: bytes) -> tuple[int | None, str | None]:
    if config.model.kind != "lstm":
        return None, None
    try:
        _, pieces = unpack(payload)
        return int(pieces["scalars"][ACCEPTED]), None
    except SnapshotError as error:
        return None, str(error)


def describe(config: Config, partition: Partition, next_offset: int, payload: bytes) -> Any:
    """Return all information of a snapshot about its stream, as values for JSON."""
    told: dict[str, Any] = {
        "partition": partition.index,
        "next_offset": next_offset,
        "snapshot_bytes": len(payload),
    }
    if config.model.kind != "lstm":
        return told | {"model": config.model.kind}
    try:
        header, _ = unpack(payload)
        bank = _bank(header["model"])
        bank.restore(payload)
    except (SnapshotError, KeyError, TypeError, ValueError) as error:
        return told | {"damaged": str(error)}
    key, alert = header["stream"], None
    if bank.alert_open(key):
        alert = bank.opened_at(key)
    names = config.schema_of_records().targets
    if len(names) != bank.shape.outputs:  # the model was created with another configuration
        names = tuple(f"target {n}" for n in range(bank.shape.outputs))
    return told | {
        "stream": key,
        "events": bank.accepted(key),
        "alert_open_since_offset": alert,
        "commands": header["controls"],
        "experts": {name: bank.expert_weights(key, n) for n, name in enumerate(names)},
        "features": header["features"],
        "format": header["format"],
        "kernel_path": header["kernel_path"],
        "model_hash": header["model_hash"],
        "model": header["model"],
    }


def _bank(model: dict[str, Any]) -> Bank:
    """Create an empty bank for a snapshot, with the model described in its header."""

    def part(kind: Any) -> Any:
        return kind(**{f.name: model[f.name] for f in fields(kind) if f.name in model})

    return Bank(part(Shape), part(Settings), seed=model["seed"], detection=part(Detection))
