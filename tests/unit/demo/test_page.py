"""The demo's page says what happened, also where it went less well."""

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from streamlstm.demo.alerts import DemoAlert, Outcome
from streamlstm.demo.page import headline, page
from streamlstm.demo.run import config_path
from streamlstm.demo.svg import Panel, Scale
from streamlstm.demo.terminal import alert_table, show_files
from streamlstm.demo.trace import Disturbance, Rules, Trace
from streamlstm.kernels.layout import EXPERTS
from streamlstm.stages.clock import load_zone

HOURS = 150
KNOWN = Disturbance("2022-03-24T08:00+01:00", "2022-03-25T02:00+01:00")
OTHER = Disturbance("2022-03-26T08:00+01:00", "2022-03-26T09:00+01:00")
RULES = Rules(threshold=3.0, warm_up=24, resolve_after=12, zone=load_zone("Europe/Rome"))
ALERT = DemoAlert(
    alert_id="a/t/0/1/<score>",
    opened_s=KNOWN.start_s + 3600.0,
    ended_s=None,
    severity="high",
    observed=50.0,
    expected=100.0,
    low=95.0,
    high=105.0,
    score=5.0,
    peak=6.0,
    expert="lstm",
    share=0.5,
    disturbance=KNOWN,
)
STRAY = replace(ALERT, opened_s=KNOWN.start_s - 7200.0, disturbance=None, ended_s=KNOWN.start_s)


@pytest.fixture
def trace() -> Trace:
    start = KNOWN.start_s - 72 * 3600.0
    hours = range(HOURS)
    share = [1.0 / len(EXPERTS)] * len(EXPERTS)
    return Trace(
        time_s=[start + 3600.0 * n for n in hours],
        observed=[100.0 + n % 24 for n in hours],
        forecast=[0.0, *(100.0 for _ in hours[1:])],
        half_width=[5.0 for _ in hours],
        score=[0.1 * (n % 40) for n in hours],
        weights=[share for _ in hours],
    )


def outcome(*alerts: DemoAlert, known: tuple[Disturbance, ...] = (KNOWN, OTHER)) -> Outcome:
    return Outcome(alerts, known, events=HOURS, seconds=0.01)


@pytest.mark.parametrize(
    ("alerts", "known", "said"),
    [
        ((ALERT,), (KNOWN,), "It found all 1 disturbances, without a false alarm."),
        ((ALERT,), (KNOWN, OTHER), "It found 1 of 2 known disturbances, without a false alarm."),
        ((STRAY,), (KNOWN,), "It found 0 of 1 known disturbances, with 1 alert outside them."),
        (
            (STRAY, ALERT, STRAY),
            (KNOWN,),
            "It found all 1 disturbances, with 2 alerts outside them.",
        ),
    ],
)
def test_the_headline_is_honest(
    alerts: tuple[DemoAlert, ...], known: tuple[Disturbance, ...], said: str
) -> None:
    assert headline(outcome(*alerts, known=known)) == said


def test_what_was_missed_is_said(trace: Trace) -> None:
    drawn = page(trace, outcome(ALERT, STRAY), RULES)
    assert "Alert 1 hour after it began: 50.0 l/s measured, 95.0–105.0 expected." in drawn
    assert "<b>26 March</b> No alert opened." in drawn
    assert "still open" in drawn
    assert "<td>none</td>" in drawn
    assert '<tr id="a/t/0/1/&lt;score&gt;">' in drawn
    assert "1 of 2" in drawn


def test_the_table_marks_what_is_outside() -> None:
    console = Console(width=120)
    with console.capture() as told:
        console.print(alert_table(outcome(ALERT, STRAY), RULES.zone, wide=True))
    within, outside = told.get().splitlines()[-2:]
    assert within.split()[2:4] == ["still", "open"]
    assert within.rstrip().endswith("lstm 50%   24 March")
    assert outside.rstrip().endswith("none")


def test_paths_below_us_are_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    console = Console(width=120)
    with console.capture() as told:
        show_files(console, {"page": tmp_path / "a.html", "alerts": tmp_path.parent / "b"})
    first, second, *_ = told.get().splitlines()
    assert first == "page    a.html"
    assert second == f"alerts  {tmp_path.parent / 'b'}"


def test_no_line_crosses_a_hole() -> None:
    hours = [0.0, 1.0, 4.0, 5.0]
    panel = Panel(Scale((0.0, 36_000.0), (0.0, 10.0)), Scale((0.0, 1.0), (1.0, 0.0)))
    drawn = panel.curve([3600.0 * hour for hour in hours], [0.0] * 4, "flow")
    assert drawn == '<path d="M0.0 1.0L1.0 1.0M4.0 1.0L5.0 1.0" class="flow"/>'


def test_a_short_stretch_is_still_seen() -> None:
    panel = Panel(Scale((0.0, 100.0), (0.0, 100.0)), Scale((0.0, 1.0), (1.0, 0.0)))
    assert 'x="48.5" y="0.0" width="4.0"' in panel.shade(50.0, 51.0, "known")
    assert 'x="50.0" y="0.0" width="9.0"' in panel.shade(50.0, 59.0, "known")


def test_the_wheel_carries_the_configuration() -> None:
    root = Path(__file__).parents[3]
    wheel = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["hatch"]["build"][
        "targets"
    ]["wheel"]
    assert wheel["force-include"] == {"configs/demo.yaml": "streamlstm/demo/demo.yaml"}
    assert config_path() == root / "configs" / "demo.yaml"
