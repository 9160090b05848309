"""Progress display for a terminal: one line that is updated, and a summary."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from connectors import Effects, Partition
from streamlstm.daemon.telemetry.counts import Counts
from streamlstm.daemon.telemetry.events import total


class Terminal:
    """Telemetry for a terminal.

    Parameters
    ----------
    console
        Console of standard error, so that alerts can go to standard output.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            TimeElapsedColumn(),
        )
        self._progress = Progress(*columns, console=console, transient=True)
        self._line = self._progress.add_task("starting")

    def started(self, app: str, details: Mapping[str, Any]) -> None:
        """Show the application, its source and its outbox."""
        text = " · ".join(f"{name} {value}" for name, value in details.items())
        self._console.print(f"[bold]{escape(app)}[/] · {escape(text)}", highlight=False)
        self._progress.start()

    def restored(self, partition: Partition, streams: int, replay: int) -> None:
        """Show how many streams are restored, and how many records remain to be replayed."""
        if streams or replay:
            where = f"{partition.topic}/{partition.index}"
            text = f"{where}: {streams:,} streams restored, {replay:,} records to replay"
            self._console.print(text, highlight=False)

    def rebalanced(self, assigned: Sequence[Partition], revoked: Sequence[Partition]) -> None:
        """Do nothing: :meth:`restored` follows for each partition."""

    def lost(self, partition: Partition, wanted: int, begins: int) -> None:
        """Show which records are no longer retained."""
        text = (
            f"[red]{partition.topic}/{partition.index}: {begins - wanted:,} records from offset"
            f" {wanted} are lost: the topic no longer retains them"
        )
        self._console.print(text, highlight=False)

    def replaying(self, partition: Partition, done: int, left: int) -> None:
        """Show the progress of a replay."""
        where = f"{partition.topic}/{partition.index}"
        text = f"{where}: {done:,} records replayed, {left:,} left"
        self._progress.update(self._line, description=text)

    def waiting(self, message: str) -> None:
        """Show why the worker cannot continue."""
        self._progress.update(self._line, description=f"waiting · {message}")

    def progress(self, counts: Mapping[Partition, Counts]) -> None:
        """Show the counts so far."""
        now = total(counts)
        self._progress.update(
            self._line,
            description=f"{now.learnt:,} events learnt · {now.alerts:,} alert messages"
            f" · {now.dead_letters:,} dead letters",
        )

    def committed(self, effects: Effects) -> None:
        """Do nothing: :meth:`progress` shows the counts."""

    def ended(self, counts: Mapping[Partition, Counts], *, stopped: bool) -> None:
        """Show the counts of the whole run: records = learnt + dead letters + ignored."""
        self._progress.stop()
        table = Table(title="stopped" if stopped else "end of the journal", title_justify="left")
        names = ("records", "learnt", "dead_letters", "ignored", "replayed", "alerts", "commands")
        now = total(counts)
        for name in names:
            table.add_column(name.replace("_", " "), justify="right")
        table.add_row(*(f"{getattr(now, name):,}" for name in names))
        self._console.print(table)
