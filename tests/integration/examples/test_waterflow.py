"""The demo: runs on the first events, draws its picture, and counts what it shows rightly."""

import importlib.util
import math
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType

import numba
import pytest
from click.testing import CliRunner

from streamlstm import LSTMRegressor

EVENTS = 20 if numba.config.DISABLE_JIT else 200


@pytest.fixture(scope="module")
def waterflow() -> ModuleType:
    path = Path(__file__).parents[3] / "examples" / "waterflow.py"
    spec = importlib.util.spec_from_file_location("waterflow", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def make_run(waterflow: ModuleType, flow: list[float], forecast: list[float]) -> object:
    start = datetime(2022, 3, 20, 11)  # noqa: DTZ001 - any hour will do
    times = [start + timedelta(hours=n) for n in range(len(flow))]
    weights = [LSTMRegressor().expert_weights] * len(flow)
    return waterflow.Run(times, flow, forecast, weights)


def test_it_ends_with_a_table_and_a_picture(waterflow: ModuleType, tmp_path: Path) -> None:
    out = tmp_path / "new" / "folder"
    arguments = ["--events", str(EVENTS), "--out", str(out)]
    result = CliRunner().invoke(waterflow.main, arguments, catch_exceptions=False)
    picture = out / "waterflow.png"
    assert result.exit_code == 0
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size > 20_000
    assert f"{EVENTS}/{EVENTS}" in result.output
    assert "picture: " in result.output
    for word in ("LSTMRegressor", "persistence", "ratio", "lstm", "seasonal"):
        assert word in result.output


def test_it_forecasts_before_it_learns(waterflow: ModuleType) -> None:
    run = waterflow.learn(EVENTS, waterflow.Console(quiet=True))
    assert len(run.times) == len(run.flow) == len(run.weights) == EVENTS
    assert run.forecast[:2] == [0.0, run.flow[0]]


def test_errors_count_from_the_second_event(waterflow: ModuleType) -> None:
    run = make_run(waterflow, [10.0, 12.0, 11.0], [0.0, 11.5, 13.0])
    assert run.errors() == [0.5, 2.0]
    assert run.persistence_errors() == [2.0, 1.0]
    assert waterflow.recent_ratio(run) == [0.25, 2.5 / 3.0]


def test_recent_is_recent(waterflow: ModuleType) -> None:
    hours = waterflow.RECENT + 50
    flow = [float(n) for n in range(hours)]
    run = make_run(waterflow, flow, [0.0] * 30 + flow[30:])
    ratio = waterflow.recent_ratio(run)
    assert ratio[20] > 1.0
    assert ratio[-1] == 0.0


def test_no_change_gives_no_ratio(waterflow: ModuleType) -> None:
    run = make_run(waterflow, [5.0] * 3, [0.0, 5.0, 5.0])
    assert all(map(math.isnan, waterflow.recent_ratio(run)))


def test_drops_of_several_hours_are_found(waterflow: ModuleType) -> None:
    run = make_run(waterflow, [9.0, 1.0, 9.0, 1.0, 2.0, 1.0, 9.0, 0.0, 0.0], [9.0] * 9)
    assert waterflow.drops(run, 5.0) == [(3, 5), (7, 8)]


def test_lines_do_not_cross_missing_hours(waterflow: ModuleType) -> None:
    start = datetime(2022, 3, 20, 11)  # noqa: DTZ001
    times = [start + timedelta(hours=hour) for hour in (0, 1, 4, 5)]
    found = waterflow.with_gaps(times, [1.0, 2.0, 3.0, 4.0])
    assert [math.isnan(value) for value in found] == [False, False, True, False]


def test_the_picture_knows_every_expert(waterflow: ModuleType) -> None:
    assert set(waterflow.EXPERTS) == set(LSTMRegressor().expert_weights)
