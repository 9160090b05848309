"""The negative control: a build that commits in the wrong order does not pass the comparison."""

from typing import Any

import pytest

from streamlstm.daemon.wiring import worker as wiring
from tests.support.faults.wrong_outboxes import FIRST, in_wrong_order
from tests.support.outcomes.lives import EveryStep, live, live_on
from tests.support.outcomes.outcome import differences, outcome

SHOWS = {
    "positions first": "alerts: ",
    "alerts first": "alerts: 0 lost",
    "dead letters first": "dead_letters: 0 lost",
    "snapshots first": "alerts: ",
    "commands first": "commands: 0 lost",
    "snapshots last": "snapshots: ",
}
Works = Any


@pytest.mark.parametrize(
    ("kind", "order"),
    [
        *(("sqlite", order) for order in FIRST),
        ("jsonl", "alerts first"),
        ("jsonl", "snapshots last"),
    ],
)
def test_crashes_bring_a_wrong_order_to_light(
    works: Works, kind: str, order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    often = {"snapshot_every": 5}  # so that every commit holds snapshots
    smooth, config = works.smooth(kind), works.config(outbox=kind, state=often)
    monkeypatch.setattr(wiring, "make_outbox", in_wrong_order(order))
    live_on(config, EveryStep(5))
    told = differences(smooth, outcome(config))
    assert any(line.startswith(SHOWS[order]) for line in told), told


@pytest.mark.parametrize("order", FIRST)
def test_without_a_crash_no_order_shows(
    works: Works, order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    smooth, config = works.smooth("sqlite"), works.config()
    monkeypatch.setattr(wiring, "make_outbox", in_wrong_order(order))
    live(config)
    assert not differences(smooth, outcome(config))
