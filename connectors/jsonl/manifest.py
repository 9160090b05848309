"""The manifest of a `JsonlOutbox`: which contents of its folder are committed."""

from pathlib import Path

import msgspec

from connectors.effects import Position
from connectors.errors import Fatal, map_os_errors
from connectors.record import Partition

MANIFEST = "manifest.json"
_VERSION = 1


class Manifest(msgspec.Struct, frozen=True):
    """Number of committed bytes of each file, and the positions that belong to them."""

    version: int = _VERSION
    alerts_bytes: int = 0
    dead_letters_bytes: int = 0
    commands_bytes: int = msgspec.field(
        default=0, name="controls_bytes"
    )  # stored before the rename
    snapshots_bytes: int = 0
    snapshots_number: int = 0
    positions: list[tuple[Partition, Position]] = []


def read_manifest(folder: Path) -> Manifest | None:
    """Read the manifest, None if the folder is new.

    Raises
    ------
    Fatal
        If the manifest has another version, is damaged, or is missing although there are files.
    """
    path = folder / MANIFEST
    with map_os_errors(str(path)):
        if not path.exists():
            if any(folder.glob("*.jsonl")):
                raise Fatal(
                    f"{folder} has .jsonl files and no {MANIFEST}: this program did not write "
                    "them and would overwrite them",
                    "choose an empty folder",
                )
            return None
        content = path.read_bytes()
    try:
        manifest = msgspec.json.decode(content, type=Manifest)
    except msgspec.DecodeError as error:
        raise Fatal(f"{path} is damaged: {error}", "restore a copy of the folder") from error
    if manifest.version != _VERSION:
        raise Fatal(
            f"{path} has format {manifest.version}, and this version reads {_VERSION}",
            "use the version that wrote it, or choose another folder",
        )
    return manifest
