"""A worker that dies and is started again, in this process."""

from collections.abc import Iterable

from connectors.effects import CrashPoint, Step, no_crash
from streamlstm.daemon.config.model import Config
from streamlstm.daemon.telemetry.counts import Counts
from streamlstm.daemon.telemetry.events import NullTelemetry, total
from streamlstm.daemon.wiring.worker import build
from tests.support.faults.crashes import Crash

LIVES_MAX = 10_000


def live(config: Config, crash_point: CrashPoint = no_crash) -> Counts:
    """Run a worker to the end of its journal, or to its `Crash`."""
    loop, close = build(config, NullTelemetry(), crash_point=crash_point)
    try:
        loop.run()
    finally:
        close()
    return total(loop.counts)


def live_on(config: Config, crash_point: CrashPoint) -> int:
    """Start a worker again as often as it crashes; say how often that was."""
    for crashes in range(LIVES_MAX):
        try:
            live(config, crash_point)
        except Crash:
            continue
        return crashes
    raise AssertionError(f"no end after {LIVES_MAX} lives")


class EveryStep:
    """Crashes once at each step of every ``every``-th commit that is made, in turn.

    At least every second: a worker that finds nothing left to do commits once more.
    """

    def __init__(self, every: int) -> None:
        assert every > 1
        self._every = every
        self._commits = 0
        self._left = list(Step)

    def __call__(self, done: Step) -> None:
        crash = (self._commits + 1) % self._every == 0 and self._left[:1] == [done]
        self._commits += done is Step.COMMIT
        if done is Step.COMMIT:
            self._left = list(Step)
        elif crash:
            del self._left[0]
        if crash:
            raise Crash


class Scheduled:
    """Crashes at the given steps, each of the n-th commit of a life of its own."""

    def __init__(self, deaths: Iterable[tuple[int, Step]]) -> None:
        self._deaths = list(deaths)
        self._commits = 0

    def __call__(self, done: Step) -> None:
        if not self._deaths:
            return
        commit, step = self._deaths[0]
        if done is step and self._commits + 1 >= commit:
            del self._deaths[0]
            self._commits = 0
            raise Crash
        self._commits += done is Step.COMMIT
