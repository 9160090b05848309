"""What counts in a `JsonlOutbox`'s folder."""

from pathlib import Path

import msgspec

from connectors.effects import Position
from connectors.errors import Fatal, map_os_errors
from connectors.record import Partition

MANIFEST = "manifest.json"
_VERSION = 1


class Manifest(msgspec.Struct, frozen=True):
    """Bytes of each file that are committed, and the positions they belong to."""

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
        If it is of another version or damaged, or missing where there are files it should speak of.
    """
    path = folder / MANIFEST
    with map_os_errors(str(path)):
        if not path.exists():
            if any(folder.glob("*.jsonl")):
                raise Fatal(
                    f"{folder} has .jsonl files and no {MANIFEST}: they are not this program's, "
                    "and it would overwrite them",
                    "choose an empty folder",
                )
            return None
        content = path.read_bytes()
    try:
        manifest = msgspec.json.decode(content, type=Manifest)
    except msgspec.DecodeError as error:
        raise Fatal(f"{path} is damaged: {error}", "put back a copy of the folder") from error
    if manifest.version != _VERSION:
        raise Fatal(
            f"{path} has format {manifest.version}, and this version reads {_VERSION}",
            "use the version that wrote it, or choose another folder",
        )
    return manifest
