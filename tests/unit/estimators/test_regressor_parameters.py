"""Parameters of LSTMRegressor: refused out of range, kept as given, and each of them felt."""

import inspect
import math
from typing import Any

import pytest
from river import drift

from streamlstm import LSTMRegressor
from tests.support.streams.events import feature_stream, forecasts, small


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hidden_size", 0),
        ("hidden_size", -3),
        ("window", 0),
        ("window", 1.5),
        ("update_every", 0),
        ("update_every", 1.5),
        ("learning_rate", -0.1),
        ("learning_rate", math.nan),
        ("learning_rate", math.inf),
        ("optimizer", "newton"),
        ("loss", "hinge"),
        ("cell", "vanilla"),
        ("layers", 0),
        ("layers", True),
        ("loss_decay", -0.1),
        ("loss_decay", 1.1),
        ("loss_decay", math.nan),
        ("clip_norm", -1.0),
        ("clip_norm", math.inf),
        ("features_max", -1),
        ("interval_levels", (0.8, 1.0)),
        ("interval_levels", (0.0,)),
        ("interval_levels", ()),
        ("interval_levels", (math.nan,)),
    ],
)
def test_a_parameter_out_of_range_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"^{name} must "):
        LSTMRegressor(**{name: value})


def test_parameters_are_kept_as_given() -> None:
    given = {
        "hidden_size": 3,
        "window": 5,
        "update_every": 2,
        "learning_rate": 0.01,
        "optimizer": "sgd",
        "loss": "absolute",
        "loss_decay": 0.5,
        "clip_norm": 0.0,
        "autoregressive": False,
        "mixture": False,
        "features_max": 9,
        "interval_levels": (0.5,),
        "seed": 11,
        "cell": "gru",
        "drift_detector": drift.ADWIN(),
        "layers": 2,
    }
    assert set(given) == set(inspect.signature(LSTMRegressor).parameters)
    model = LSTMRegressor(**given)
    assert {name: getattr(model, name) for name in given} == given


@pytest.mark.parametrize(
    "change",
    [
        {"window": 2},
        {"update_every": 3},
        {"learning_rate": 0.05},
        {"optimizer": "rmsprop"},
        {"optimizer": "sgd"},
        {"loss": "squared"},
        {"loss": "absolute"},
        {"loss_decay": 0.9},
        {"clip_norm": 0.01, "optimizer": "sgd"},
        {"autoregressive": False},
        {"mixture": False},
        {"seed": 1},
        {"hidden_size": 5},
        {"cell": "gru"},
        {"cell": "rnn"},
        {"cell": "lstm_1997"},
        {"cell": "elstm"},
        {"layers": 2},
        {"layers": 2, "cell": "gru"},
    ],
    ids=str,
)
def test_every_parameter_reaches_the_arithmetic(change: dict[str, Any]) -> None:
    base = {"optimizer": "sgd"} if "clip_norm" in change else {}
    assert forecasts(small(**base | change), feature_stream()) != forecasts(
        small(**base), feature_stream()
    )


def test_the_seed_decides_to_the_last_bit() -> None:
    assert forecasts(small(seed=5), feature_stream()) == forecasts(small(seed=5), feature_stream())
