"""A configured drift detector helps where the rule of a stream changes, and nowhere else."""

import random

import pytest

from streamlstm.bank import BatchResult, SnapshotError
from streamlstm.daemon.learners.bank import BankLearner
from streamlstm.stages import Event

CHANGE, EVENTS = 1500, 2000


def mean_error(drift_detector: str, *, changes: bool, seed: int) -> float:
    """Return the mean error of the forecasts after the change."""
    learner = BankLearner(
        ("load",),
        ("flow",),
        clock=False,
        hidden_size=4,
        memory_max_bytes=1 << 20,
        drift_detector=drift_detector,
        drift_threshold=2.0,
    )
    errors: list[float] = []

    def observe(events: list[Event], result: BatchResult) -> None:
        errors.extend(
            abs(e.targets[0] - f) for e, (f,) in zip(events, result.forecast, strict=True)
        )

    learner.observer = observe  # type: ignore[assignment]
    chance = random.Random(seed)
    events = []
    for n in range(EVENTS):
        load = chance.uniform(-1.0, 1.0)
        slope = -3.0 if changes and n >= CHANGE else 3.0
        events.append(Event("a", None, None, (load,), (slope * load + chance.gauss(0.0, 0.1),)))
    for n in range(0, EVENTS, 100):
        learner.process(events[n : n + 100])
    return sum(errors[CHANGE:]) / (EVENTS - CHANGE)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_errors_after_a_change_are_smaller(seed: int) -> None:
    without, detected = (
        mean_error(name, changes=True, seed=seed) for name in ("none", "page_hinkley")
    )
    assert detected < 0.9 * without


def test_a_steady_stream_is_learned_as_without() -> None:
    without, detected = (
        mean_error(name, changes=False, seed=1) for name in ("none", "page_hinkley")
    )
    assert detected == pytest.approx(without, rel=0.05)


def test_a_snapshot_without_a_detector_is_refused() -> None:
    plain, detecting = (
        BankLearner(
            (),
            ("flow",),
            clock=False,
            hidden_size=3,
            memory_max_bytes=1 << 20,
            drift_detector=name,
        )
        for name in ("none", "page_hinkley")
    )
    plain.process([Event("a", None, None, (), (1.0,))])
    with pytest.raises(SnapshotError, match="no drift detector"):
        detecting.restore(plain.snapshot("a", 1, 0))


def test_the_batches_do_not_show() -> None:
    """A reset affects the next event, also within a batch."""
    streams = []
    for size in (1, 7, 400):
        learner = BankLearner(
            (),
            ("flow",),
            clock=False,
            hidden_size=3,
            memory_max_bytes=1 << 20,
            drift_detector="page_hinkley",
            drift_threshold=0.5,
        )
        chance = random.Random(4)
        events = [
            Event("ab"[n % 2], None, None, (), (chance.gauss(0.0, 1.0 + 5.0 * (n > 200)),))
            for n in range(400)
        ]
        for n in range(0, 400, size):
            learner.process(events[n : n + size])
        streams.append([learner.snapshot(key, 400, 0) for key in "ab"])
    assert streams[0] == streams[1] == streams[2]
