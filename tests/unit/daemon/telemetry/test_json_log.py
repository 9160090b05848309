"""JSON log events: each one has the level and the fields of the table."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors import Effects, Partition
from streamlstm.daemon.telemetry.counts import Counts
from streamlstm.daemon.telemetry.events import NullTelemetry
from streamlstm.daemon.telemetry.json_log import JsonLog
from streamlstm.daemon.telemetry.log_events import COUNTS, LOG_EVENTS

PUMPS = Partition("pumps", 3)
DETAILS = {"source": "pumps", "outbox": "sqlite", "config": "a.yaml"}
COUNTED = {PUMPS: Counts(records=3, learnt=2, dead_letters=1)}
EFFECTS = Effects()
OPERATIONS = Path(__file__).parents[4] / "docs" / "operations.md"

WRITTEN: dict[str, tuple[Callable[[JsonLog], None], dict[str, Any]]] = {
    "started": (lambda log: log.started("works", DETAILS), {"app": "works", **DETAILS}),
    "rebalanced": (lambda log: log.rebalanced([PUMPS], []), {"assigned": [3], "revoked": []}),
    "restored": (
        lambda log: log.restored(PUMPS, 5, 7),
        {"topic": "pumps", "partition": 3, "streams": 5, "replay_records": 7},
    ),
    "replaying": (
        lambda log: log.replaying(PUMPS, 7, 0),
        {"topic": "pumps", "partition": 3, "done": 7, "left": 0, "seconds_left": None},
    ),
    "progress": (
        lambda log: log.progress(COUNTED),
        dict.fromkeys(COUNTS, 0) | {"records": 3, "learnt": 2, "dead_letters": 1},
    ),
    "waiting": (lambda log: log.waiting("no broker"), {"reason": "no broker"}),
    "lost": (
        lambda log: log.lost(PUMPS, 10, 14),
        {"topic": "pumps", "partition": 3, "wanted": 10, "begins": 14, "records": 4},
    ),
    "committed": (
        lambda log: log.committed(EFFECTS),
        {"alerts": 0, "dead_letters": 0, "snapshots": 0, "commands": 0},
    ),
    "ended": (
        lambda log: log.ended(COUNTED, stopped=True),
        {"stopped": True}
        | dict.fromkeys(COUNTS, 0)
        | {"records": 3, "learnt": 2, "dead_letters": 1},
    ),
}


class Clock:
    """A clock that advances when asked."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def lines(output: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.getvalue().splitlines()]


@pytest.mark.parametrize("event", LOG_EVENTS)
def test_an_event_has_its_level_and_its_fields(event: str) -> None:
    write, fields = WRITTEN[event]
    output, clock = io.StringIO(), Clock()
    log = JsonLog("debug", output, clock)
    clock.now += 10.0
    write(log)
    (line,) = lines(output)
    assert line.pop("timestamp")
    assert line == {"event": event, "level": LOG_EVENTS[event].level, **fields}
    assert list(fields) == list(LOG_EVENTS[event].fields)


@pytest.mark.parametrize("event", [name for name, entry in LOG_EVENTS.items() if entry.every_s])
def test_a_frequent_event_is_written_every_ten_seconds(event: str) -> None:
    output, clock = io.StringIO(), Clock()
    log = JsonLog("info", output, clock)
    write = WRITTEN[event][0] if event != "replaying" else lambda to: to.replaying(PUMPS, 1, 9)
    for _ in range(41):
        write(log)
        clock.now += 1.0
    at_start = event == "waiting"  # the others have nothing to report at once
    assert len(lines(output)) == 4 + at_start


def test_a_level_hides_the_events_below_it() -> None:
    output, clock = io.StringIO(), Clock()
    log = JsonLog("warning", output, clock)
    clock.now += 10.0
    for write, _ in WRITTEN.values():
        write(log)
    assert [line["event"] for line in lines(output)] == ["waiting", "lost"]


def test_the_table_and_the_telemetry_have_the_same_events() -> None:
    methods = {name for name in vars(NullTelemetry) if not name.startswith("_")}
    assert methods == set(LOG_EVENTS) == set(WRITTEN)


def test_the_operations_manual_names_every_event() -> None:
    page = OPERATIONS.read_text()
    assert [name for name in LOG_EVENTS if f"`{name}`" not in page] == []
