"""Estimators for river: one file per estimator, each with a model of a single stream."""

from typing import TYPE_CHECKING, Any

from streamlstm.estimators.classifier import LSTMClassifier
from streamlstm.estimators.detector import LSTMDetector
from streamlstm.estimators.multi_target import LSTMMultiTargetRegressor
from streamlstm.estimators.regressor import LSTMRegressor
from streamlstm.estimators.supervised_detector import LSTMSupervisedDetector

if TYPE_CHECKING:
    from streamlstm.estimators.forecaster import LSTMForecaster

__all__ = [
    "LSTMClassifier",
    "LSTMDetector",
    "LSTMForecaster",
    "LSTMMultiTargetRegressor",
    "LSTMRegressor",
    "LSTMSupervisedDetector",
]


def __getattr__(name: str) -> Any:
    """Import the forecaster on first use, because importing river.time_series is slow."""
    if name == "LSTMForecaster":
        from streamlstm.estimators.forecaster import LSTMForecaster  # noqa: PLC0415

        return LSTMForecaster
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
