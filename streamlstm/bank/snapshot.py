"""Snapshots of one slot: safetensors bytes with a JSON header.

The content depends only on the events learnt, not on the time, the host or the process. The header
is stored under a single metadata key because safetensors does not preserve the order of keys.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from streamlstm.bank.settings import (
    Detection,
    Settings,
    current_names,
    set_columns,
    tape_rows,
)
from streamlstm.bank.slots.pieces import Array, copy_slot
from streamlstm.bank.slots.store import SlotStore
from streamlstm.kernels.layout import Shape, double_fields, single_fields

FORMAT_VERSION = 3
KERNEL_PATH = "strict"  # IEEE operations in written order: the same bits on every CPU
HEADER_KEY = "streamlstm"
HEADER_BYTES_MAX = 1 << 24  # names of a hundred thousand features


class SnapshotError(ValueError):
    """Raised for snapshot bytes that are damaged or belong to another model."""


@cache
def model_description(
    shape: Shape, settings: Settings, seed: int, detection: Detection | None = None
) -> Mapping[str, Any]:
    """Return everything that determines the state, except the input capacity, which grows.

    Examples
    --------
    >>> model_description(Shape(), Settings(), 7)["seed"]
    7
    """
    described: dict[str, Any] = asdict(shape) | asdict(settings) | {"seed": seed}
    described |= asdict(detection) if detection else {}
    del described["inputs"]
    return MappingProxyType(described)


def model_hash(description: Mapping[str, Any]) -> str:
    """Return a hash of a description, 16 hexadecimal digits.

    Examples
    --------
    >>> len(model_hash(model_description(Shape(), Settings(), 7)))
    16
    """
    text = json.dumps({"format": FORMAT_VERSION, **description}, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _checksum(header: dict[str, Any], pieces: dict[str, Array]) -> str:
    digest = hashlib.blake2b(json.dumps(header, sort_keys=True).encode(), digest_size=16)
    for name in sorted(pieces):
        digest.update(f"{name} {pieces[name].dtype} {pieces[name].shape}".encode())
        digest.update(np.ascontiguousarray(pieces[name]).data)
    return digest.hexdigest()


def pack(header: dict[str, Any], pieces: dict[str, Array]) -> bytes:
    """Return a header and named arrays as bytes.

    Parameters
    ----------
    header
        Values that JSON can represent.
    pieces
        Named arrays of the slot.

    Raises
    ------
    SnapshotError
        If the header is larger than :func:`unpack` accepts.

    Examples
    --------
    >>> header, pieces = unpack(pack({"next_offset": 3}, {"theta": np.ones(2, np.float32)}))
    >>> header["next_offset"], pieces["theta"].tolist()
    (3, [1.0, 1.0])
    """
    header = {"format": FORMAT_VERSION, "kernel_path": KERNEL_PATH} | header
    signed = header | {"checksum": _checksum(header, pieces)}
    contiguous = {name: np.ascontiguousarray(piece) for name, piece in pieces.items()}
    data = save(contiguous, metadata={HEADER_KEY: json.dumps(signed, sort_keys=True)})
    if int.from_bytes(data[:8], "little") > HEADER_BYTES_MAX:
        raise SnapshotError(f"the feature names take more than {HEADER_BYTES_MAX} bytes")
    return data


def unpack(data: bytes) -> tuple[dict[str, Any], dict[str, Array]]:
    """Return the header and the named arrays of snapshot bytes.

    Raises
    ------
    SnapshotError
        If the bytes are not a snapshot, are damaged, or have an unsupported format version.

    Examples
    --------
    >>> unpack(b"nonsense")
    Traceback (most recent call last):
        ...
    streamlstm.bank.snapshot.SnapshotError: not a snapshot: its header cannot be read
    """
    try:
        length = int.from_bytes(data[:8], "little")
        if length > min(HEADER_BYTES_MAX, len(data)):
            raise ValueError(length)  # noqa: TRY301 - said once, below
        text = json.loads(data[8 : 8 + length])["__metadata__"][HEADER_KEY]
        header = json.loads(text)
        as_written = json.dumps(header, sort_keys=True) == text  # 1E-8, too, is a flipped bit
        found, version = header.pop("checksum"), header["format"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SnapshotError("not a snapshot: its header cannot be read") from error
    if version != FORMAT_VERSION:
        raise SnapshotError(f"snapshot format {version}; this version reads {FORMAT_VERSION}")
    try:
        pieces = load(data)
    except SafetensorError as error:
        raise SnapshotError(f"damaged snapshot: {error}") from error
    if not as_written or _checksum(header, pieces) != found:
        raise SnapshotError("damaged snapshot: its checksum does not match")
    return header, pieces


def take_snapshot(
    store: SlotStore,
    key: str,
    next_offset: int,
    commands: int,
    extra: Mapping[str, Any] = MappingProxyType({}),
) -> bytes:
    """Return a stream's slot as snapshot bytes; see :meth:`Bank.snapshot`."""
    description = dict(model_description(store.shape, store.settings, store.seed, store.detection))
    header: dict[str, Any] = {
        "stream": key,
        "next_offset": next_offset,
        "controls": commands,
        "model": description,
        "model_hash": model_hash(description),
        "inputs": store.shape.inputs,
        "features": store.features.names,
        "periods": store.features.periods,
    }
    return pack(header | dict(extra), store.views(key))


def restore_snapshot(store: SlotStore, data: bytes) -> dict[str, Any]:
    """Restore a stream's slot and return the snapshot's header; see :meth:`Bank.restore`."""
    header, pieces = unpack(data)
    names, periods = header["features"], header["periods"]
    changed = _differences(store, header, pieces)
    if changed:
        raise SnapshotError("snapshot of another model: " + "; ".join(changed))
    if not store.features.column:
        store.features.adopt(dict(zip(names, periods, strict=True)))
    if header["inputs"] > store.shape.inputs:
        store.grow(len(store.singles), header["inputs"])
    set_columns(store.plan, store.features.periods)
    if header["stream"] not in store.slots:
        store.reserve(header["stream"])
    views = store.views(header["stream"])
    for piece in views.values():
        piece[...] = 0.0
    copy_slot(pieces, replace(store.shape, inputs=header["inputs"]), views, store.shape)
    if len(names) < len(store.features.column):
        store.begin_columns(header["stream"])
    return header


def _differences(store: SlotStore, header: dict[str, Any], pieces: dict[str, Array]) -> list[str]:
    """List how the model of a snapshot differs from that of the store."""
    now = model_description(store.shape, store.settings, store.seed, store.detection)
    was, names, periods = current_names(header["model"]), header["features"], header["periods"]
    changed = [
        f"{name} was {was.get(name)!r}, is {now.get(name)!r}"
        for name in sorted({*was, *now})
        if was.get(name) != now.get(name)
    ]
    known = list(zip(store.features.names, store.features.periods, strict=True))
    if known and known[: len(names)] != list(zip(names, periods, strict=True)):
        changed.append(f"features were {names}, are {store.features.names}")
    had, has = pieces["theta"].dtype, store.singles.dtype
    if had != has:
        changed.append(f"dtype was {had}, is {has}")
    return changed or _sizes(store, header["inputs"], pieces)


def _sizes(store: SlotStore, inputs: int, pieces: dict[str, Array]) -> list[str]:
    """List the pieces that have another shape than the layout gives them."""
    shape = replace(store.shape, inputs=inputs)
    fields = single_fields(shape, tape_rows(shape, store.settings)) | double_fields(shape)
    found = {name: piece.shape for name, piece in pieces.items()}
    wanted = {name: field.shape for name, field in fields.items() if name != "end"}
    return [
        f"piece {name!r} was {found.get(name, 'missing')}, is {wanted.get(name, 'unknown')}"
        for name in sorted({*found, *wanted})
        if found.get(name) != wanted.get(name)
    ]
