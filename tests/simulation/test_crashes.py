"""A worker that crashes at every step of a commit in turn leaves what one without crash leaves."""

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.effects import Step
from streamlstm.daemon.config.model import Config
from streamlstm.daemon.telemetry.events import NullTelemetry
from streamlstm.daemon.wiring.worker import build
from tests.support.outcomes.lives import EveryStep, Scheduled, live, live_on
from tests.support.outcomes.outcome import differences, outcome

KINDS = ("sqlite", "jsonl")
Works = Any


@pytest.mark.parametrize("kind", KINDS)
def test_the_journal_holds_all_that_can_happen(works: Works, kind: str) -> None:
    smooth = works.smooth(kind)
    alerts = [json.loads(alert) for alert in smooth.alerts]
    reasons = Counter(alert.get("reason") for alert in alerts if alert["kind"] == "closed")
    assert set(reasons) == {"resolved", "acknowledged", "reset", "forgotten"}
    assert len({alert["id"] for alert in alerts}) == len(alerts) >= 20
    assert {code for _, _, _, code, *_ in smooth.dead_letters} > {
        "bad_command",
        "not_json",
        "bad_key",
    }
    verbs = Counter(json.loads(payload)["control"]["verb"] for *_, payload in smooth.commands)
    assert set(verbs) == {"expected", "mute", "acknowledge", "reset", "forget"}
    assert any(effective % 100 == 0 for _, _, effective, _ in smooth.commands)
    assert len(smooth.snapshots) == 60


def test_both_outboxes_hold_the_same(works: Works) -> None:
    in_file, in_lines = works.smooth("sqlite"), works.smooth("jsonl")
    assert not differences(in_file, in_lines._replace(files={}))


@pytest.mark.parametrize("kind", KINDS)
def test_a_crash_at_every_step_of_every_fifth_commit(large_works: Works, kind: str) -> None:
    config = large_works.config(outbox=kind)
    assert live_on(config, EveryStep(5)) >= 8 * len(Step)
    assert not differences(large_works.smooth(kind), outcome(config))


@pytest.mark.parametrize(
    ("kind", "every", "changed"),
    [
        ("sqlite", 800, {"batch": {"records_max": 1}, "state": {"replay_records_max": 100}}),
        ("jsonl", 67, {"batch": {"records_max": 7}}),
        ("sqlite", 2, {"batch": {"records_max": 1000}}),
        ("jsonl", 4, {"state": {"snapshot_every": 1}}),
        ("sqlite", 5, {"state": {"snapshot_every": 10**9, "replay_records_max": 10**9}}),
        ("jsonl", 4, {"state": {"replay_records_max": 100}}),
    ],
    ids=["batch 1", "batch 7", "batch 1000", "snapshot each", "snapshot never", "replay little"],
)
def test_whatever_the_machine_decides(
    works: Works, kind: str, every: int, changed: dict[str, Any]
) -> None:
    config = works.config(outbox=kind, **changed)
    assert live_on(config, EveryStep(every)) >= len(Step)
    assert not differences(works.smooth(kind), outcome(config))


def test_streams_that_come_and_go(works: Works) -> None:
    config = works.config(model={"window": 128}, state={"memory_max_mib": 1})
    assert live_on(config, EveryStep(6)) >= len(Step)
    assert not differences(works.smooth("sqlite", window=128), outcome(config))


@pytest.mark.parametrize("kind", KINDS)
def test_stopped_after_every_seventh_commit(works: Works, kind: str) -> None:
    config = works.config(outbox=kind)
    stops = 0
    while stopped(config, commits=7):
        stops += 1
    assert stops >= 3
    assert not differences(works.smooth(kind), outcome(config))


def stopped(config: Config, commits: int) -> bool:
    """Ask a worker to stop after so many commits; say whether it had not ended before."""
    made = 0

    def stop(done: Step) -> None:
        nonlocal made
        made += done is Step.COMMIT
        if made == commits:
            loop.stop()

    loop, close = build(config, NullTelemetry(), crash_point=stop)
    loop.run()
    close()
    return made >= commits


@pytest.mark.parametrize("kind", KINDS)
def test_a_worker_started_again_at_the_end_changes_nothing(works: Works, kind: str) -> None:
    config = works.config(outbox=kind)
    live(config)
    counts = live(config)
    assert counts.records == counts.alerts == counts.commands == 0
    assert not differences(works.smooth(kind), outcome(config))


@pytest.mark.parametrize("kind", KINDS)
def test_any_crashes(works: Works, kind: str) -> None:
    batches, every = st.sampled_from([10, 99, 400]), st.sampled_from([1, 5, 1000])
    deaths = st.lists(st.tuples(st.integers(1, 30), st.sampled_from(Step)), max_size=6)

    @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
    @given(deaths=deaths, batch=batches, snapshot_every=every)
    def holds(deaths: list[tuple[int, Step]], batch: int, snapshot_every: int) -> None:
        config = works.config(
            outbox=kind,
            batch={"records_max": batch},
            state={"snapshot_every": snapshot_every, "replay_records_max": 500},
        )
        live_on(config, Scheduled(deaths))
        assert not differences(works.smooth(kind), outcome(config))

    holds()
