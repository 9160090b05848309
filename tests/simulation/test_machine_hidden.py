"""What the machine decides, batches, snapshots, memory, cannot be seen in the result."""

from typing import Any

import pytest

from streamlstm.daemon.learners.make import make_learner
from tests.support.outcomes.lives import live
from tests.support.outcomes.outcome import differences, outcome

Works = Any


@pytest.mark.parametrize(
    ("kind", "records_max"),
    [("sqlite", 1), ("sqlite", 7), ("sqlite", 1000), ("jsonl", 7), ("jsonl", 1000)],
)
def test_batches(works: Works, kind: str, records_max: int) -> None:
    config = works.config(outbox=kind, batch={"records_max": records_max})
    live(config)
    assert not differences(works.smooth(kind), outcome(config))


@pytest.mark.parametrize("snapshot_every", [1, 10**9])
@pytest.mark.parametrize("replay_records_max", [100, 10**9])
def test_snapshots(works: Works, snapshot_every: int, replay_records_max: int) -> None:
    state = {"snapshot_every": snapshot_every, "replay_records_max": replay_records_max}
    config = works.config(outbox="jsonl", state=state)
    live(config)
    assert not differences(works.smooth("jsonl"), outcome(config))


@pytest.mark.parametrize("records_max", [7, 100])
def test_streams_that_do_not_fit_in_memory(works: Works, records_max: int) -> None:
    config = works.config(
        model={"window": 128}, state={"memory_max_mib": 1}, batch={"records_max": records_max}
    )
    assert make_learner(config).streams_max <= 20  # of the 30 of each file
    assert make_learner(works.config(model={"window": 128})).streams_max > 30
    live(config)
    assert not differences(works.smooth("sqlite", window=128), outcome(config))


def test_another_seed_is_noticed(works: Works) -> None:
    """The comparison is sharp enough to see what a seed changes."""
    config = works.config(model={"seed": 1})
    live(config)
    told = differences(works.smooth("sqlite"), outcome(config))
    assert [line.split(":")[0] for line in told][-2:] == ["snapshots", "positions"]
