"""What a run has left behind for good, read as someone who is not the daemon would read it."""

import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from connectors import DeadLetter, SnapshotStore
from streamlstm.daemon.config.model import Config
from streamlstm.daemon.wiring.worker import make_outbox, make_source

_LETTER = "SELECT topic, partition, offset, code, reason, value FROM dead_letter ORDER BY sequence"
_FILES = ("alerts.jsonl", "dead_letters.jsonl")


class Outcome(NamedTuple):
    """Everything that must be equal, however often the run was killed."""

    alerts: list[bytes]
    dead_letters: list[tuple[Any, ...]]
    commands: list[tuple[str, int, int, bytes]]
    snapshots: dict[tuple[str, int, bytes], tuple[int, bytes | None]]
    positions: dict[tuple[str, int], tuple[int, str]]
    files: dict[str, bytes]


def outcome(config: Config) -> Outcome:
    """Read the outbox of a worker that has ended."""
    place = Path(getattr(config.outbox, "path", ""))
    source = make_source(config)
    partitions = source.partitions()
    source.close()
    files = {name: (place / name).read_bytes() for name in _FILES} if place.is_dir() else {}
    alerts, dead_letters = _in_files(files) if files else _in_sqlite(place)
    outbox = make_outbox(config)
    assert isinstance(outbox, SnapshotStore)
    found = Outcome(
        alerts,
        dead_letters,
        [
            (c.partition.topic, c.partition.index, c.effective_offset, c.payload)
            for p in partitions
            for c in outbox.applied_commands(p, 0)
        ],
        {
            (p.topic, p.index, s.stream_key): (s.next_offset, s.payload)
            for p in partitions
            for s in outbox.load(p)
            if s is not None
        },
        {
            (p.topic, p.index): (position.next_offset, position.metadata)
            for p in partitions
            if (position := outbox.committed(p)) is not None
        },
        files,
    )
    outbox.close()
    return found


def _in_sqlite(path: Path) -> tuple[list[bytes], list[tuple[Any, ...]]]:
    database = sqlite3.connect(path)
    alerts = database.execute("SELECT value FROM alert ORDER BY sequence").fetchall()
    dead_letters = database.execute(_LETTER).fetchall()
    database.close()
    return [value.encode() for (value,) in alerts], dead_letters


def _in_files(files: dict[str, bytes]) -> tuple[list[bytes], list[tuple[Any, ...]]]:
    lines = files["dead_letters.jsonl"].splitlines()
    dead_letters = [
        (
            r.partition.topic,
            r.partition.index,
            r.offset,
            dead_letter.code,
            dead_letter.reason,
            r.value,
        )
        for dead_letter in (msgspec.json.decode(line, type=DeadLetter) for line in lines)
        for r in [dead_letter.record]
    ]
    return files["alerts.jsonl"].splitlines(), dead_letters


def differences(wanted: Outcome, found: Outcome) -> list[str]:
    """Say in words where two outcomes differ; nothing, if they are the same byte for byte."""
    told = []
    for name in ("alerts", "dead_letters", "commands"):
        a, b = getattr(wanted, name), getattr(found, name)
        if a != b:
            lost, more = Counter(a) - Counter(b), Counter(b) - Counter(a)
            told.append(f"{name}: {lost.total()} lost, {more.total()} too many, of {len(a)}")
    for name in ("snapshots", "positions", "files"):
        a, b = getattr(wanted, name), getattr(found, name)
        odd = sorted(str(x) for x in {*a, *b} if a.get(x) != b.get(x))
        if odd:
            told.append(f"{name}: {len(odd)} of {len(a)} differ: {', '.join(odd[:9])}")
    return told
