"""Snapshot bytes of one slot: safetensors, with a header that says what they are.

The content depends on the journal alone: no time, no host, no process. All of our header lies under
one key, because safetensors orders its keys as it likes.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from streamlstm.bank.settings import Detection, Settings
from streamlstm.bank.slots.pieces import Array
from streamlstm.kernels.layout import Shape

FORMAT_VERSION = 3
KERNEL_PATH = "strict"  # IEEE operations in written order: the same bits on every CPU
HEADER_KEY = "streamlstm"
HEADER_BYTES_MAX = 1 << 24  # names of a hundred thousand features


class SnapshotError(ValueError):
    """Snapshot bytes that are damaged, or of another model."""


@cache
def model_description(
    shape: Shape, settings: Settings, seed: int, detection: Detection | None = None
) -> Mapping[str, Any]:
    """List what shapes the state. Room for inputs does not: it grows by itself.

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
    """Return 16 hexadecimal digits that change when anything that shapes the state does.

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
    """Return the bytes of a slot.

    Parameters
    ----------
    header
        What JSON can hold.
    pieces
        Named arrays of the slot.

    Raises
    ------
    SnapshotError
        For a header that :func:`unpack` would refuse.

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
        raise SnapshotError(f"the names of the features take more than {HEADER_BYTES_MAX} bytes")
    return data


def unpack(data: bytes) -> tuple[dict[str, Any], dict[str, Array]]:
    """Return header and pieces of snapshot bytes.

    Raises
    ------
    SnapshotError
        If the bytes are no snapshot, were damaged, or are of a format this version cannot read.

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
