"""The demo goes the way every record goes, finds what is known, and leaves a page that shows it."""

import html.parser
import io
import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from rich.console import Console
from river.datasets import WaterFlow

from connectors import Fatal
from streamlstm.demo.run import MARK, OUTBOX, PAGE, Demo, config_path, run_demo

# Local time of the data, as read off it beforehand; said here again, so that both must agree.
KNOWN = (
    ("2022-03-24T08:00+01:00", "2022-03-25T02:00+01:00"),
    ("2022-03-29T07:00+02:00", "2022-03-29T22:00+02:00"),
    ("2022-04-03T06:00+02:00", "2022-04-03T07:00+02:00"),
    ("2022-04-27T15:00+02:00", "2022-04-28T07:00+02:00"),
)
EVENTS = 1268
OUTSIDE_MAX = 5
VOID = {"meta", "link", "br"}


class Done(NamedTuple):
    demo: Demo
    told: str


class Tags(html.parser.HTMLParser):
    """Notes what is open, and complains where the end of something else comes."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> at {self.getpos()}")


def run(folder: Path, width: int = 80) -> Done:
    told = io.StringIO()
    demo = run_demo(folder, Console(file=told, width=width))
    return Done(demo, told.getvalue())


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Done:
    return run(tmp_path_factory.mktemp("demo") / "new" / "folder")


@pytest.fixture(scope="module")
def page(done: Done) -> str:
    return done.demo.page.read_text(encoding="utf-8")


def messages(demo: Demo) -> list[dict[str, object]]:
    return [json.loads(line) for line in demo.alerts.read_bytes().splitlines()]


def test_all_four_are_found_and_little_else(done: Done) -> None:
    opened = [m["time_s"] for m in messages(done.demo) if m["kind"] == "opened"]
    spans = [[datetime.fromisoformat(t).timestamp() for t in window] for window in KNOWN]
    held = [sum(start <= t <= end for t in opened) for start, end in spans]
    assert all(held)
    assert len(opened) - sum(held) <= OUTSIDE_MAX
    assert done.demo.outcome.found == len(KNOWN)
    assert done.demo.outcome.outside == len(opened) - sum(held)


def test_every_event_is_seen_once(done: Done) -> None:
    flow = [y for _, y in WaterFlow()]
    assert done.demo.trace.observed == flow
    assert done.demo.outcome.events == len(flow) == EVENTS


def test_it_goes_the_way_of_run(done: Done, tmp_path: Path) -> None:
    places = {"DATA": WaterFlow().path, "OUT": tmp_path / "outbox", "STATE": tmp_path / "streams"}
    named = {f"STREAMLSTM_DEMO_{name}": str(place) for name, place in places.items()}
    command = [sys.executable, "-m", "streamlstm.daemon.cli", "run", str(config_path())]
    subprocess.run(command, env=os.environ | named, check=True, capture_output=True, timeout=300)
    written = (tmp_path / "outbox" / "alerts.jsonl").read_bytes()
    assert written == done.demo.alerts.read_bytes()


def test_the_terminal_shows_it_on_eighty_columns(done: Done) -> None:
    lines = [line.rstrip() for line in done.told.splitlines()]
    assert f"{len(KNOWN)} of {len(KNOWN)} known disturbances found" in done.told
    assert f"{EVENTS} events in" in done.told
    assert f"{EVENTS}/{EVENTS}" in done.told
    for alert in done.demo.outcome.alerts:
        (row,) = [line for line in lines if f"{alert.observed:.1f} {alert.expected:.1f} ± " in line]
        assert alert.expert in row
        assert alert.severity in row
    for path in (done.demo.page, done.demo.alerts):
        assert str(path) in done.told


def test_the_page_is_whole_and_needs_nothing(page: str) -> None:
    tags = Tags()
    tags.feed(page)
    assert (tags.faults, tags.open) == ([], [])
    assert tags.seen.count("svg") == 1 + len(KNOWN)
    for word in ("http:", "https:", "src=", "@import", "url(", "$", "nan"):
        assert word not in page, word


def test_the_page_names_every_alert(done: Done, page: str) -> None:
    assert done.demo.outcome.alerts
    for number, alert in enumerate(done.demo.outcome.alerts, 1):
        assert f'<tr id="{alert.alert_id}">' in page
        assert f'class="number mid">{number}</text>' in page


def test_every_demo_starts_fresh(done: Done, tmp_path: Path) -> None:
    first = run(tmp_path)
    (tmp_path / "notes.txt").write_text("mine")
    again = run(tmp_path, width=120)
    assert again.demo.alerts.read_bytes() == done.demo.alerts.read_bytes()
    assert again.demo.trace == first.demo.trace == done.demo.trace
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert "peak" in again.told


@pytest.mark.parametrize("name", [PAGE, f"{OUTBOX}/alerts.jsonl", MARK])
def test_what_no_demo_wrote_is_left_alone(name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("mine")
    with pytest.raises(Fatal, match="not written by a demo"):
        run(tmp_path)
    assert [path.read_text() for path in tmp_path.rglob("*") if path.is_file()] == ["mine"]


def test_the_command_opens_the_page(tmp_path: Path) -> None:
    note = tmp_path / "opened"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > "{note}"\n')
    browser.chmod(0o755)
    command = [sys.executable, "-m", "streamlstm.daemon.cli", "demo", "--open"]
    subprocess.run(
        command,
        cwd=tmp_path,
        env=os.environ | {"BROWSER": f"{browser} %s"},
        check=True,
        capture_output=True,
        timeout=300,
    )
    assert note.read_text() == (tmp_path / "out" / "demo" / PAGE).as_uri()
