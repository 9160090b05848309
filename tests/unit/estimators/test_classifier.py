"""LSTMClassifier as a user meets it: labels of any kind, late classes, hostile input, copies."""

import copy
import math
import pickle
import random
from collections.abc import Callable, Hashable
from datetime import UTC, datetime, timedelta
from typing import Any

import numba
import numpy as np
import pytest

from streamlstm import LSTMClassifier
from streamlstm.bank.classes.model import ClassLimitError
from streamlstm.kernels.classification.layout import EXPERTS

SLOW = bool(numba.config.DISABLE_JIT)
EVENTS = 12 if SLOW else 150
START = datetime(2024, 2, 28, 12, tzinfo=UTC)
STATIC = ("frequencies", "transitions", "logistic", "random_features")

Event = tuple[dict[Hashable, Any], Any]


def labelled(seed: int = 0, events: int = EVENTS) -> list[Event]:
    """Give three classes that two features tell apart; a third feature comes and goes."""
    chance, made = random.Random(seed), []
    for n in range(events):
        x: dict[Hashable, Any] = {"a": chance.gauss(0, 1), "b": chance.gauss(5, 2)}
        if n % 3:
            x["c"] = chance.choice([chance.random(), None, math.nan, math.inf, 1e308])
        x["at"] = START + timedelta(minutes=n)
        made.append((x, "low" if x["a"] < 0 else "mid" if x["b"] < 5 else "high"))
    return made


def small(**parameters: Any) -> LSTMClassifier:
    return LSTMClassifier(**{"hidden_size": 4, "window": 4} | parameters)


def play(model: LSTMClassifier, events: list[Event]) -> list[dict[Any, float]]:
    made = []
    for x, y in events:
        made.append(model.predict_proba_one(x))
        model.learn_one(x, y)
    return made


def test_before_any_label_nothing_is_known() -> None:
    model = small()
    assert model.predict_proba_one({"a": 1.0}) == {}
    assert model.predict_one({"a": 1.0}) is None
    model.learn_one({"a": 1.0}, None)
    assert model.predict_proba_one({"a": 1.0}) == {}
    assert model.events_seen == 1


@pytest.mark.parametrize("experts", [None, STATIC, ("lstm",), ("memory", "frequencies")])
def test_probabilities_sum_to_1_and_are_never_0(experts: tuple[str, ...] | None) -> None:
    model = small(experts=experts)
    for made in play(model, labelled())[5:]:
        assert sum(made.values()) == pytest.approx(1.0, abs=1e-12)
        assert min(made.values()) > 0.0
    weights = model.expert_weights
    assert sum(weights.values()) == pytest.approx(1.0, abs=1e-12)
    assert {name for name, weight in weights.items() if weight} <= set(experts or EXPERTS)


@pytest.mark.parametrize(
    "labels",
    [(False, True), (3, 7), ("a", "b"), (np.bool_(False), np.bool_(True)), (np.int64(3), 7)],
    ids=repr,
)
def test_labels_may_be_of_any_kind(labels: tuple[Any, Any]) -> None:
    model = small()
    for n in range(EVENTS):
        model.learn_one({"a": n % 2}, labels[n % 2])
    assert list(model.predict_proba_one({"a": 0})) == list(labels)
    predicted = model.predict_one({"a": EVENTS % 2})
    assert predicted == labels[EVENTS % 2]
    assert type(predicted) in {bool, int, str}


@pytest.mark.parametrize("y", [1.5, object(), ("a",), math.inf], ids=lambda y: type(y).__name__)
def test_another_label_is_refused_and_leaves_no_trace(y: Any) -> None:
    model, untouched = small(), small()
    for each in (model, untouched):
        play(each, labelled(events=6))
    with pytest.raises(TypeError, match="a label must be"):
        model.learn_one({"new": 1.0}, y)
    assert pickle.dumps(model) == pickle.dumps(untouched)


def test_a_class_too_many_is_refused_and_leaves_no_trace() -> None:
    model, untouched = small(classes_max=2), small(classes_max=2)
    for each in (model, untouched):
        play(each, [({"a": 1.0}, "one"), ({"b": 2.0}, "two"), ({"a": 3.0}, "one")])
    with pytest.raises(ClassLimitError, match="classes_max = 2"):
        model.learn_one({"new": 1.0}, "three")
    assert pickle.dumps(model) == pickle.dumps(untouched)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"experts": ()}, "experts must be some of"),
        ({"experts": ("oracle",)}, "experts must be some of"),
        ({"hidden_size": 0}, "hidden_size must be at least 1"),
        ({"classes_max": 0}, "classes_max must be at least 1"),
        ({"window": 0}, "window must be at least 1"),
    ],
)
def test_parameters_out_of_range_are_refused(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        LSTMClassifier(**parameters)


def test_a_late_class_moves_no_other_bit() -> None:
    """What the others know lies where the larger arrays begin, as it was."""
    model = small()._model
    for label in ("a", "b"):
        model.add_class(label)
    model.add_features(["x", "y"])
    for n in range(EVENTS):
        model.run(np.array([[n % 5, n % 3, n % 2]], float), learn=True)
    before = {name: piece.copy() for name, piece in model.views().items()}
    assert model.add_class("late") == 2
    after = model.views()
    for name, piece in before.items():
        found = after[name][tuple(slice(0, n) for n in piece.shape)]
        np.testing.assert_array_equal(found, piece, err_msg=name)
    assert not after["random_w"][2].any()
    assert after["theta.readout"][0, 2] == before["theta.readout"][0].min()


def test_a_late_class_finds_the_least_squares_of_one_known_from_the_beginning() -> None:
    late, early = small(), small()
    events = [({"a": math.sin(n), "b": n % 3}, "yes" if n % 2 else "no") for n in range(EVENTS)]
    for label in ("no", "yes", "late"):
        early._model.add_class(label)
    for each in (late, early):
        play(each, events)
    late._model.add_class("late")
    for name in ("random_p", "random_w"):
        np.testing.assert_array_equal(late._model.views()[name], early._model.views()[name])


def test_a_class_that_comes_late_is_learnt() -> None:
    model, chance = small(), random.Random(0)
    for n in range(2 * EVENTS):
        kind = chance.randrange(2 if n < EVENTS else 3)
        model.learn_one({"a": kind + chance.gauss(0, 0.1), "b": chance.random()}, "xyz"[kind])
    assert set(model.predict_proba_one({"a": 0.0})) == set("xyz")
    if not SLOW:
        assert [model.predict_one({"a": float(k), "b": 0.5}) for k in range(3)] == ["x", "y", "z"]


def test_asking_changes_nothing() -> None:
    model = small()
    play(model, labelled())
    before = pickle.dumps(model)
    for x in ({}, {"a": 1.0}, {"never seen": 2.0}, {"a": math.inf, "at": START}):
        model.predict_proba_one(x)
        model.predict_one(x)
    assert pickle.dumps(model) == before


def test_an_unlabelled_event_moves_the_memory_and_teaches_no_class() -> None:
    model = small()
    play(model, labelled())
    before = {name: piece.copy() for name, piece in model._model.views().items()}
    model.learn_one({"a": 3.0, "b": 9.0}, None)
    after = model._model.views()
    assert (after["state"] != before["state"]).any()
    assert (after["columns"] != before["columns"]).any()
    for name in ("frequencies", "transitions", "logistic", "random_w", "losses"):
        np.testing.assert_array_equal(after[name], before[name])


@pytest.mark.parametrize("again", [lambda m: pickle.loads(pickle.dumps(m)), copy.deepcopy])
@pytest.mark.parametrize("experts", [None, STATIC])
def test_a_copy_goes_on_bit_for_bit(
    again: Callable[[Any], Any], experts: tuple[str, ...] | None
) -> None:
    model, events = small(experts=experts, update_every=3), labelled()
    half = EVENTS // 2 + 1
    play(model, events[:half])
    copied = again(model)
    late = [*events[half:], ({"a": 1.0, "new": 2.0}, "late"), *labelled(1, 8)]
    assert play(copied, late) == play(model, late)
    assert copied.expert_weights == model.expert_weights


@pytest.mark.parametrize("seed", range(3))
def test_shuffled_features_give_the_same_bits(seed: int) -> None:
    chance, shuffled = random.Random(seed), []
    for x, y in labelled(seed):
        items = list(x.items())
        chance.shuffle(items)
        shuffled.append((dict(items), y))
    assert play(small(), shuffled) == play(small(), labelled(seed))


def test_clone_is_fresh_and_takes_new_parameters() -> None:
    model = small(seed=3, experts=("lstm", "frequencies"))
    first = play(model, labelled())
    assert play(model.clone(), labelled()) == first
    other = model.clone({"seed": 4, "experts": None})
    assert (other.seed, other.experts, other.events_seen) == (4, None, 0)
    assert play(other, labelled()) != first


@pytest.mark.parametrize("size", [0.0, 1e-300, 1e30, 1e308, math.inf, math.nan])
def test_hostile_features_leave_probabilities_sane(size: float) -> None:
    model = small()
    play(model, labelled())
    for n in range(10):
        model.learn_one({"a": size * (-1) ** n, "b": -size}, "low")
    for made in play(model, labelled(1)):
        assert all(0.0 < p < 1.0 for p in made.values())
    for piece in model._model.views().values():
        assert not np.isnan(piece).any()


@pytest.mark.skipif(SLOW, reason="many events")
def test_a_cue_is_remembered() -> None:
    chance, model, right = random.Random(1), LSTMClassifier(), []
    for n in range(500):
        cue = chance.choice(["left", "right"])
        model.learn_one({"cue": 1.0 if cue == "left" else -1.0, "ask": 0.0}, "none")
        for _ in range(8):
            model.learn_one({"cue": 0.0, "ask": 0.0}, "none")
        ask = {"cue": 0.0, "ask": 1.0}
        right += [model.predict_one(ask) == cue] * (n >= 300)
        model.learn_one(ask, cue)
    assert sum(right) > 0.97 * len(right)
