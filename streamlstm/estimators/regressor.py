"""LSTMRegressor: the regressor for river."""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
from numpy.typing import NDArray
from river import base

from streamlstm.bank import Shape
from streamlstm.bank.dispatch import dispatch
from streamlstm.estimators.shared.batches import RegressorBatches
from streamlstm.estimators.shared.drift import DriftMonitor
from streamlstm.estimators.shared.features import target_value
from streamlstm.estimators.shared.intervals import Intervals, around
from streamlstm.estimators.shared.settings import settings_of
from streamlstm.estimators.shared.single_stream import (
    KEY,
    SingleStream,
    SingleTargetEstimator,
)
from streamlstm.estimators.shared.state import State
from streamlstm.kernels.decision.interval import track_intervals
from streamlstm.kernels.experts.mixture import LOSS_MAX
from streamlstm.kernels.layout import whole
from streamlstm.kernels.regression.events import ACCEPTED

if TYPE_CHECKING:
    from river.conf import Interval
    from river.optim.base import Loss, Optimizer


class LSTMRegressor(SingleTargetEstimator, RegressorBatches):
    """Online LSTM regressor that learns from every event as it arrives.

    The forecast is a mixture of an LSTM [1]_, trained by truncated back-propagation through time
    [2]_, and of cheap experts: persistence; least squares on the last changes of the target, on its
    period (estimated online), on the features and on the state of the LSTM; and a calendar profile
    if a ``datetime`` is given. Each is weighted by its recent accuracy, so forecasts are useful
    after a few events, and :attr:`expert_weights` shows how much the network contributes.

    Features may appear, disappear and be missing (``None``, NaN, infinite). ``datetime`` features
    are supported. Features and target are scaled internally; a scaler before the model is not
    needed.

    Parameters
    ----------
    hidden_size : int, default 16
        Number of hidden units of each layer, H. The time per event grows with its square.
    window : int, default 16
        Truncation length of back-propagation through time in events, K.
    update_every : int, default 1
        Number of events between two optimizer steps. 1 learns fastest; 4 takes about a third of the
        time.
    learning_rate : float, default 0.003
        Step size of the optimizer. Leave it out if ``optimizer`` is an object; it has its own.
    optimizer : str or river.optim.base.Optimizer, default "adam"
        ``"adam"``, ``"rmsprop"``, ``"sgd"``; or river's ``optim.Adam``, ``optim.RMSProp`` or
        ``optim.SGD`` with a constant learning rate, of which only the hyperparameters are read.
    loss : str or river.optim.base.Loss, default "huber"
        ``"huber"``, ``"squared"`` or ``"absolute"``, in units of the target's typical change; or
        river's ``optim.losses.Huber``, ``Squared`` or ``Absolute``.
    loss_decay : float, default 0.0
        Weight of an event's loss in each later update while the event is in the window, 0 to 1.
        Values above 0 help on smooth streams and hurt on noisy ones.
    clip_norm : float, default 1.0
        Maximum norm of a gradient. 0 disables clipping.
    autoregressive : bool, default True
        Whether the last target is an input, and the value that forecasts start from. Set it to
        False if the last targets say nothing about the next one; the forget gates are then
        initialised to remember for up to ``window`` events [3]_.
    mixture : bool, default True
        Whether the forecast is a mixture of all experts. If False, it is that of the network alone.
    features_max : int, default 1024
        Maximum number of feature columns. A number takes one column, a ``datetime`` three.
    interval_levels : tuple of float or None, default (0.8, 0.95, 0.99)
        Coverage levels of the prediction intervals. ``None`` disables them.
    seed : int, default 0
        Seed of the initial weights. Models with equal seeds and events are equal bit for bit.
    cell : str, default "lstm"
        Recurrent cell: ``"lstm"``, ``"gru"``, ``"rnn"`` (plain tanh), ``"lstm_1997"`` (without a
        forget gate) or ``"elstm"``. Each cell is compiled when it is first used.
    drift_detector : river.base.DriftDetector or None, default None
        A detector such as ``drift.ADWIN()`` that monitors the error of each event. When it detects
        a drift and errors have grown, the weights and covariances of the experts are reset; their
        coefficients and the network are kept. ``None`` disables monitoring.
    layers : int, default 1
        Number of stacked cells. The input of each is the h of the one below. ``"elstm"`` supports 1
        only.

    Attributes
    ----------
    expert_weights : dict of str to float
        Weight of each expert in the next forecast. ``"lstm"`` is the network, whatever its cell.
    events_seen : int
        Number of events learnt.
    drifts_seen : int
        Number of drifts that ``drift_detector`` found.

    Notes
    -----
    Time per event, in floating-point operations: about 8 H (H + I) for the forward pass and 8 K H
    (2 H + I) / ``update_every`` for back-propagation, with I two inputs per target and two per
    feature column; each further layer adds the same with H in place of I. The ``"elstm"`` cell [4]_
    learns by real-time recurrent learning instead: ``window`` and ``loss_decay`` have no effect,
    and the time grows with H rather than with its square.

    Memory: 48 H (H + I) bytes of weights and optimizer moments per layer, 4 K (7 H + I) bytes of
    stored activations, and 8 (H + 13)² bytes of least-squares covariance and 14 KB of other
    statistics per target; about 50 KB with the defaults, one target and one feature. It does not
    grow with the number of events.

    Prediction intervals are calibrated online [5]_: in the long run a 95 % interval covers 95 % of
    the targets, also under drift.

    When it fails: the state advances only in :meth:`learn_one`, so with delayed labels a forecast
    starts from the last labelled event. A dependency longer than ``window`` events has no gradient.
    A random walk is forecast no better than by persistence. After an abrupt change forecasts need
    some events to recover; ``drift_detector`` shortens that.

    Examples
    --------
    >>> from river import datasets, evaluate, metrics
    >>> from streamlstm import LSTMRegressor
    >>> model = LSTMRegressor(seed=1)
    >>> evaluate.progressive_val_score(datasets.AirlinePassengers(), model, metrics.MAE())
    MAE: 9.60...
    >>> model.predict_one({}, with_interval=True, level=0.95).width
    69...

    Another cell, alone:

    >>> model = LSTMRegressor(cell="gru", mixture=False)
    >>> for n in range(200):
    ...     model.learn_one({}, n % 4)
    >>> round(model.predict_one({}))
    0

    References
    ----------
    .. [1] Hochreiter, S. & Schmidhuber, J. (1997). Long short-term memory. Neural Computation 9(8).
    .. [2] Williams, R. J. & Peng, J. (1990). An efficient gradient-based algorithm for on-line
       training of recurrent network trajectories. Neural Computation 2(4).
    .. [3] Tallec, C. & Ollivier, Y. (2018). Can recurrent neural networks warp time? ICLR.
    .. [4] Irie, K., Gopalakrishnan, A. & Schmidhuber, J. (2024). Exploring the promise and limits
       of real-time recurrent learning. ICLR.
    .. [5] Angelopoulos, A., Candès, E. & Tibshirani, R. (2023). Conformal PID control for time
       series prediction. NeurIPS 36.
    """

    def __init__(
        self,
        hidden_size: int = 16,
        window: int = 16,
        update_every: int = 1,
        learning_rate: float = 0.003,
        optimizer: str | Optimizer = "adam",
        loss: str | Loss = "huber",
        loss_decay: float = 0.0,
        clip_norm: float = 1.0,
        autoregressive: bool = True,
        mixture: bool = True,
        features_max: int = 1024,
        interval_levels: tuple[float, ...] | None = (0.8, 0.95, 0.99),
        seed: int = 0,
        cell: str = "lstm",
        drift_detector: base.DriftDetector | None = None,
        layers: int = 1,
    ) -> None:
        self.hidden_size = hidden_size
        self.window = window
        self.update_every = update_every
        self.learning_rate = learning_rate
        self.optimizer = optimizer
        self.loss = loss
        self.loss_decay = loss_decay
        self.clip_norm = clip_norm
        self.autoregressive = autoregressive
        self.mixture = mixture
        self.features_max = features_max
        self.interval_levels = interval_levels
        self.seed = seed
        self.cell = cell
        self.drift_detector = drift_detector
        self.layers = layers
        settings = settings_of(self)
        shape = Shape(cell, layers, hidden=whole("hidden_size", hidden_size, 1))
        self._stream = SingleStream(shape, settings, seed=seed, features_max=features_max)
        self._intervals = Intervals(interval_levels, targets=1)
        self._drift = DriftMonitor(drift_detector)

    def learn_one(self, x: dict[Hashable, Any], y: base.typing.RegTarget) -> None:
        """Learn one event, and advance the state by one step.

        Parameters
        ----------
        x
            Features by name.
        y
            The target. An event whose target is not finite, or is beyond 1e30 in magnitude, is
            ignored: the model does not change.

        Raises
        ------
        TypeError
            If a feature or the target is not a number; the message names it.
        """
        target = target_value(y)
        row = self._stream.reader.read(x, grow=not math.isnan(target))
        row[0, -1] = target
        self._learn(row)

    def _learn(self, rows: NDArray[np.float64]) -> None:
        for batch in rows[:, None] if self._drift else (rows,):
            scale = self._stream.bank.scale(KEY) if self._drift else 0.0
            results = self._stream.learn(batch)
            if self.interval_levels:
                dispatch(track_intervals)(self._intervals.states, batch, results)
            if scale > 0.0 and results[0, 0] == ACCEPTED:
                error = min(abs(batch[0, -1] - results[0, 1]) / scale, LOSS_MAX)
                if self._drift.drifted(error / LOSS_MAX):
                    self._stream.bank.reset_covariance(KEY)

    @overload
    def predict_one(self, x: dict[Hashable, Any]) -> float: ...
    @overload
    def predict_one(
        self, x: dict[Hashable, Any], with_interval: Literal[False], level: float = ...
    ) -> float: ...
    @overload
    def predict_one(
        self, x: dict[Hashable, Any], with_interval: Literal[True], level: float = ...
    ) -> Interval: ...
    def predict_one(
        self, x: dict[Hashable, Any], with_interval: bool = False, level: float = 0.95
    ) -> float | Interval:
        """Forecast the target of an event, without changing the model.

        Parameters
        ----------
        x
            Features by name; unknown ones are ignored.
        with_interval : bool, default False
            Whether to return a prediction interval, as river's conformal models do.
        level : float, default 0.95
            Coverage of the interval; one of ``interval_levels``.

        Returns
        -------
        float or river.conf.Interval
            The forecast, 0 before the first event is learnt; or the interval around it, infinite
            until two events are learnt.

        Raises
        ------
        TypeError
            If a feature is not a number; the message names it.
        ValueError
            If ``level`` is not one of ``interval_levels``.
        """
        forecasts = self._forecast(self._stream.reader.read(x, grow=False))
        if with_interval:
            return around(forecasts, self._intervals.half_widths(level))[0]
        return float(forecasts[0])

    def _forecast(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        return self._stream.forecast(rows)[:, 0]

    @property
    def drifts_seen(self) -> int:
        """Number of drifts that ``drift_detector`` found."""
        return self._drift.drifts_seen

    def _state(self) -> State:
        state = super()._state()
        state.arrays["intervals"] = self._intervals.states
        return state

    def _restore_state(self, state: State) -> None:
        super()._restore_state(state)
        state.copy_into("intervals", self._intervals.states)
