"""river's verbs on our kernels; each estimator is a bank of one."""

from streamlstm.estimators.detector import LSTMDetector
from streamlstm.estimators.regressor import LSTMRegressor

__all__ = ["LSTMDetector", "LSTMRegressor"]
