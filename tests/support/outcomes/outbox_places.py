"""Where outboxes put things, and what someone else finds there: one place for each kind."""

import base64
import json
import sqlite3
from pathlib import Path
from typing import NamedTuple, Protocol

from connectors import (
    Fatal,
    JsonlOutbox,
    MemoryLog,
    MemoryOutbox,
    Outbox,
    Partition,
    SnapshotStore,
    SqliteOutbox,
)
from connectors.effects import CrashPoint, no_crash
from connectors.errors import ConnectorError


class Boxed(Outbox, SnapshotStore, Protocol):
    """An outbox that keeps snapshots too."""


class Seen(NamedTuple):
    """What someone who is not the outbox finds: alerts, and the letters' codes and values."""

    alerts: list[bytes]
    dead_letters: list[tuple[str, bytes | None]]


class Place(Protocol):
    """Opens outboxes, and looks into them from outside."""

    shut_out: tuple[type[ConnectorError], str]
    """How the first of two writers is refused, and with which words."""

    def open(self, crash_point: CrashPoint = no_crash) -> Boxed: ...

    def seen(self) -> Seen: ...


class MemoryPlace:
    shut_out = (Fatal, "fenced")

    def __init__(self, folder: Path) -> None:
        self.log = MemoryLog()
        self.log.create_topic("pumps", partitions=2)

    def open(self, crash_point: CrashPoint = no_crash) -> Boxed:
        return MemoryOutbox(self.log, "app", crash_point=crash_point)

    def seen(self) -> Seen:
        alerts, _ = self.log.read(Partition("app.alerts", 0), 0, 1000)
        found, _ = self.log.read(Partition("app.dead_letters", 0), 0, 1000)
        return Seen([a.value or b"" for a in alerts], [dead_letter(r.value or b"") for r in found])


class SqlitePlace:
    shut_out = (Fatal, "newer process")

    def __init__(self, folder: Path) -> None:
        self.path = str(folder / "alerts.db")

    def open(self, crash_point: CrashPoint = no_crash) -> Boxed:
        return SqliteOutbox(self.path, durable=False, crash_point=crash_point)

    def seen(self) -> Seen:
        database = sqlite3.connect(self.path)
        alerts = database.execute("SELECT value FROM alert ORDER BY sequence").fetchall()
        dead_letters = database.execute("SELECT code, value FROM dead_letter ORDER BY sequence")
        seen = Seen([value.encode() for (value,) in alerts], dead_letters.fetchall())
        database.close()
        return seen


class JsonlPlace:
    """With a limit so small that snapshots move to a new file again and again."""

    shut_out = (Fatal, "newer process")

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "alerts"

    def open(self, crash_point: CrashPoint = no_crash) -> Boxed:
        return JsonlOutbox(
            str(self.folder), durable=False, crash_point=crash_point, snapshot_garbage_bytes_max=1
        )

    def seen(self) -> Seen:
        alerts = (self.folder / "alerts.jsonl").read_bytes().splitlines()
        dead_letters = (self.folder / "dead_letters.jsonl").read_bytes().splitlines()
        return Seen(alerts, [dead_letter(line) for line in dead_letters])


def dead_letter(line: bytes) -> tuple[str, bytes | None]:
    found = json.loads(line)
    value = found["record"]["value"]
    return found["code"], None if value is None else base64.b64decode(value)
