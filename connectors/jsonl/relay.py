"""The reader of a `JsonlOutbox`'s alerts."""

from pathlib import Path

import msgspec

from connectors.errors import map_os_errors
from connectors.jsonl.append_file import put_in_place, write_temporary
from connectors.jsonl.manifest import Manifest, read_manifest
from connectors.record import Partition, Record


class _Place(msgspec.Struct):
    next_offset: int = 0  # line number
    next_byte: int = 0


class _Alert(msgspec.Struct):
    id: str


class JsonlRelay:
    """Reads the committed alerts; its position is stored in ``relay-<name>.json`` in the folder.

    Parameters
    ----------
    folder : str
        The outbox's folder.
    name : str
        Name of this relay; each name has a position.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     relay = JsonlRelay(folder, "webhook")
    ...     relay.poll(max_records=10, timeout_ms=0)
    []
    """

    def __init__(self, folder: str, name: str) -> None:
        self._folder = Path(folder)
        self._path = self._folder / f"relay-{name}.json"
        self._alerts = Partition("alerts.jsonl", 0)
        self._place = _Place()
        with map_os_errors(str(self._path)):
            if self._path.exists():
                self._place = msgspec.json.decode(self._path.read_bytes(), type=_Place)

    def poll(self, max_records: int, timeout_ms: int) -> list[Record]:
        """Read the next alerts, without waiting."""
        manifest = read_manifest(self._folder) or Manifest()
        place = self._place
        records: list[Record] = []
        if place.next_byte >= manifest.alerts_bytes:
            return records
        path = self._folder / self._alerts.topic
        with map_os_errors(str(path)), path.open("rb") as file:
            file.seek(place.next_byte)
            while len(records) < max_records and place.next_byte < manifest.alerts_bytes:
                line = file.readline()
                key = msgspec.json.decode(line, type=_Alert).id.encode()
                records.append(Record(self._alerts, place.next_offset, key, line[:-1]))
                place.next_offset = records[-1].next_offset
                place.next_byte += len(line)
        return records

    def commit(self) -> None:
        """Commit the position."""
        beside = write_temporary(self._path, msgspec.json.encode(self._place), durable=True)
        put_in_place(beside, self._path, durable=True)

    def close(self) -> None:
        """Do nothing."""
