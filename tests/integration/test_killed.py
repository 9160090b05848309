"""A real process, killed again and again, leaves what one leaves that nothing disturbs.

The full form, ``STREAMLSTM_LONG=1 make test``, prints its figures with ``pytest -s``.
"""

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

from connectors.effects import Step
from streamlstm.daemon.config.load import load_config
from streamlstm.daemon.config.model import Config
from tests.support.faults.processes import command, committed, kill_after
from tests.support.outcomes.outcome import Outcome, differences, outcome
from tests.support.streams import journals

KINDS = ("sqlite", "jsonl")
LONG = bool(os.environ.get("STREAMLSTM_LONG"))


class Size(NamedTuple):
    """How large a journal, how many kills from outside, and what a life may have to replay."""

    records: int
    kills: int
    spare: int  # a worker may be faster than the one who would kill it
    replay: int


SHORT, FULL = Size(20_000, 2, 1, 1000), Size(120_000, 40, 5, 4000)


class Report(NamedTuple):
    """What became of one outbox."""

    places: list[int]  # records committed when a kill from outside struck, after a snapshot
    steps: list[int]  # exit codes of the lives that were killed at a step
    wanted: Outcome
    found: Outcome
    seconds: float

    def __str__(self) -> str:
        wanted, found = Counter(self.wanted.alerts), Counter(self.found.alerts)
        odd = sum(
            found != self.found.snapshots.get(k) for k, found in self.wanted.snapshots.items()
        )
        return (
            f"{len(self.places)} kills at {len(set(self.places))} places and {len(self.steps)} at "
            f"steps, {len(self.wanted.alerts)} alerts, {(wanted - found).total()} lost, "
            f"{(found - wanted).total()} doubled, {len(self.wanted.snapshots)} streams, "
            f"{odd} mismatched, {self.seconds:.0f} s"
        )


def configured(journal: Path, name: str, kind: str, size: Size) -> tuple[str, Config]:
    sections = journals.configured(
        journal,
        outbox=kind,
        model={"update_every": 4},
        state={"snapshot_every": 50, "replay_records_max": size.replay},
        batch={"records_max": 200},
    )
    path = str(journals.write_config(journal / name, sections))
    return path, load_config(path, {})


def run_to_the_end(path: str, config: Config, faults: str = "") -> Outcome:
    ended = command("run", path, faults=faults)
    assert ended.code == 0, ended.err
    return outcome(config)


def hunted(journal: Path, size: Size, kind: str) -> Report:
    """Kill workers one after the other until the journal has come to its end."""
    began = time.monotonic()
    wanted = run_to_the_end(*configured(journal, f"smooth-{kind}", kind, size))
    path, config = configured(journal, f"killed-{kind}", kind, size)
    outbox, chance = Path(config.outbox.path), random.Random(size.kills)
    places, steps, kills = [], [], size.kills + size.spare
    for number in range(kills):
        target = size.records // 20 + number * size.records * 9 // (kills * 10)
        code = kill_after(path, outbox, target, chance)
        seen = committed(outbox)
        if code == -signal.SIGKILL and seen.snapshots and seen.records < size.records:
            places.append(seen.records)
        for step in list(Step)[number::kills]:
            kill = f"kill={step.value}.{1 + number % 3}"
            steps.append(command("run", path, faults=kill).code)
    found = run_to_the_end(path, config)
    return Report(places, steps, wanted, found, time.monotonic() - began)


def hunt(folder: Path, size: Size) -> dict[str, Report]:
    """Do so for each outbox, side by side."""
    journals.write_journal(folder, size.records)
    with ThreadPoolExecutor() as threads:
        return dict(zip(KINDS, threads.map(partial(hunted, folder, size), KINDS), strict=True))


def holds(report: Report, size: Size) -> None:
    assert len(set(report.places)) >= size.kills, report
    assert report.steps == [-signal.SIGKILL] * len(Step), report
    assert not differences(report.wanted, report.found), report
    reasons = {json.loads(alert).get("reason") for alert in report.wanted.alerts}
    assert reasons >= {"resolved", "acknowledged", "reset", "forgotten"}


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Report]]:
    folder = tmp_path_factory.mktemp("short")
    return folder, hunt(folder, SHORT)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_killed_at_every_step_and_at_any_time(
    short: tuple[Path, dict[str, Report]], kind: str
) -> None:
    holds(short[1][kind], SHORT)


@pytest.mark.slow
@pytest.mark.parametrize("order", ["positions first", "snapshots first"])
def test_a_wrong_order_does_not_pass(short: tuple[Path, dict[str, Report]], order: str) -> None:
    """The negative control: the same kills, the same comparison."""
    folder, reports = short
    path, config = configured(folder, order.replace(" ", "-"), "sqlite", SHORT)
    faults = f"order={order},kill={Step.COMMANDS.value}.25"
    assert command("run", path, faults=faults).code == -signal.SIGKILL
    assert differences(reports["sqlite"].wanted, run_to_the_end(path, config, f"order={order}"))


@pytest.mark.slow
@pytest.mark.skipif(not LONG, reason="takes three minutes: set STREAMLSTM_LONG=1 to run it")
def test_killed_forty_times(tmp_path: Path) -> None:
    for kind, report in hunt(tmp_path, FULL).items():
        sys.stdout.write(f"\n{kind}: {FULL.records} records, {report}\n")
        holds(report, FULL)
