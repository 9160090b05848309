"""An LSTM that learns from every event the moment it arrives."""

from streamlstm.bank import Bank, Settings, Shape, SnapshotError
from streamlstm.estimators import LSTMRegressor

__all__ = ["Bank", "LSTMRegressor", "Settings", "Shape", "SnapshotError"]
__version__ = "0.1.0"
