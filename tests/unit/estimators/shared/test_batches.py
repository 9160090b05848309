"""Mini-batches: a frame is learnt as its rows would be one by one, whatever library made it."""

import math
import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from river import compose, preprocessing, stream

from streamlstm import LSTMClassifier, LSTMMultiTargetRegressor, LSTMRegressor
from streamlstm.bank.classes.model import ClassLimitError
from streamlstm.bank.feature_index import FeatureLimitError
from tests.support.streams.seeded import integers, normal

Model = LSTMClassifier | LSTMMultiTargetRegressor | LSTMRegressor
SMALL: dict[str, Any] = {"hidden_size": 4, "window": 4}
START = datetime(2024, 2, 28, 12, tzinfo=UTC)
BATCHES = (7, 1, 12, 16)  # rows of each

LIBRARIES: dict[str, tuple[Callable[..., Any], Callable[[list[Any]], Any]]] = {
    "pandas": (pd.DataFrame, pd.Series),
    "polars": (pl.DataFrame, lambda y: pl.Series(values=y)),
    "pyarrow": (pa.table, lambda y: pa.chunked_array([y])),
}


def features(seed: int, n: int, late: bool) -> dict[str, list[Any]]:
    """Draw columns of every kind; one has gaps, and one comes late."""
    values = normal(seed, 2, n).tolist()
    values[0][n // 2] = None
    columns: dict[str, list[Any]] = {
        "b": values[0],
        "a": integers(seed, 9, n).tolist(),
        "on": [value > 0.0 for value in values[1]],
        "time": [START + timedelta(hours=seed + k, microseconds=7**k) for k in range(n)],
        "naive": [
            None if k == n // 3 else START.replace(tzinfo=None) + timedelta(hours=k)
            for k in range(1, n + 1)
        ],
    }
    if late:
        columns["A late one"] = values[1]
    return columns


def targets(kind: str, seed: int, n: int) -> Any:
    """Draw what a model is to learn; one of each batch is missing."""
    if kind == "classifier":
        labels = [f"class {k}" for k in integers(seed, 2 + seed, n).tolist()]
        return [*labels[:-1], None]
    values = [*normal(seed, n - 1).cumsum().tolist(), None]
    if kind == "regressor":
        return values
    return {"y": values, "less": [None if v is None else -v for v in reversed(values)]}


def model(kind: str, **parameters: Any) -> Model:
    made = {"classifier": LSTMClassifier, "regressor": LSTMRegressor}
    return made.get(kind, LSTMMultiTargetRegressor)(**SMALL | parameters)


def rows(columns: dict[str, list[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def learn_rows(learner: Model, X: dict[str, list[Any]], y: Any) -> None:
    for x, target in zip(rows(X), rows(y) if isinstance(y, dict) else y, strict=True):
        learner.learn_one(x, target)


def state(learner: Model) -> bytes:
    return pickle.dumps(learner)


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("kind", ["classifier", "regressor", "multi-target"])
def test_a_batch_is_learnt_bit_for_bit_as_its_rows(kind: str, library: str) -> None:
    frame, series = LIBRARIES[library]
    one, many = model(kind), model(kind)
    for seed, n in enumerate(BATCHES):
        X, y = features(seed, n, late=seed > 1), targets(kind, seed, n)
        learn_rows(one, X, y)
        many.learn_many(frame(X), frame(y) if kind == "multi-target" else series(y))
        assert many.events_seen == one.events_seen
        for x in rows(X):
            assert many.predict_one(x) == one.predict_one(x)
    assert state(many) == state(one)


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("kind", ["classifier", "regressor", "multi-target"])
def test_a_batch_is_forecast_as_its_rows_and_changes_nothing(kind: str, library: str) -> None:
    frame, _ = LIBRARIES[library]
    learner = model(kind)
    learn_rows(learner, features(1, 12, late=False), targets(kind, 1, 12))
    X = features(2, 9, late=True)  # the late column is unknown here
    before = state(learner)
    found = learner.predict_many(frame(X))
    assert isinstance(
        found, type(frame(X)) if kind == "multi-target" else pd.Series | pl.Series | pa.ChunkedArray
    )
    expected = [learner.predict_one(x) for x in rows(X)]
    if kind == "multi-target":
        assert [x for x, _ in stream.iter_frame(found)] == expected
    else:
        assert (found.to_pylist() if library == "pyarrow" else found.to_list()) == expected
    if isinstance(learner, LSTMClassifier):
        shares = learner.predict_proba_many(frame(X))
        assert [x for x, _ in stream.iter_frame(shares)] == list(
            map(learner.predict_proba_one, rows(X))
        )
    assert state(learner) == before


def test_pandas_keeps_its_index_and_labels_that_are_no_text() -> None:
    X = pd.DataFrame({1: [1.0, 2.0, 3.0], ("a", 2): [4, 5, 6]}, index=["p", "q", "r"])
    classifier, regressor = LSTMClassifier(**SMALL), LSTMRegressor(**SMALL)
    classifier.learn_many(X, pd.Series([True, False, True]))
    regressor.learn_many(X, pd.Series([1.0, 2.0, 3.0]))
    assert list(classifier.predict_proba_many(X).columns) == [True, False]
    assert list(classifier.predict_many(X).index) == ["p", "q", "r"]
    assert regressor.predict_many(X)["q"] == regressor.predict_one({1: 2.0, ("a", 2): 5})


@pytest.mark.parametrize("kind", ["classifier", "regressor", "multi-target"])
def test_before_anything_is_learnt(kind: str) -> None:
    X = pd.DataFrame({"a": [1.0, 2.0]})
    found = model(kind).predict_many(X)
    assert len(found) == 2
    if kind == "multi-target":
        assert list(found.columns) == []
    else:
        assert found.to_list() == [model(kind).predict_one({})] * 2


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("kind", ["classifier", "regressor", "multi-target"])
def test_an_empty_frame_teaches_nothing(kind: str, library: str) -> None:
    frame, series = LIBRARIES[library]
    learner = model(kind)
    before, X = state(learner), frame({"a": []})
    learner.learn_many(X, frame({"y": []}) if kind == "multi-target" else series([]))
    assert state(learner) == before
    assert len(learner.predict_many(X)) == 0


def test_a_frame_without_columns_has_as_many_events_as_rows() -> None:
    one, many = LSTMRegressor(**SMALL), LSTMRegressor(**SMALL)
    many.learn_many(pd.DataFrame(index=range(5)), pd.Series(range(5)))
    learn_rows(one, {"nothing": [None] * 5}, list(range(5)))
    assert many.events_seen == 5
    assert many.predict_one({}) == one.predict_one({})


@pytest.mark.parametrize("kind", ["classifier", "regressor", "multi-target"])
def test_targets_of_another_length_are_refused(kind: str) -> None:
    learner, X = model(kind), pd.DataFrame({"a": [1.0, 2.0]})
    y = pd.DataFrame({"y": [1.0]}) if kind == "multi-target" else pd.Series([1])
    before = state(learner)
    with pytest.raises(ValueError, match=r"^y must have one row for each of X; got 1 for 2$"):
        learner.learn_many(X, y)
    assert state(learner) == before


WRONG: dict[str, tuple[Any, Any, type[Exception], str]] = {
    "words": ({"a": [1], "w": ["wet"]}, [1], TypeError, "feature 'w' must be a number.* 'wet'"),
    "dates": ({"d": [START.date()]}, [1], TypeError, "feature 'd' must be a number"),
    "both": ({"m": [1.0, START]}, [1, 2], TypeError, "feature 'm' must hold numbers or datetimes"),
    "too many": ({"a": [1], "b": [1], "c": [1]}, [1], FeatureLimitError, "features_max = 2"),
}


@pytest.mark.parametrize("kind", ["classifier", "regressor", "multi-target"])
@pytest.mark.parametrize("what", WRONG)
def test_what_one_event_refuses_is_refused_before_anything_is_learnt(what: str, kind: str) -> None:
    columns, y, error, message = WRONG[what]
    learner = model(kind, features_max=2)
    before = state(learner)
    with pytest.raises(error, match=message):
        learner.learn_many(
            pd.DataFrame(columns),
            pd.DataFrame({"y": y}) if kind == "multi-target" else pd.Series(y),
        )
    assert state(learner) == before


def test_targets_that_are_refused() -> None:
    X = pd.DataFrame({"a": [1.0, 2.0]})
    with pytest.raises(TypeError, match="the target must be a number; got str 'high'"):
        LSTMRegressor().learn_many(X, pd.Series([1.0, "high"]))
    with pytest.raises(TypeError, match="target 'flow' must be a number; got str 'high'"):
        LSTMMultiTargetRegressor().learn_many(X, pd.DataFrame({"flow": [1.0, "high"]}))
    with pytest.raises(TypeError, match=r"a label must be .*; got float 0\.5"):
        LSTMClassifier().learn_many(X, pd.Series([0.5, 1.0]))
    with pytest.raises(ValueError, match="target 'flwo' is not one of 'flow'"):
        LSTMMultiTargetRegressor(targets=("flow",)).learn_many(X, pd.DataFrame({"flwo": [1, 2]}))
    learner = LSTMClassifier(classes_max=2)
    with pytest.raises(ClassLimitError, match="class 'c' is one more than classes_max = 2"):
        learner.learn_many(pd.DataFrame({"a": range(3)}), pd.Series(["a", "b", "c"]))
    assert learner.events_seen == 0


def test_what_is_no_frame_is_refused() -> None:
    with pytest.raises(TypeError, match=r"^X must be a data frame, .* got list$"):
        LSTMRegressor().learn_many([{"a": 1.0}], pd.Series([1.0]))
    with pytest.raises(TypeError, match=r"^y must be a series, .* got list$"):
        LSTMRegressor().learn_many(pd.DataFrame({"a": [1.0]}), [1.0])
    with pytest.raises(TypeError, match=r"^y must be a data frame, .* got Series$"):
        LSTMMultiTargetRegressor().learn_many(pd.DataFrame({"a": [1.0]}), pd.Series([1.0]))


@pytest.mark.parametrize("value", [math.nan, math.inf, 1e31, None, pd.NA])
def test_what_is_missing_in_a_column_is_missing(value: Any) -> None:
    """However a column says it; also where it makes the column one of objects."""
    one, many = LSTMRegressor(**SMALL), LSTMRegressor(**SMALL)
    for _ in range(3):
        for gap in (value, 2.0):
            one.learn_one({"a": gap if gap is not pd.NA else None, "b": 1.0}, 3.0)
        many.learn_many(pd.DataFrame({"a": [value, 2.0], "b": [1.0, 1.0]}), pd.Series([3.0, 3.0]))
    assert state(many) == state(one)


def test_a_clock_without_a_single_time_stays_a_clock() -> None:
    one, many = LSTMRegressor(**SMALL), LSTMRegressor(**SMALL)
    for times in ([START, None], [None, None]):
        learn_rows(one, {"t": times}, [1.0, 2.0])
        many.learn_many(pl.DataFrame({"t": times}), pl.Series(values=[1.0, 2.0]))
    assert state(many) == state(one)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kolkata"])
@pytest.mark.parametrize("library", LIBRARIES)
def test_hours_are_those_of_the_column_s_own_zone(library: str, zone: str) -> None:
    frame, series = LIBRARIES[library]
    one, many = LSTMRegressor(**SMALL), LSTMRegressor(**SMALL)
    X = {"t": [(START + timedelta(days=9 * k)).astimezone(ZoneInfo(zone)) for k in range(9)]}
    learn_rows(one, X, list(range(9)))
    many.learn_many(frame(X), series(list(range(9))))
    assert state(many) == state(one)


def test_a_pipeline_hands_on_its_frames() -> None:
    pipeline = compose.Pipeline(preprocessing.StandardScaler(), LSTMRegressor(**SMALL))
    X, y = pd.DataFrame(normal(3, 30, 2), columns=["a", "b"]), pd.Series(normal(4, 30))
    pipeline.learn_many(X, y)
    assert np.isfinite(pipeline.predict_many(X)).all()
    assert pipeline["LSTMRegressor"].events_seen == 30
