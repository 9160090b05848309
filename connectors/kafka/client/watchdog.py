"""Ends the process when a step that must not hang does."""

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LATER = 75  # EX_TEMPFAIL: whoever runs the process may start it again


def leave(what: str, seconds: float) -> None:
    """End this process at once, saying why; nothing of it may go on and commit after all."""
    sys.stderr.write(f"{what}: no answer in {seconds:g} s; leaving, to be started again\n")
    sys.stderr.flush()
    os._exit(LATER)


Leave = Callable[[str, float], None]


@contextmanager
def bounded(what: str, seconds: float, leave: Leave = leave) -> Iterator[None]:
    """Give what happens inside so many seconds, then `leave`.

    Kafka's client waits for ever where the coordinator's connection is lost as a commit is sent.

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
