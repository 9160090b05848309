"""The example of inspection: the gradient of an LSTM reaches the cue; that of an RNN vanishes."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import numba
import pytest
from click.testing import CliRunner

from streamlstm.inspection import gates, reach

LAG = 20


@pytest.fixture(scope="module")
def inside() -> ModuleType:
    path = Path(__file__).parents[3] / "examples" / "inspection.py"
    spec = importlib.util.spec_from_file_location("inspection", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def learnt(inside: ModuleType) -> tuple[dict[str, Any], dict[str, float]]:
    if numba.config.DISABLE_JIT:
        pytest.skip("learning for so long wants compiled kernels")
    return inside.learn(LAG, 1000, inside.Console(quiet=True))


def test_it_ends_with_a_table_and_a_picture(inside: ModuleType, tmp_path: Path) -> None:
    arguments = ["--lag", "3", "--trials", "4", "--out", str(tmp_path / "new")]
    result = CliRunner().invoke(inside.main, arguments, catch_exceptions=False)
    picture = tmp_path / "new" / "inspection.png"
    assert result.exit_code == 0
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size > 20_000
    for word in ("LSTM", "GRU", "RNN", "gradient at the cue", "picture: "):
        assert word in result.output


def test_a_cue_is_asked_for_after_the_lag(inside: ModuleType) -> None:
    events = list(inside.cues(lag=3, trials=2))
    assert [x["ask"] for x, _ in events] == [0.0, 0.0, 0.0, 1.0] * 2
    for trial in (events[:4], events[4:]):
        assert [y for _, y in trial] == [0.0, 0.0, 0.0, trial[0][0]["cue"]]
        assert abs(trial[0][0]["cue"]) == 1.0


def test_the_lstm_remembers_and_its_gates_stay_open(learnt: Any) -> None:
    models, recalled = learnt
    assert recalled["LSTM"] > 0.9
    assert gates(models["LSTM"])["forget"].mean(axis=0).max() > 0.85


def test_the_gradient_of_the_rnn_vanishes_before_the_lstms(learnt: Any) -> None:
    models, _ = learnt
    lstm, rnn = reach(models["LSTM"]), reach(models["RNN"])
    cue = LAG - 1
    assert lstm[cue] > 1e-4
    assert rnn[cue] < 1e-5
    # From the middle of the lag back to the cue, the LSTM loses some and the RNN nearly all.
    assert lstm[cue] / lstm[LAG // 2] > 100 * rnn[cue] / rnn[LAG // 2]
