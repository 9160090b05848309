"""An LSTM that learns from every event the moment it arrives."""

from typing import TYPE_CHECKING, Any

from streamlstm import estimators
from streamlstm.bank import Bank, BatchResult, Detection, Settings, Shape, SnapshotError
from streamlstm.estimators import (
    LSTMClassifier,
    LSTMDetector,
    LSTMMultiTargetRegressor,
    LSTMRegressor,
    LSTMSupervisedDetector,
)

if TYPE_CHECKING:
    from streamlstm.estimators import LSTMForecaster
    from streamlstm.io import load, save

__all__ = [
    "Bank",
    "BatchResult",
    "Detection",
    "LSTMClassifier",
    "LSTMDetector",
    "LSTMForecaster",
    "LSTMMultiTargetRegressor",
    "LSTMRegressor",
    "LSTMSupervisedDetector",
    "Settings",
    "Shape",
    "SnapshotError",
    "__version__",
    "load",
    "save",
]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Pass on what is imported only when it is asked for."""
    if name in estimators.__all__:
        return getattr(estimators, name)
    if name in {"load", "save"}:
        from streamlstm import io  # noqa: PLC0415

        return getattr(io, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
