"""Alerts on standard output: to look at, or to pipe on."""

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
    r"""Prints each alert on a line of its own; at least once, and it remembers nothing.

    What is printed cannot be taken back, and there is nowhere to keep a position or a snapshot.
    So every run starts from the beginning and prints its alerts again, and a crash during a
    commit may leave a batch half printed. Dead letters are not printed; count them in the
    metrics.

    Parameters
    ----------
    output : binary file, optional
        Where to print instead.
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
        """Tell the position of this run."""
        return self._positions.get(partition)

    def commit(self, effects: Effects) -> None:
        """Print the alerts; the steps are passed through, but the first already shows."""
        with self._guard.one_commit():
            with map_os_errors("standard output"):
                self._output.writelines(alert.value + b"\n" for alert in effects.alerts)
                self._output.flush()
            for step in Step:
                if step is Step.POSITIONS:
                    self._positions |= effects.positions
                self._crash_point(step)

    def applied_commands(self, partition: Partition, from_offset: int) -> Iterator[AppliedCommand]:
        """Nothing was kept."""
        return iter(())

    def load(self, partition: Partition) -> Iterator[Snapshot]:
        """Nothing was kept."""
        return iter(())

    def close(self) -> None:
        """Do nothing; standard output stays open."""
