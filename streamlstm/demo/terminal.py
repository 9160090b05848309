"""The demo's terminal output: a progress bar, a table of alerts, and the files written."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from pathlib import Path

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from connectors import Partition
from streamlstm.daemon.telemetry.counts import Counts
from streamlstm.daemon.telemetry.events import NullTelemetry, total
from streamlstm.demo.alerts import DemoAlert, Outcome

WIDE = 100
SEVERITY_STYLES = {"low": "yellow", "medium": "dark_orange", "high": "red", "critical": "bold red"}


class DemoProgress(NullTelemetry):
    """Telemetry as a progress bar.

    Parameters
    ----------
    console
        Console for the bar.
    events
        Number of events in the data set.
    """

    def __init__(self, console: Console, events: int) -> None:
        self._bar = Progress(
            TextColumn("processing"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("alert messages: {task.fields[alerts]}"),
            console=console,
        )
        self._line = self._bar.add_task("", total=events, alerts=0)

    def restored(self, partition: Partition, streams: int, replay: int) -> None:
        """Start the bar."""
        self._bar.start()

    def progress(self, counts: Mapping[Partition, Counts]) -> None:
        """Update the bar."""
        now = total(counts)
        self._bar.update(self._line, completed=now.records, alerts=now.alerts)

    def ended(self, counts: Mapping[Partition, Counts], *, stopped: bool) -> None:
        """Stop the bar."""
        self._bar.stop()


def local(time_s: float | None, zone: tzinfo, form: str = "%m-%d %H:%M") -> str:
    """Format a time in a time zone.

    Examples
    --------
    >>> from streamlstm.stages.clock import load_zone
    >>> local(1648105200.0, load_zone("Europe/Rome")), local(None, load_zone("UTC"))
    ('03-24 08:00', 'still open')
    """
    return "still open" if time_s is None else datetime.fromtimestamp(time_s, zone).strftime(form)


def alert_table(outcome: Outcome, zone: tzinfo, *, wide: bool) -> Table:
    """Make the table of alerts; a wide one has the peak score and the weight of the expert."""
    table = Table(
        title="alerts in the outbox (litres per second, local time)",
        title_justify="left",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        padding=(0, 1 if wide else 0),
    )
    rows = [_cells(alert, zone, wide=wide) for alert in outcome.alerts]
    for name in ("opened", "ended", "severity"):
        table.add_column(name, no_wrap=True)
    for name in ("observed", "expected", *(("score", "peak") if wide else ("score",))):
        table.add_column(name, justify="right", no_wrap=True)
    for name in ("expert", "during"):
        table.add_column(name, no_wrap=True)
    for row in rows:
        table.add_row(*row)
    return table


def _cells(alert: DemoAlert, zone: tzinfo, *, wide: bool) -> list[str]:
    style = SEVERITY_STYLES[alert.severity]
    return [
        local(alert.opened_s, zone),
        local(alert.ended_s, zone),
        f"[{style}]{alert.severity}",
        f"[bold]{alert.observed:.1f}",
        f"{alert.expected:.1f} ± {0.5 * (alert.high - alert.low):.1f}",
        f"{alert.score:.1f}",
        *([f"{alert.peak:.1f}"] if wide else []),
        alert.expert + (f" {alert.share:.0%}" if wide else ""),
        alert.disturbance.name if alert.disturbance else "[red]none",
    ]


def show_outcome(console: Console, outcome: Outcome, zone: tzinfo) -> None:
    """Print the alerts and a summary."""
    console.print()
    console.print(alert_table(outcome, zone, wide=console.width >= WIDE))
    console.print()
    good = outcome.found == len(outcome.known) and not outcome.outside
    style = "bold green" if good else "bold yellow"
    console.print(outcome.summary, style=style, highlight=False, soft_wrap=True)
    console.print()


def show_files(console: Console, files: Mapping[str, Path]) -> None:
    """Print the paths of the files and the next step."""
    here = Path.cwd()
    for name, path in files.items():
        shown = path.relative_to(here) if path.is_relative_to(here) else path
        console.print(f"{name:<7} {shown}", highlight=False, soft_wrap=True, markup=False)
    console.print(
        "next    open the page; then copy the config, set your own file and columns, and run",
        "        streamlstm run COPY.yaml",
        sep="\n",
        highlight=False,
        soft_wrap=True,
    )
