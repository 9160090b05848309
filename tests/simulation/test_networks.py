"""Every configurable network survives a crash: the alerts are those of an uninterrupted run."""

from pathlib import Path
from typing import Any

import pytest

from connectors.effects import Step
from streamlstm.daemon.learners.make import make_learner
from streamlstm.kernels.cells import CELLS
from streamlstm.kernels.functions.readout import LOSSES
from streamlstm.kernels.network.optimizer import OPTIMIZERS
from tests.support.faults.crashes import Crash, fail_at
from tests.support.outcomes.lives import live
from tests.support.outcomes.outcome import Outcome, differences, outcome
from tests.support.streams import journals

CRASH_AT_COMMIT = 3
MODELS: list[dict[str, Any]] = [
    *({"cell": cell} for cell in CELLS if cell != "lstm"),
    {"layers": 2},
    *({"optimizer": name} for name in OPTIMIZERS if name != "adam"),
    *({"loss": name} for name in LOSSES if name != "huber"),
    {"learning_rate_decay": 0.01},
    {"loss_decay": 0.5},
    {"clip_norm": 0.01},
    {"drift_detector": "page_hinkley", "drift_threshold": 0.5},
]


def _run(folder: Path, name: str, model: dict[str, Any], *, crash: bool = False) -> Outcome:
    state = {"memory_max_mib": 1, "snapshot_every": 40}
    config = journals.config(folder, folder / name, model=model, state=state)
    if crash:
        with pytest.raises(Crash):
            live(config, fail_at(Step.COMMIT, commit=CRASH_AT_COMMIT))
    live(config)
    return outcome(config)


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_a_restarted_worker_gives_the_same_result(tmp_path: Path, model: dict[str, Any]) -> None:
    journals.write_journal(tmp_path, 900)
    whole = _run(tmp_path, "whole", model)
    assert whole.alerts
    assert not differences(whole, _run(tmp_path, "restarted", model, crash=True))
    default = _run(tmp_path, "default", {})
    assert whole.snapshots != default.snapshots


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_an_option_is_part_of_the_description_of_the_state(
    tmp_path: Path, model: dict[str, Any]
) -> None:
    made = {
        name: make_learner(journals.config(tmp_path, tmp_path / name, model=changed)).description()
        for name, changed in (("default", {}), ("changed", model))
    }
    assert made["changed"] == made["default"] | model
