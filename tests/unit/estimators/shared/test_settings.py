"""Optimizers and losses as river has them: their numbers reach the kernels, the rest is refused."""

import pickle
from typing import Any

import numpy as np
import pytest
from river import base, optim

from streamlstm import LSTMClassifier, LSTMForecaster, LSTMMultiTargetRegressor, LSTMRegressor
from streamlstm.bank import Bank, Settings, Shape
from streamlstm.estimators.shared.settings import settings_of
from streamlstm.kernels import layout as at
from streamlstm.kernels.regression.learn import optimizer_step
from tests.support.streams.events import feature_stream, forecasts, small
from tests.support.streams.seeded import normal

ADAM = optim.Adam(lr=0.02, beta_1=0.8, beta_2=0.95, eps=1e-6)
SAME: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"optimizer": optim.Adam(0.003)}, {}),
    ({"optimizer": optim.Adam(optim.schedulers.Constant(0.003))}, {}),
    ({"optimizer": optim.SGD(0.01)}, {"optimizer": "sgd", "learning_rate": 0.01}),
    (
        {"optimizer": optim.RMSProp(0.01, rho=0.999)},
        {"optimizer": "rmsprop", "learning_rate": 0.01},
    ),
    ({"loss": optim.losses.Squared()}, {"loss": "squared"}),
    ({"loss": optim.losses.Absolute()}, {"loss": "absolute"}),
    ({"loss": optim.losses.Huber(5.0)}, {"loss": "huber"}),
]


@pytest.mark.parametrize(("objects", "names"), SAME, ids=str)
def test_an_object_says_what_its_name_says(objects: dict[str, Any], names: dict[str, Any]) -> None:
    events = feature_stream()
    assert forecasts(small(**objects), events) == forecasts(small(**names), events)


@pytest.mark.parametrize(
    "objects",
    [
        {"optimizer": optim.Adam(0.003, beta_1=0.5)},
        {"optimizer": optim.Adam(0.003, beta_2=0.9)},
        {"optimizer": optim.Adam(0.003, eps=0.1)},
        {"optimizer": optim.RMSProp(0.003, rho=0.5)},
        {"loss": optim.losses.Huber(0.2)},
    ],
    ids=str,
)
def test_every_number_of_an_object_reaches_the_arithmetic(objects: dict[str, Any]) -> None:
    plain = {"optimizer": "rmsprop"} if isinstance(objects.get("optimizer"), optim.RMSProp) else {}
    assert forecasts(small(**objects), feature_stream()) != forecasts(
        small(**plain), feature_stream()
    )


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(
    "optimizer", [optim.SGD(0.05), optim.Adam(0.05, 0.7, 0.9, 1e-12)], ids=["sgd", "adam"]
)
def test_our_steps_are_river_s(optimizer: optim.base.Optimizer, seed: int) -> None:
    """With an epsilon that does not count: river adds it to another root than the paper does."""
    settings = settings_of(LSTMRegressor(optimizer=optimizer, clip_norm=0.0))
    bank = Bank(Shape(), settings, dtype=np.float64)
    bank.open("a")
    single, double = bank.store.singles[0], bank.store.doubles[0]
    size = int(bank.store.plan[at.THETA])
    theirs, river = single[:size].copy(), optimizer.clone()
    for gradient in normal(seed, 20, size):
        theirs = river.step(theirs, gradient)
        optimizer_step(single, double, gradient.copy(), bank.store.plan)
    np.testing.assert_allclose(single[:size], theirs, rtol=1e-9, atol=1e-9)


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"optimizer": optim.Momentum()}, "optimizer must be one of .* river's SGD, .*Momentum"),
    ({"optimizer": optim.AMSGrad()}, "optimizer must be one of .* river's Adam; got AMSGrad"),
    ({"optimizer": 3}, "optimizer must be one of sgd, rmsprop, adam, .* got 3"),
    ({"loss": optim.losses.Cauchy()}, "loss must be one of .* river's Huber, .* got Cauchy"),
    ({"loss": optim.losses.Log()}, "loss must be one of .* got Log"),
    ({"loss": None}, "loss must be one of squared, huber, absolute, .* got None"),
    ({"loss": optim.losses.Huber(0.0)}, "loss_limit must be above 0"),
    (
        {"optimizer": optim.Adam(optim.schedulers.InverseScaling(0.1))},
        r"optimizer must have a learning rate that stays, .* Adam has InverseScaling",
    ),
    ({"optimizer": optim.Adam(beta_1=1.0)}, "beta_1 must be 0 or more, below 1; got 1.0"),
    ({"optimizer": optim.RMSProp(rho=-0.1)}, "beta_2 must be 0 or more, below 1; got -0.1"),
    ({"optimizer": optim.Adam(eps=0.0)}, "epsilon must be at least"),
    ({"optimizer": optim.SGD(-1.0)}, "learning_rate must be 0 or more; got -1.0"),
    (
        {"optimizer": optim.SGD(0.1), "learning_rate": 0.2},
        "learning_rate must be left out; the optimizer, SGD, has its own",
    ),
]


@pytest.mark.parametrize(("given", "message"), REFUSED, ids=str)
def test_what_the_kernels_lack_is_refused_by_name(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        LSTMRegressor(**given)


@pytest.mark.parametrize(
    "kind", [LSTMClassifier, LSTMForecaster, LSTMMultiTargetRegressor, LSTMRegressor]
)
def test_an_object_is_a_parameter_like_any_other(kind: type[base.Estimator]) -> None:
    model = kind(optimizer=ADAM)
    assert settings_of(model).learning_rate == 0.02
    copy = model.clone()
    assert copy.optimizer is not ADAM
    assert settings_of(copy) == settings_of(model) == settings_of(pickle.loads(pickle.dumps(model)))
    assert repr(copy) == repr(model)
    assert "beta_1=0.8" in repr(model)
    assert settings_of(model.clone({"optimizer": optim.SGD(0.5)})).learning_rate == 0.5
    assert settings_of(model.clone({"optimizer": "sgd"})).optimizer == "sgd"


def test_the_object_is_read_and_left_alone() -> None:
    optimizer = optim.Adam(0.01)
    forecasts(small(optimizer=optimizer), feature_stream())
    assert (optimizer.n_iterations, optimizer.m) == (0, None)


def test_other_numbers_are_another_model() -> None:
    bank = Bank(Shape(), Settings(beta_1=0.5))
    bank.open("a")
    with pytest.raises(ValueError, match=r"beta_1 was 0\.5, is 0\.9"):
        Bank(Shape(), Settings()).restore(bank.snapshot("a"))
