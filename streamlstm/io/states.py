"""What each estimator knows beyond its parameters: to be saved, and to be filled in again.

An estimator that is filled is fresh, made from the parameters of the one that was saved. These
functions look inside: river's estimators show their parameters and keep the rest to themselves.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from streamlstm.bank import BatchResult, SnapshotError
from streamlstm.io.plain import from_json, to_json
from streamlstm.io.saved import (
    Saved,
    fill_array,
    fill_bank,
    fill_reader,
    gather_bank,
    gather_reader,
    require_same,
)


class State(NamedTuple):
    """How the state of an estimator is gathered, and filled in again."""

    gather: Callable[[Saved, Any], None]
    fill: Callable[[Saved, Any], None]


def _gather_regressor(saved: Saved, model: Any) -> None:
    gather_bank(saved, model._bank, model._reader)
    saved.pieces["intervals"] = model._intervals.states


def _fill_regressor(saved: Saved, model: Any) -> None:
    fill_bank(saved, model._bank, model._reader)
    fill_array(saved, "intervals", model._intervals.states)


def _gather_multi_target(saved: Saved, model: Any) -> None:
    saved.header["targets"] = [
        to_json(name, f"the name of target {name!r}") for name in model._place
    ]
    _gather_regressor(saved, model)


def _fill_multi_target(saved: Saved, model: Any) -> None:
    model._begin(tuple(from_json(name) for name in saved.header["targets"]))
    _fill_regressor(saved, model)


def _gather_forecaster(saved: Saved, model: Any) -> None:
    gather_bank(saved, model._bank, model._reader)
    origins = model._origins
    if origins is not None:
        saved.header["origins_made"] = origins._made
        saved.pieces["intervals"] = origins.intervals.states
        saved.pieces["given_out"] = origins._given_out


def _fill_forecaster(saved: Saved, model: Any) -> None:
    fill_bank(saved, model._bank, model._reader)
    origins = model._origins
    if origins is not None:
        origins._made = saved.header["origins_made"]
        fill_array(saved, "intervals", origins.intervals.states)
        fill_array(saved, "given_out", origins._given_out)


def _gather_detector(saved: Saved, model: Any) -> None:
    saved.header["targets"] = [
        to_json(name, f"the name of feature {name!r}") for name in model._targets
    ]
    if model._targets:
        gather_bank(saved, model._bank, model._reader)
        if model._last is not None:
            saved.pieces["last"] = model._last.rows


def _fill_detector(saved: Saved, model: Any) -> None:
    model._targets = [from_json(name) for name in saved.header["targets"]]
    if model._targets:
        model._begin()
        fill_bank(saved, model._bank, model._reader)
        if "last" in saved.pieces:
            rows = saved.pieces["last"].astype(np.float64)
            model._last = BatchResult(rows, len(model._targets))


def _gather_classifier(saved: Saved, model: Any) -> None:
    inside = model._model
    saved.header["classes"] = list(inside.classes)
    saved.header["features"] = inside.features.names
    saved.header["periods"] = inside.features.periods
    saved.put("model", inside.views())
    gather_reader(saved, model._reader)


def _fill_classifier(saved: Saved, model: Any) -> None:
    inside, header = model._model, saved.header
    features = dict(zip(header["features"], header["periods"], strict=True))
    inside.make_room(header["classes"], features)
    views, pieces = inside.views(), saved.take("model")
    require_same(pieces, views)
    for name, piece in pieces.items():
        views[name][...] = piece
    fill_reader(saved, model._reader)


_STATES = {
    "LSTMRegressor": State(_gather_regressor, _fill_regressor),
    "LSTMMultiTargetRegressor": State(_gather_multi_target, _fill_multi_target),
    "LSTMForecaster": State(_gather_forecaster, _fill_forecaster),
    "LSTMDetector": State(_gather_detector, _fill_detector),
    "LSTMSupervisedDetector": State(_gather_detector, _fill_detector),
    "LSTMClassifier": State(_gather_classifier, _fill_classifier),
}


def state_of(estimator: str) -> State:
    """Return how the state of an estimator is gathered and filled.

    Raises
    ------
    SnapshotError
        For one that is not known here, naming it.

    Examples
    --------
    >>> state_of("LSTMRegressor").gather.__name__
    '_gather_regressor'
    """
    if estimator not in _STATES:
        known = ", ".join(_STATES)
        raise SnapshotError(f"a file holds one of {known}; got {estimator}")
    return _STATES[estimator]
