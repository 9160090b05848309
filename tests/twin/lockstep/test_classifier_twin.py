"""Whole streams in lockstep with the naive twin: after every event, the same classifier.

Both learn from what they themselves computed, so any difference feeds on itself. The tolerance of
1e-8 allows for least squares on a hundred regressors, which magnifies rounding.
"""

from dataclasses import replace

import numba
import numpy as np
import pytest

from tests.support.lockstep.class_lockstep import ClassCase, ClassLockstep
from tests.support.twins.naive_cells import CELLS
from tests.support.twins.naive_classifier import EXPERTS

STATIC = ("frequencies", "transitions", "logistic", "random_features")
SEEDS = (1, 2)
CASES = [
    *(ClassCase(classes=classes) for classes in (1, 2, 3, 7)),
    *(ClassCase(hidden=hidden) for hidden in (1, 8)),
    *(ClassCase(columns=columns) for columns in (0, 1, 5)),
    *(ClassCase(window=w, update_every=k, loss_decay=0.9) for w in (1, 5, 16) for k in (1, 3)),
    *(ClassCase(optimizer=optimizer, update_every=4) for optimizer in ("sgd", "rmsprop")),
    *(ClassCase(kind=kind, columns=5) for kind in ("drift", "spike", "gap", "constant", "appears")),
    *(ClassCase(clock=True, autoregressive=a) for a in (True, False)),
    ClassCase(warm=False, n=230, columns=1, hidden=1),
    *(ClassCase(cell=cell, update_every=k) for cell in CELLS for k in (1, 3)),
    *(ClassCase(unlabelled=every) for every in (2, 3)),
    *(ClassCase(experts=experts) for experts in (("lstm",), ("memory", "logistic"))),
    ClassCase(clock=True, kind="gap", classes=5, columns=4, unlabelled=4, update_every=3, n=80),
]
if numba.config.DISABLE_JIT:  # a kernel without the JIT takes many milliseconds an event
    CASES = [replace(case, n=8) for case in CASES if case.hidden <= 3]
    SEEDS = (1,)
TESTED = [replace(case, seed=seed) for case in dict.fromkeys(CASES) for seed in SEEDS]


def assert_lockstep(case: ClassCase, dtype: type[np.floating], tolerance: float) -> None:
    pair = ClassLockstep(case, dtype)
    for n, event in enumerate(case.events):
        result, expected = pair.learn(event)
        assert result[0] == 1.0
        np.testing.assert_allclose(result[1:], expected, tolerance, tolerance, err_msg=f"event {n}")
        for name, (ours, twin) in pair.pieces().items():
            said = f"{name} after event {n}"
            np.testing.assert_allclose(ours, twin, tolerance, tolerance, err_msg=said)
    values = np.array([*case.events[0][0], np.nan])
    asked = pair.ours.run(values[None], learn=False)[0, 1:]
    np.testing.assert_allclose(asked, pair.twin.forecast(case.events[0][0]), tolerance)


@pytest.mark.parametrize("case", TESTED, ids=str)
def test_float64_is_its_twin(case: ClassCase) -> None:
    assert_lockstep(case, np.float64, 1e-8)


@pytest.mark.parametrize("case", TESTED, ids=str)
def test_float32_is_near_its_twin(case: ClassCase) -> None:
    assert_lockstep(replace(case, learning_rate=0.003, n=min(case.n, 20)), np.float32, 1e-3)


@pytest.mark.parametrize("seed", [1, 2])
def test_without_a_network_the_static_experts_are_the_twins(seed: int) -> None:
    """The twin runs its network all the same; nobody asks it."""
    case = ClassCase(experts=STATIC, seed=seed, n=8 if numba.config.DISABLE_JIT else 40)
    pair = ClassLockstep(case)
    for event in case.events:
        result, expected = pair.learn(event)
        np.testing.assert_allclose(result[1:], expected, 1e-8)
    assert not pair.ours.views()["state"].any()


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("update_every", [1, 3])
def test_features_that_appear_between_new_classes_stay_in_lockstep(
    update_every: int, seed: int
) -> None:
    case = ClassCase(columns=0, update_every=update_every, loss_decay=0.5, seed=seed, n=24)
    pair = ClassLockstep(case)
    appears = {2: (["b"], False), 9: (["a", "c"], False), 16: ([], True)}
    events, used = replace(case, columns=3, clock=True).events, 0
    for n, (features, label) in enumerate(events):
        if n in appears:
            pair.add_features(*appears[n])
            used = len(pair.ours.features.names)
        result, expected = pair.learn((features[:used], label))
        np.testing.assert_allclose(result[1:], expected, 1e-8, 1e-8, err_msg=f"event {n}")
        for name, (ours, twin) in pair.pieces().items():
            np.testing.assert_allclose(ours, twin, 1e-8, 1e-8, err_msg=f"{name}, event {n}")
    assert used == 6
    assert set(EXPERTS) == set(pair.twin.losses)


@pytest.mark.parametrize("bad", [np.inf, -np.inf, 1.1e30])
@pytest.mark.parametrize("seed", [1])
def test_a_refused_event_leaves_no_trace(bad: float, seed: int) -> None:
    pair = ClassLockstep(ClassCase(seed=seed))
    for event in pair.case.events[:6]:
        pair.learn(event)
    before = pair.ours.single.tobytes(), pair.ours.double.tobytes()
    result, expected = pair.learn(([bad, 0.0], 0))
    assert result[0] == 0.0
    assert expected is None
    assert (pair.ours.single.tobytes(), pair.ours.double.tobytes()) == before
