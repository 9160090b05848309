"""Runs a worker, and restarts it from what is committed after a temporary error."""

import collections
import gc
import threading
import time
from collections.abc import Callable

from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_random_exponential

from connectors import Fatal, Fenced, Retriable
from streamlstm.daemon.config.model import Config
from streamlstm.daemon.engine.loop import Loop
from streamlstm.daemon.telemetry.events import Telemetry

WAIT_S_MAX = 1.0  # pause between attempts; an attempt itself takes up to ten seconds
FENCED_MAX, FENCED_S = 3, 60.0  # fenced so often in this time: two workers have the same id
YOUNG_MAX = 50_000  # objects before a garbage collection; Python's default is 700
Build = Callable[[Config, Telemetry], tuple[Loop, Callable[[], None]]]


def collect_seldom() -> None:
    """Make garbage collections rare, and exclude all objects that exist already.

    Reference counting frees the records and events of a round. Python's default, a collection after
    every 700 objects, took a sixth of a worker's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_MAX, 20, 50)


class Worker:
    """Runs a loop, and builds a new one after each error that may be temporary.

    Parameters
    ----------
    config
        Configuration of the application.
    telemetry
        Is notified of errors that are retried.
    build
        Builds a loop; also returns a function that closes its connections.
    monotonic
        Monotonic clock, in seconds.
    """

    def __init__(
        self,
        config: Config,
        telemetry: Telemetry,
        build: Build,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._config = config
        self._telemetry = telemetry
        self._build = build
        self._monotonic = monotonic
        self._fenced: collections.deque[float] = collections.deque(maxlen=FENCED_MAX)
        self._stopped = threading.Event()
        self._loop: Loop | None = None

    def stop(self) -> None:
        """End after the current round; safe to call from a signal handler."""
        self._stopped.set()
        if self._loop is not None:
            self._loop.stop()

    def run(self) -> None:
        """Run until the journal ends or :meth:`stop` is called.

        Raises
        ------
        Fatal
            For an error that an operator must correct.
        Retriable
            If the source is a file; it is not retried, because no other process is involved.
        """
        collect_seldom()
        if not self._config.source.capabilities.shared:
            self._run_loop()
            return
        for attempt in Retrying(
            retry=retry_if_exception_type(Retriable),
            wait=wait_random_exponential(multiplier=0.2, max=WAIT_S_MAX),
            before_sleep=self._report_waiting,
            sleep=self._sleep,
            stop=lambda _: self._stopped.is_set(),
            reraise=True,
        ):
            with attempt:
                self._run_loop()

    def _sleep(self, seconds: float) -> None:
        self._stopped.wait(seconds)

    def _report_waiting(self, state: RetryCallState) -> None:
        assert state.outcome is not None
        self._telemetry.waiting(str(state.outcome.exception()))

    def _run_loop(self) -> None:
        if self._stopped.is_set():
            return
        loop, close = self._build(self._config, self._telemetry)
        self._loop = loop
        try:
            if self._stopped.is_set():  # stopped while the loop was built
                loop.stop()
            loop.run()
        except Fenced as error:
            self._fenced.append(self._monotonic())
            first, last = self._fenced[0], self._fenced[-1]
            if len(self._fenced) == FENCED_MAX and last - first < FENCED_S:
                raise Fatal(error.message, error.remedy) from error
            raise
        finally:
            self._loop = None
            close()
