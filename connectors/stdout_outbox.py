"""The outbox that prints alerts to standard output."""

import sys
from collections.abc import Iterator
from typing import BinaryIO

from connectors.effects import (
    AppliedCommand,
    CrashPoint,
    Effects,
    Position,
    Snapshot,
    Step,
    no_crash,
)
from connectors.errors import CommitGuard, map_os_errors
from connectors.record import Partition


class StdoutOutbox:
    r"""Prints one alert per line, at least once; it stores nothing.

    Output cannot be withdrawn, and there is no storage for positions or snapshots. Every run
    therefore starts from the beginning and prints its alerts again, and a crash during a commit may
    leave a batch partly printed. Dead letters are not printed; the metrics count them.

    Parameters
    ----------
    output : binary file, optional
        Output to use in place of standard output.
    crash_point : callable
        Called after each step of a commit.

    Examples
    --------
    >>> import io
    >>> from connectors.effects import Alert
    >>> output = io.BytesIO()
    >>> outbox = StdoutOutbox(output)
    >>> outbox.commit(Effects(alerts=[Alert(Partition("pumps", 0), b"a/1", b'{"id":"a/1"}')]))
    >>> output.getvalue()
    b'{"id":"a/1"}\n'
    """

    exactly_once = False

    def __init__(self, output: BinaryIO | None = None, crash_point: CrashPoint = no_crash) -> None:
        self._output = output or sys.stdout.buffer
        self._crash_point = crash_point
        self._guard = CommitGuard()
        self._positions: dict[Partition, Position] = {}

    def committed(self, partition: Partition) -> Position | None:
        """Return the position of this run."""
        return self._positions.get(partition)

    def commit(self, effects: Effects) -> None:
        """Print the alerts; they are visible after the first step of the commit."""
        with self._guard.one_commit():
            with map_os_errors("standard output"):
                self._output.writelines(alert.value + b"\n" for alert in effects.alerts)
                self._output.flush()
            for step in Step:
                if step is Step.POSITIONS:
                    self._positions |= effects.positions
                self._crash_point(step)

    def applied_commands(self, partition: Partition, from_offset: int) -> Iterator[AppliedCommand]:
        """Yield nothing: this outbox has no storage."""
        return iter(())

    def load(self, partition: Partition) -> Iterator[Snapshot]:
        """Yield nothing: this outbox has no storage."""
        return iter(())

    def close(self) -> None:
        """Do nothing; standard output stays open."""
