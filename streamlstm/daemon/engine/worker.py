"""A worker for months: built again from what is committed, whenever what failed may work later."""

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

WAIT_S_MAX = 1.0  # each attempt takes its own time, up to ten seconds
FENCED_MAX, FENCED_S = 3, 60.0  # so often, in so many seconds: two workers share a name
YOUNG_MAX = 50_000  # containers made and not freed before Python looks for cycles; 700 by default
Build = Callable[[Config, Telemetry], tuple[Loop, Callable[[], None]]]


def collect_seldom() -> None:
    """Look for cycles seldom, and never among what was imported: that stays for life.

    A round's records and events die by their reference counts when it ends. By default Python
    looks through them at every 700 objects, which took a sixth of a worker's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_MAX, 20, 50)


class Worker:
    """Runs loops, one after the other.

    Parameters
    ----------
    config
    telemetry
        Hears what is waited for.
    build
        Wires a loop.
    monotonic
        Seconds since whenever.
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
        """Ask to end cleanly; safe from a signal handler."""
        self._stopped.set()
        if self._loop is not None:
            self._loop.stop()

    def run(self) -> None:
        """Run until the journal ends or :meth:`stop`; what only people can mend is raised.

        Raises
        ------
        Fatal
        Retriable
            Where records come from files: nobody but this process is there to wait for.
        """
        collect_seldom()
        if self._config.source.kind != "kafka":
            self._live()
            return
        for attempt in Retrying(
            retry=retry_if_exception_type(Retriable),
            wait=wait_random_exponential(multiplier=0.2, max=WAIT_S_MAX),
            before_sleep=self._tell,
            sleep=self._sleep,
            stop=lambda _: self._stopped.is_set(),
            reraise=True,
        ):
            with attempt:
                self._live()

    def _sleep(self, seconds: float) -> None:
        self._stopped.wait(seconds)

    def _tell(self, state: RetryCallState) -> None:
        assert state.outcome is not None
        self._telemetry.waiting(str(state.outcome.exception()))

    def _live(self) -> None:
        if self._stopped.is_set():
            return
        loop, close = self._build(self._config, self._telemetry)
        self._loop = loop
        try:
            if self._stopped.is_set():  # asked meanwhile
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
