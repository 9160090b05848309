"""Retries for commands that no supervisor restarts."""

import threading
from collections.abc import Callable
from typing import TypeVar

from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from connectors import Retriable

AGAIN_S = 0.2
T = TypeVar("T")


def patiently(ask: Callable[[], T], seconds: float) -> T:
    """Call ``ask`` until it does not raise `Retriable`, for at most ``seconds`` seconds.

    The last error is raised when the time is over.

    Examples
    --------
    >>> patiently(lambda: 42, seconds=1)
    42
    """
    asking = Retrying(
        retry=retry_if_exception_type(Retriable),
        wait=wait_fixed(AGAIN_S),
        stop=stop_after_delay(seconds),
        sleep=_sleep,
        reraise=True,
    )
    return asking(ask)


def _sleep(seconds: float) -> None:
    threading.Event().wait(seconds)
