"""A worker builds its loop again while that may help, and no longer."""

from types import SimpleNamespace
from typing import Any

import pytest

from connectors import Fatal, Fenced, Retriable, SourceCapabilities
from streamlstm.daemon.engine.worker import FENCED_MAX, FENCED_S, Worker

AWAY = Retriable("the broker is away", "wait")
SHUT_OUT = Fenced("another took its place", "give each its own kafka.worker_id")


class Lives:
    """Loops that end as told, one after the other; the clock moves with each."""

    def __init__(self, *ends: Exception | None, shared: bool = True, life_s: float = 1.0) -> None:
        self.ends, self.life_s = list(ends), life_s
        self.now, self.closed = 0.0, 0
        self.waits: list[str] = []
        told: Any = SimpleNamespace(waiting=self.waits.append)
        config: Any = SimpleNamespace(
            source=SimpleNamespace(capabilities=SourceCapabilities(shared=shared))
        )
        self.worker = Worker(config, told, self.build, monotonic=lambda: self.now)
        self.worker._sleep = lambda _: None  # type: ignore[method-assign]

    def build(self, *_: object) -> tuple[Any, Any]:
        return SimpleNamespace(run=self.run, stop=lambda: None), self.close

    def run(self) -> None:
        self.now += self.life_s
        end = self.ends.pop(0)
        if end is not None:
            raise end

    def close(self) -> None:
        self.closed += 1


def test_what_may_work_later_is_tried_again_until_it_works() -> None:
    lives = Lives(AWAY, AWAY, AWAY, None)
    lives.worker.run()
    assert lives.waits == [str(AWAY)] * 3
    assert lives.closed == 4


def test_what_people_must_mend_is_raised_at_once() -> None:
    lives = Lives(Fatal("no such topic", "create it"), None)
    with pytest.raises(Fatal):
        lives.worker.run()
    assert lives.closed == 1


def test_files_have_nobody_to_wait_for() -> None:
    lives = Lives(AWAY, None, shared=False)
    with pytest.raises(Retriable):
        lives.worker.run()


def test_shut_out_again_and_again_it_gives_way() -> None:
    lives = Lives(*[SHUT_OUT] * FENCED_MAX, None)
    with pytest.raises(Fatal, match=r"kafka\.worker_id"):
        lives.worker.run()
    assert lives.closed == FENCED_MAX


def test_shut_out_now_and_then_it_goes_on() -> None:
    lives = Lives(*[SHUT_OUT] * (3 * FENCED_MAX), None, life_s=FENCED_S)
    lives.worker.run()
    assert len(lives.waits) == 3 * FENCED_MAX
