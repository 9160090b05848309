"""Journals to order: records of many streams, operator commands in between, a configuration."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from streamlstm.daemon.config.load import load_config
from streamlstm.daemon.config.model import Config
from tests.support.streams import seeded as streams

STREAMS = 30
BURST_RECORDS = 150
HOSTILE = (
    b"{",
    b'{"pump": "pump-1", "time": 60}',
    b'{"pump": "pump-1", "time": 60, "flow": 1e308}',
    b'{"pump": 1.5, "time": 60, "flow": 3.5}',
    b'{"pump": "pump-1", "time": "noon", "flow": 3.5}',
    b"\xff\xfe\x00",
    b"[1, 2, 3]",
)
BAD_CONTROL = '{"verb": "mute", "stream": "pump-1"}'  # for how many events?


def odd_stream(n: int) -> int:
    """Say which stream is disturbed around record ``n``."""
    return n // BURST_RECORDS * 7 % STREAMS


def records(seed: int, count: int) -> Iterator[bytes]:
    """Draw records of `STREAMS` streams; one is disturbed at a time, some are bad, some blank.

    The last stream comes only in the second half. Time steps back now and then.
    """
    noise, load = streams.normal(seed, count), streams.uniform(seed + 1, count)
    which = streams.integers(seed + 2, STREAMS, count)
    for n, drawn in enumerate(which.tolist()):
        if n % 97 == 96:
            yield HOSTILE[n // 97 % len(HOSTILE)]
            continue
        if n % 211 == 210:
            yield b"  "
            continue
        pump = 0 if drawn == STREAMS - 1 and n < count // 2 else drawn
        odd = pump in {odd_stream(n), odd_stream(max(0, n - BURST_RECORDS))}
        flow = 50 + pump + 3 * (n // 90 % 5) + 0.3 * noise[n] + 40 * odd
        event = {"pump": f"pump-{pump}", "time": 60 * n - 7200 * (n % 500 == 499)}
        event |= {"load": None if n % 13 == 0 else round(load[n], 4), "flow": round(flow, 4)}
        yield json.dumps(event).encode()


def commands(count: int) -> Iterator[str]:
    """Say something to every stream that is disturbed: all verbs, once its alert is open.

    Half fall on round offsets, where commits end; some share the place of the one before.
    """
    yield json.dumps({"verb": "mute", "stream": f"pump-{STREAMS - 1}", "events": 3})
    yield json.dumps({"verb": "reset", "stream": "pump-nobody", "at_offset": 100})
    verbs = ("acknowledge", "expected", "reset", "mute", "acknowledge", "forget")
    for n, at in enumerate(range(BURST_RECORDS // 2, count, BURST_RECORDS)):
        stream = f"pump-{odd_stream(at)}"
        said: dict[str, Any] = {"verb": verbs[n % len(verbs)], "stream": stream}
        if said["verb"] in {"expected", "mute"}:
            said["events"] = 1 + n % 7
        said["at_offset"] = at if n % 2 else at + -at % 100
        if n % 11 == 10:
            said["partition"] = 1
        yield json.dumps(said)
        if n % 5 == 4:
            yield json.dumps({"verb": "expected", "stream": "pump-3", "events": 2})
        if n == 9:
            yield BAD_CONTROL


def configured(folder: Path, **changed: Any) -> dict[str, Any]:
    """Write what every test here says in its configuration; ``changed`` sections win."""
    outbox = changed.pop("outbox", "sqlite")
    place = {"sqlite": "alerts.sqlite", "jsonl": "alerts"}[outbox]
    sections: dict[str, Any] = {
        "version": 1,
        "app": "works",
        "source": {
            "kind": "jsonl",
            "path": [str(folder / "first.jsonl"), str(folder / "second.jsonl")],
            "topic": "pumps",
        },
        "schema": {
            "key": "pump",
            "time": "time",
            "time_format": "epoch_s",
            "features": ["load"],
            "target": "flow",
        },
        "model": {"kind": "lstm", "hidden_size": 4, "window": 8, "update_every": 2},
        "alerts": {"false_alarm_rate": 0.01, "warm_up": 12, "cooldown": 6, "resolve_after": 4},
        "outbox": {"kind": outbox, "path": place},
        "state": {"path": "cold", "snapshot_every": 40, "replay_records_max": 1000},
        "commands": {"path": str(folder / "commands.jsonl")},
        "batch": {"records_max": 100, "poll_timeout_ms": 0},
        "log": {"format": "json"},
    }
    for name, section in changed.items():
        sections[name] = sections.get(name, {}) | section
    return sections


def write_journal(folder: Path, count: int, seed: int = 0) -> None:
    """Write two files of records, two thirds and one third of ``count``, and the control file."""
    first = 2 * count // 3
    for name, n, chance in (("first", first, seed), ("second", count - first, seed + 100)):
        (folder / f"{name}.jsonl").write_bytes(b"".join(x + b"\n" for x in records(chance, n)))
    (folder / "commands.jsonl").write_text("".join(x + "\n" for x in commands(first)))


def write_config(place: Path, sections: dict[str, Any]) -> Path:
    """Write a configuration into the folder ``place``, which is made; JSON is YAML."""
    place.mkdir(parents=True, exist_ok=True)
    path = place / "config.yaml"
    path.write_text(json.dumps(sections, indent=1))
    return path


def config(journal: Path, place: Path, **changed: Any) -> Config:
    """Configure a run over the journal in one folder that leaves its effects in another."""
    return load_config(str(write_config(place, configured(journal, **changed))), {})
