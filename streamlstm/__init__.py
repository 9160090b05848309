"""An LSTM that learns from every event the moment it arrives."""

from streamlstm.bank import Bank, Detection, Judgement, Settings, Shape, SnapshotError
from streamlstm.estimators import LSTMDetector, LSTMMultiTargetRegressor, LSTMRegressor

__all__ = [
    "Bank",
    "Detection",
    "Judgement",
    "LSTMDetector",
    "LSTMMultiTargetRegressor",
    "LSTMRegressor",
    "Settings",
    "Shape",
    "SnapshotError",
    "__version__",
]
__version__ = "0.1.0"
