"""Runs the service on a real data set and writes a page with the result."""

import time
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from rich.console import Console
from river.datasets import WaterFlow

from connectors import Fatal
from connectors.errors import map_os_errors
from streamlstm.daemon.config.load import load_config
from streamlstm.daemon.config.model import Config
from streamlstm.daemon.learners.make import make_learner
from streamlstm.daemon.wiring.worker import build
from streamlstm.demo.alerts import Outcome, read_alerts
from streamlstm.demo.page import page
from streamlstm.demo.terminal import DemoProgress, show_files, show_outcome
from streamlstm.demo.trace import DISTURBANCES, Rules, Trace
from streamlstm.stages.clock import load_zone

PAGE, OUTBOX, STATE, MARK = "index.html", "outbox", "streams", "README.txt"
MARKED = "Written by `streamlstm demo`; the next demo in this folder begins by deleting it all.\n"
DATA: Any = cast(Any, WaterFlow)()  # river is typed in parts
LEFT_BEHIND = (
    f"{OUTBOX}/manifest.json",
    f"{OUTBOX}/alerts.jsonl",
    f"{OUTBOX}/dead_letters.jsonl",
    f"{OUTBOX}/controls.jsonl",
    f"{OUTBOX}/snapshots-*.jsonl",
    f"{STATE}/cold-*.sqlite*",
    PAGE,
)
"""Files that a demo writes, except the lock of its outbox, which another process may hold."""


@dataclass(frozen=True)
class Demo:
    """Results of a demo.

    Parameters
    ----------
    outcome
        Alerts and known disturbances.
    trace
        Every event with its forecast and score.
    page, alerts
        Written files.
    """

    outcome: Outcome
    trace: Trace
    page: Path
    alerts: Path


def config_path() -> Path:
    """Return the path of ``demo.yaml``: in the package, or in ``configs/`` of the source tree.

    Examples
    --------
    >>> config_path().name
    'demo.yaml'
    """
    installed = Path(__file__).with_name("demo.yaml")
    return installed if installed.is_file() else Path(__file__).parents[2] / "configs" / "demo.yaml"


def prepare(folder: Path) -> None:
    """Create the folder, and delete the files of an earlier demo in it.

    Raises
    ------
    Fatal
        If it contains files of these names that no demo wrote.
    """
    mark = folder / MARK
    with map_os_errors(str(folder)):
        marked = mark.is_file() and mark.read_text(encoding="utf-8") == MARKED
        for pattern in LEFT_BEHIND:
            for file in sorted(folder.glob(pattern)):
                if not marked:
                    raise Fatal(f"{file} was not written by a demo", "choose another folder: --out")
                file.unlink()
        folder.mkdir(parents=True, exist_ok=True)
        if not marked and mark.exists():
            raise Fatal(f"{mark} was not written by a demo", "choose another folder: --out")
        mark.write_text(MARKED, encoding="utf-8")


def run_demo(
    folder: Path,
    console: Console,
    *,
    open_page: bool = False,
    clock: Callable[[], float] = time.perf_counter,
) -> Demo:
    """Run the service on WaterFlow; print the alerts and write the page.

    Parameters
    ----------
    folder
        Folder for the outbox, the state and the page.
    console
        Console for the output.
    open_page
        Whether to open the page in a browser.
    clock
        Clock that measures the run, in seconds.
    """
    prepare(folder)
    config = _config(folder)
    console.print(
        "[bold]streamlstm demo[/] · hourly water flow through a pipe, spring of 2022: "
        "each hour is forecast, scored, then learnt",
        highlight=False,
    )
    _warm(config, console)
    trace = Trace()
    seconds = _run(config, trace, console, clock)
    alerts = folder / OUTBOX / "alerts.jsonl"
    with alerts.open("rb") as lines:
        alerts_read = read_alerts(lines, DISTURBANCES)
    outcome = Outcome(alerts_read, DISTURBANCES, len(trace.time_s), seconds)
    rules = _rules(config)
    page_path = folder / PAGE
    with map_os_errors(str(page_path)):
        page_path.write_text(page(trace, outcome, rules), encoding="utf-8")
    show_outcome(console, outcome, rules.zone)
    show_files(console, {"page": page_path, "alerts": alerts, "config": config_path()})
    if open_page:
        webbrowser.open(page_path.absolute().as_uri())
    return Demo(outcome, trace, page_path, alerts)


def _config(folder: Path) -> Config:
    environment = {
        "STREAMLSTM_DEMO_DATA": str(DATA.path),
        "STREAMLSTM_DEMO_OUT": str((folder / OUTBOX).absolute()),
        "STREAMLSTM_DEMO_STATE": str((folder / STATE).absolute()),
    }
    return load_config(str(config_path()), environment)


def _rules(config: Config) -> Rules:
    return Rules(
        threshold=make_learner(config).threshold,
        warm_up=config.alerts.warm_up,
        resolve_after=config.alerts.resolve_after,
        zone=load_zone(config.record_schema.time_zone),
    )


def _warm(config: Config, console: Console) -> None:
    """Compile the kernels, so that compilation is not part of the measured time."""
    with console.status("compiling (first run only; the result is cached)"):
        make_learner(config).process([])  # without events, nothing is interpreted meanwhile


def _run(config: Config, trace: Trace, console: Console, clock: Callable[[], float]) -> float:
    telemetry = DemoProgress(console, DATA.n_samples)
    loop, close = build(config, telemetry, observer=trace.observe)
    try:
        start = clock()
        loop.run()
        return clock() - start
    finally:
        close()
