"""river's verbs on our kernels; each estimator is a bank of one."""

from streamlstm.estimators.detector import LSTMDetector
from streamlstm.estimators.multi_target import LSTMMultiTargetRegressor
from streamlstm.estimators.regressor import LSTMRegressor

__all__ = ["LSTMDetector", "LSTMMultiTargetRegressor", "LSTMRegressor"]
