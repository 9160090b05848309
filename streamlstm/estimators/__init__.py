"""river's verbs on our kernels; each estimator is a bank of one."""

from streamlstm.estimators.regressor import LSTMRegressor

__all__ = ["LSTMRegressor"]
