"""What a worker tells people at a terminal: one line that moves, and a summary."""

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
    """Telemetry for a person.

    Parameters
    ----------
    console
        Where to write; standard error, so that alerts may go to standard output.
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
        """Show what is about to happen."""
        told = " · ".join(f"{name} {value}" for name, value in details.items())
        self._console.print(f"[bold]{escape(app)}[/] · {escape(told)}", highlight=False)
        self._progress.start()

    def restored(self, partition: Partition, streams: int, replay: int) -> None:
        """Show what was taken over."""
        if streams or replay:
            where = f"{partition.topic}/{partition.index}"
            told = f"{where}: {streams} streams restored, {replay} records to learn again"
            self._console.print(told, highlight=False)

    def rebalanced(self, assigned: Sequence[Partition], revoked: Sequence[Partition]) -> None:
        """Say nothing; what is restored is shown."""

    def lost(self, partition: Partition, wanted: int, begins: int) -> None:
        """Show what no worker has ever seen."""
        told = (
            f"[red]{partition.topic}/{partition.index}: {begins - wanted:,} records from offset"
            f" {wanted} on are lost: the topic no longer holds them"
        )
        self._console.print(told, highlight=False)

    def replaying(self, partition: Partition, done: int, left: int) -> None:
        """Move the line."""
        where = f"{partition.topic}/{partition.index}"
        told = f"{where}: {done:,} records learnt again, {left:,} left"
        self._progress.update(self._line, description=told)

    def waiting(self, message: str) -> None:
        """Show it in the line."""
        self._progress.update(self._line, description=f"waiting · {message}")

    def progress(self, counts: Mapping[Partition, Counts]) -> None:
        """Move the line."""
        now = total(counts)
        self._progress.update(
            self._line,
            description=f"{now.learnt:,} events learnt · {now.alerts:,} alert messages"
            f" · {now.dead_letters:,} dead letters",
        )

    def committed(self, effects: Effects) -> None:
        """Say nothing; the line tells."""

    def ended(self, counts: Mapping[Partition, Counts], *, stopped: bool) -> None:
        """Show the account: records = learnt + dead letters + ignored."""
        self._progress.stop()
        table = Table(title="stopped" if stopped else "the journal has ended", title_justify="left")
        names = ("records", "learnt", "dead_letters", "ignored", "replayed", "alerts", "commands")
        now = total(counts)
        for name in names:
            table.add_column(name.replace("_", " "), justify="right")
        table.add_row(*(f"{getattr(now, name):,}" for name in names))
        self._console.print(table)
