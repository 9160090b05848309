"""A detector of river's behind the same port: the same journal, the same promise."""

import json
from pathlib import Path
from typing import Any

import pytest

from connectors.effects import Step
from streamlstm.daemon.config.errors import ConfigError
from streamlstm.daemon.config.load import load_config
from streamlstm.daemon.config.model import Config
from streamlstm.daemon.learners.make import make_learner
from tests.support.outcomes.lives import EveryStep, live, live_on
from tests.support.outcomes.outcome import Outcome, outcome
from tests.support.streams import journals

RECORDS = 900
MODEL = {
    "kind": "river",
    "class": "river.anomaly.HalfSpaceTrees",
    "parameters": {"n_trees": 5, "height": 6, "window_size": 10, "seed": 1},
    "threshold": 0.9,
    "allow_pickle": True,
}


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("river")
    journals.write_journal(folder, RECORDS)
    return folder


def sections(journal: Path, model: dict[str, Any], **changed: Any) -> dict[str, Any]:
    return journals.configured(journal, **changed) | {"model": model}


def config(journal: Path, name: str, outbox: str = "sqlite", memory_max_mib: int = 256) -> Config:
    state = {"memory_max_mib": memory_max_mib}
    written = sections(journal, MODEL, outbox=outbox, state=state)
    return load_config(str(journals.write_config(journal / name, written)), {})


def promised(found: Outcome) -> tuple[Any, ...]:
    """Leave out what pickles may write in more than one way."""
    held = {stream: next_offset for stream, (next_offset, _) in found.snapshots.items()}
    return found.alerts, found.dead_letters, found.commands, held, found.positions


@pytest.mark.parametrize("kind", ["sqlite", "jsonl"])
def test_crashes_leave_the_same_alerts(journal: Path, kind: str) -> None:
    smooth, rough = (config(journal, f"{name}-{kind}", kind) for name in ("smooth", "rough"))
    live(smooth)
    assert live_on(rough, EveryStep(7)) >= len(Step)
    wanted = outcome(smooth)
    assert promised(outcome(rough)) == promised(wanted)
    alerts = [json.loads(alert) for alert in wanted.alerts]
    assert {alert["kind"] for alert in alerts} == {"opened", "closed"}


def test_a_stream_that_returns_scores_as_if_it_had_stayed(journal: Path) -> None:
    roomy, narrow = config(journal, "roomy"), config(journal, "narrow", memory_max_mib=1)
    assert make_learner(narrow).streams_max == 16  # of 30
    live(roomy)
    live(narrow)
    assert promised(outcome(narrow)) == promised(outcome(roomy))


@pytest.mark.parametrize("said", [{"allow_pickle": False}, {}], ids=["no", "nothing"])
def test_pickle_must_be_allowed(journal: Path, said: dict[str, bool]) -> None:
    model = {name: value for name, value in MODEL.items() if name != "allow_pickle"} | said
    path = journals.write_config(journal / "refused", sections(journal, model))
    with pytest.raises(ConfigError, match="allow_pickle"):
        load_config(str(path), {})
    assert not (journal / "refused" / "alerts.sqlite").exists()
