"""Watchdog: the process exits if a step exceeds its time limit."""

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LATER = 75  # EX_TEMPFAIL: the supervisor may start the process again


def leave(what: str, seconds: float) -> None:
    """Write the reason and exit at once, so that no thread of this process can still commit."""
    sys.stderr.write(f"{what}: no answer in {seconds:g} s; exiting; start this process again\n")
    sys.stderr.flush()
    os._exit(LATER)


Leave = Callable[[str, float], None]


@contextmanager
def bounded(what: str, seconds: float, leave: Leave = leave) -> Iterator[None]:
    """Call `leave` if the block takes longer than ``seconds``.

    The Kafka client waits forever if the connection to the coordinator is lost during a commit.

    Examples
    --------
    >>> with bounded("commit", seconds=60):
    ...     pass
    """
    timer = threading.Timer(seconds, leave, (what, seconds))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
