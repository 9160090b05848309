"""A forecast taken apart, by features and by experts: it comes to the forecast, nothing moves."""

import copy
import functools
import math
import pickle
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from river import preprocessing

from streamlstm import LSTMClassifier, LSTMForecaster, LSTMMultiTargetRegressor, LSTMRegressor
from streamlstm.bank.explain import shapley
from streamlstm.inspection import gates
from streamlstm.kernels.cells import CELLS
from tests.support.streams.events import feature_stream, small
from tests.support.streams.seeded import normal

EVENTS = feature_stream(events=20)
NEXT = {"a": 0.5, "b": -1.0, "on": 1, "c": 0.3, "time": EVENTS[-1][0]["time"]}
ASKED = {"abs": 1e-9}


@functools.cache
def trained(**parameters: Any) -> LSTMRegressor:
    model = small(**parameters)
    for x, y in EVENTS:
        model.learn_one(x, y)
    return model


def by_definition(model: LSTMRegressor, x: dict[Any, Any]) -> dict[Any, float]:
    """Sum over every set of the other features, as Shapley has it."""
    shares = {}
    for name, value in x.items():
        others = [other for other in x if other != name]
        share = 0.0
        for size in range(len(x)):
            weight = 1.0 / (len(x) * math.comb(len(others), size))
            for chosen in combinations(others, size):
                without = {other: x[other] for other in chosen}
                gain = model.predict_one(without | {name: value}) - model.predict_one(without)
                share += weight * gain
        shares[name] = share
    return shares


PARAMETERS = [*({"cell": cell} for cell in CELLS), {"mixture": False}, {"layers": 2}]


@pytest.mark.parametrize("parameters", PARAMETERS)
def test_both_ways_come_to_the_forecast(parameters: dict[str, Any]) -> None:
    model = trained(**parameters)
    why = model.explain_one(NEXT)
    assert why.forecast == model.predict_one(NEXT)
    assert why.baseline == model.predict_one({})
    assert why.baseline + sum(why.features.values()) == pytest.approx(why.forecast, **ASKED)
    assert set(why.features) == set(NEXT)
    assert any(abs(share) > 1e-3 for share in why.features.values())
    said = [expert.contribution for expert in why.experts.values()]
    assert sum(said) == pytest.approx(why.forecast, **ASKED)
    assert {name: expert.weight for name, expert in why.experts.items()} == model.expert_weights
    for expert in why.experts.values():
        assert expert.contribution == expert.forecast * expert.weight


def test_persistence_says_the_last_value_again() -> None:
    assert trained().explain_one(NEXT).experts["persistence"].forecast == EVENTS[-1][1]


def test_alone_the_network_is_the_forecast() -> None:
    why = trained(mixture=False).explain_one(NEXT)
    assert why.experts["lstm"] == (why.forecast, 1.0, why.forecast)


def test_one_feature_adds_just_what_it_changes() -> None:
    model = trained()
    change = model.predict_one({"a": 0.9}) - model.predict_one({})
    assert model.explain_one({"a": 0.9}).features == {"a": change}
    assert change != 0.0


@pytest.mark.parametrize("mixture", [True, False])
def test_shares_are_those_of_the_definition(mixture: bool) -> None:
    model = trained(mixture=mixture)
    found = model.explain_one(NEXT).features
    assert found == pytest.approx(by_definition(model, NEXT), **ASKED)


def test_of_many_features_shares_still_come_to_the_forecast() -> None:
    model, names = small(mixture=False, autoregressive=False), "abcdefghijkl"
    rows = normal(7, 20, len(names))
    for row in rows.tolist():
        model.learn_one(dict(zip(names, row, strict=True)), row[0] * row[1] - row[2])
    why = model.explain_one(dict(zip(names, rows[3].tolist(), strict=True)))
    assert len(names) > shapley.EXACT_MAX
    assert why.baseline + sum(why.features.values()) == pytest.approx(why.forecast, **ASKED)
    assert max(map(abs, why.features.values())) > 1e-3


def test_of_many_parts_shares_are_exact_where_only_two_act_on_each_other() -> None:
    weights, pairs = normal(1, 15), normal(2, 15, 15)

    def say(rows: np.ndarray) -> np.ndarray:
        known = np.nan_to_num(rows)
        return (known @ weights + np.einsum("mi,ij,mj->m", known, pairs, known))[:, None]

    base, shares = shapley.shapley(np.ones(15), np.arange(15), say)
    assert base.tolist() == [0.0]
    assert shares[:, 0] == pytest.approx(weights + 0.5 * (pairs + pairs.T).sum(axis=0))


@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_what_is_missing_or_unknown_adds_nothing(value: Any) -> None:
    model = trained()
    why = model.explain_one({"a": 0.5, "b": value, "never seen": 3.0})
    assert why.features == model.explain_one({"a": 0.5}).features | {"b": 0.0, "never seen": 0.0}
    assert why.forecast == model.predict_one({"a": 0.5})


def test_the_order_of_a_dict_is_no_matter() -> None:
    model = trained()
    assert model.explain_one(dict(reversed(NEXT.items()))) == model.explain_one(NEXT)


def test_nothing_is_learnt_yet() -> None:
    why = LSTMRegressor().explain_one({"a": 1.0})
    assert (why.forecast, why.baseline, why.features) == (0.0, 0.0, {"a": 0.0})


def test_a_word_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="feature 'a' must be a number"):
        trained().explain_one({"a": "high"})


def test_asking_changes_nothing() -> None:
    model = small()
    for x, y in EVENTS:
        model.learn_one(x, y)
    before = pickle.dumps(model)
    model.explain_one(NEXT | {"never seen": 3.0})
    model.debug_one(NEXT)
    assert pickle.dumps(model) == before


def test_a_forecaster_explains_its_next_step() -> None:
    model = LSTMForecaster(hidden_size=4, window=4, interval_horizon=2)
    for x, y in EVENTS:
        model.learn_one(y, x)
    why, past = model.explain_one(NEXT), model.explain_one()
    assert [why.forecast] == model.forecast(1, [NEXT])
    assert [why.baseline] == [past.forecast] == model.forecast(1)
    assert past.features == {}
    assert "last target" in model.debug_one()


def test_every_target_is_explained() -> None:
    model = LSTMMultiTargetRegressor(hidden_size=4, window=4)
    assert model.explain_one(NEXT) == {}
    for x, y in EVENTS:
        model.learn_one(x, {"up": y, "down": -y / 3.0})
    found = model.explain_one(NEXT)
    assert {name: why.forecast for name, why in found.items()} == model.predict_one(NEXT)
    for name, why in found.items():
        assert why.baseline + sum(why.features.values()) == pytest.approx(why.forecast, **ASKED)
        said = [expert.contribution for expert in why.experts.values()]
        assert sum(said) == pytest.approx(why.forecast, **ASKED)
        weights = {expert: one.weight for expert, one in why.experts.items()}
        assert weights == model.expert_weights[name]
        assert f"Forecast of {name}" in model.debug_one(NEXT)


@pytest.mark.parametrize("experts", [None, ("frequencies", "logistic")])
def test_every_class_is_explained(experts: tuple[str, ...] | None) -> None:
    model = LSTMClassifier(hidden_size=4, window=4, experts=experts)
    assert model.explain_one(NEXT) == {}
    for x, y in EVENTS:
        model.learn_one(x, ("low", "high")[y > 51.0])
    before, found = pickle.dumps(model), model.explain_one(NEXT)
    assert pickle.dumps(model) == before
    assert {name: why.forecast for name, why in found.items()} == model.predict_proba_one(NEXT)
    assert {name: why.baseline for name, why in found.items()} == model.predict_proba_one({})
    for why in found.values():
        assert why.baseline + sum(why.features.values()) == pytest.approx(why.forecast, **ASKED)
        said = [expert.contribution for expert in why.experts.values()]
        assert sum(said) == pytest.approx(why.forecast, **ASKED)
        assert set(why.experts) == set(experts or model.expert_weights)
    assert found["low"].features["a"] == pytest.approx(-found["high"].features["a"])


def written(text: str, name: str) -> list[str]:
    """Find the line of a name in the tables, as its words."""
    return next(words for line in text.splitlines() if (words := line.split())[:1] == [name])


def test_an_event_is_shown_as_the_network_sees_it() -> None:
    model = trained()
    text, why = model.debug_one(NEXT | {"c": None}, decimals=3), model.explain_one(NEXT)
    assert written(text, "a")[:2] == ["a", "0.500"]
    assert written(text, "c") == ["c", "missing", "0.000", "0.000"]
    assert written(text, "time@hour")[1] == f"{NEXT['time'].hour:.3f}"
    assert written(text, "persistence")[1] == f"{EVENTS[-1][1]:.3f}"
    for gate in ("input", "forget", "output", "candidate"):
        mean, least, largest = map(float, written(text, gate)[1:])
        assert -1.0 <= least <= mean <= largest <= 1.0
    shown = model.debug_one(NEXT, decimals=6).splitlines()[-1].split()
    assert shown == ["forecast", f"{why.forecast:.6f}"]


def test_gates_of_every_layer_are_those_that_learning_then_leaves() -> None:
    model = copy.deepcopy(trained(layers=2))
    tables = model.debug_one(NEXT).split("\n\n")
    model.learn_one(NEXT, 50.0)
    for layer in (0, 1):
        shown = next(text for text in tables if text.startswith(f"Gate of layer {layer}"))
        for name in ("input", "forget", "output", "candidate"):
            unit = gates(model, layer=layer)[name][-1]
            wanted = [unit.mean(), unit.min(), unit.max()]
            assert [*map(float, written(shown, name)[1:])] == pytest.approx(wanted, abs=1e-5)


def test_a_plain_rnn_has_no_gates_to_show() -> None:
    text = trained(cell="rnn").debug_one(NEXT)
    assert "Gate" not in text
    assert written(text, "a")[:2] == ["a", "0.50000"]


def test_a_pipeline_shows_it_too() -> None:
    pipeline = preprocessing.StandardScaler() | small()
    for x, y in EVENTS:
        pipeline.learn_one({"a": x["a"]}, y)
    text = pipeline.debug_one({"a": 0.5})
    assert "2. LSTMRegressor" in text
    assert float(written(text, "forecast")[1]) == pytest.approx(
        pipeline.predict_one({"a": 0.5}), abs=1e-5
    )
