"""LSTMForecaster: the forecaster for river's time series module."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from river.time_series.base import Forecaster

from streamlstm.bank import Shape
from streamlstm.estimators.shared.features import target_value
from streamlstm.estimators.shared.intervals import Intervals, around
from streamlstm.estimators.shared.rolling_origins import RollingOrigins
from streamlstm.estimators.shared.settings import settings_of
from streamlstm.estimators.shared.single_stream import (
    KEY,
    SingleStream,
    SingleTargetEstimator,
)
from streamlstm.estimators.shared.state import State
from streamlstm.kernels.layout import whole

if TYPE_CHECKING:
    from river.conf import Interval
    from river.optim.base import Loss, Optimizer

Features = Sequence[dict[Hashable, Any]]


class LSTMForecaster(SingleTargetEstimator, Forecaster):
    """Online LSTM forecaster of any number of steps ahead.

    The model is a mixture of an LSTM [1]_ and cheap experts (persistence, least squares, period,
    calendar), each weighted by its recent accuracy. :meth:`forecast` uses the recursive strategy
    [2]_: a copy of the model is rolled forward, and each forecast is the input of the next step.
    The model itself does not change.

    Features of future steps are passed as ``xs``; they may be missing. ``datetime`` features are
    supported. A model that has learnt from a calendar needs the dates of the steps to forecast.

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
    mixture : bool, default True
        Whether the forecast is a mixture of all experts. If False, it is that of the network alone.
    features_max : int, default 1024
        Maximum number of feature columns. A number takes one column, a ``datetime`` three.
    interval_horizon : int, default 0
        Number of steps ahead with prediction intervals. Each step keeps a copy of the model, and
        takes about the time of one forecast per event. 0 disables them.
    interval_levels : tuple of float or None, default (0.8, 0.95, 0.99)
        Coverage levels of the prediction intervals. ``None`` disables them.
    seed : int, default 0
        Seed of the initial weights. Models with equal seeds and events are equal bit for bit.
    cell : str, default "lstm"
        Recurrent cell: ``"lstm"``, ``"gru"``, ``"rnn"`` (plain tanh), ``"lstm_1997"`` (without a
        forget gate) or ``"elstm"``. Each cell is compiled when it is first used.
    layers : int, default 1
        Number of stacked cells. The input of each is the h of the one below. ``"elstm"`` supports 1
        only.

    Attributes
    ----------
    expert_weights : dict of str to float
        Weight of each expert in the next forecast.
    events_seen : int
        Number of events learnt.

    Notes
    -----
    Time per event, in floating-point operations: about 8 H (H + I) for the forward pass and 8 K H
    (2 H + I) / ``update_every`` for back-propagation, with I two inputs per target and two per
    feature column; each further layer adds the same with H in place of I. A forecast of n steps
    takes n forward passes; ``interval_horizon`` adds as many forward passes to each event.

    Memory: 48 H (H + I) bytes of weights and optimizer moments per layer, 4 K (7 H + I) bytes of
    stored activations, and 8 (H + 13)² bytes of least-squares covariance and 14 KB of other
    statistics per target; about 50 KB with the defaults, one target and one feature. It does not
    grow with the number of events. ``interval_horizon`` multiplies it by one more copy per step.

    When it fails: errors of early steps feed into later ones, so long horizons approach the mean of
    what the model has seen. Intervals of step h are infinite until two forecasts of that step have
    been observed. Features that are unknown in the future are better left out than guessed.

    Examples
    --------
    >>> from river import datasets
    >>> from streamlstm import LSTMForecaster
    >>> model = LSTMForecaster(interval_horizon=12)
    >>> for _, passengers in datasets.AirlinePassengers():
    ...     model.learn_one(passengers)
    >>> [round(y, -1) for y in model.forecast(horizon=3)]
    [450.0, 420.0, 470.0]
    >>> 450 in model.forecast_intervals(horizon=3, level=0.95)[0]
    True

    References
    ----------
    .. [1] Hochreiter, S. & Schmidhuber, J. (1997). Long short-term memory. Neural Computation 9(8).
    .. [2] Taieb, S. B., Bontempi, G., Atiya, A. F. & Sorjamaa, A. (2012). A review and comparison
       of strategies for multi-step ahead time series forecasting. Expert Systems with Applications
       39(8).
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
        mixture: bool = True,
        features_max: int = 1024,
        interval_horizon: int = 0,
        interval_levels: tuple[float, ...] | None = (0.8, 0.95, 0.99),
        seed: int = 0,
        cell: str = "lstm",
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
        self.mixture = mixture
        self.features_max = features_max
        self.interval_horizon = interval_horizon
        self.interval_levels = interval_levels
        self.seed = seed
        self.cell = cell
        self.layers = layers
        settings = settings_of(self)
        shape = Shape(cell, layers, hidden=whole("hidden_size", hidden_size, 1))
        self._stream = SingleStream(shape, settings, seed=seed, features_max=features_max)
        steps = whole("interval_horizon", interval_horizon, 0)
        Intervals(interval_levels, targets=0)  # checks the levels
        self._origins = (
            RollingOrigins(self._stream.bank, KEY, steps, interval_levels) if steps else None
        )

    def learn_one(self, y: float, x: dict[Hashable, Any] | None = None) -> None:
        """Learn one event, and advance the state by one step.

        Parameters
        ----------
        y
            The target. An event whose target is not finite, or is beyond 1e30 in magnitude, is
            ignored: the model does not change.
        x : dict, default None
            Features by name.

        Raises
        ------
        TypeError
            If a feature or the target is not a number; the message names it.
        """
        target = target_value(y)
        missing = math.isnan(target)
        row = self._stream.reader.read(x or {}, grow=not missing)
        if missing:
            return
        row[0, -1] = target
        if self._origins is not None:
            self._origins.calibrate(row)
        self._stream.learn(row)
        if self._origins is not None:
            self._origins.add()

    def forecast(self, horizon: int, xs: Features | None = None) -> list[float]:
        """Forecast the next steps, each from those before it, without changing the model.

        Parameters
        ----------
        horizon
            Number of steps, at least 1.
        xs : sequence of dict, default None
            Features of each step by name; unknown ones are ignored.

        Returns
        -------
        list of float
            One forecast per step; 0 before the first event is learnt.

        Raises
        ------
        TypeError
            If a feature is not a number; the message names it.
        ValueError
            If ``xs`` does not have one dict per step.
        """
        forecasts: list[float] = self._forecast(horizon, xs).tolist()
        return forecasts

    def forecast_intervals(
        self, horizon: int, xs: Features | None = None, level: float = 0.95
    ) -> list[Interval]:
        """Return prediction intervals of the next steps, without changing the model.

        Parameters
        ----------
        horizon
            Number of steps, at most ``interval_horizon``.
        xs : sequence of dict, default None
            Features of each step by name; unknown ones are ignored.
        level : float, default 0.95
            Coverage of the intervals; one of ``interval_levels``.

        Returns
        -------
        list of river.conf.Interval
            Intervals around the forecasts; infinite until the second error of a step is known.

        Raises
        ------
        ValueError
            If ``level`` is not one of ``interval_levels``, ``horizon`` is greater than
            ``interval_horizon``, or :meth:`forecast` refuses ``xs``.
        """
        if self._origins is None or horizon > self.interval_horizon:
            raise ValueError(
                f"horizon must be at most interval_horizon = {self.interval_horizon}; got {horizon}"
            )
        forecasts = self._forecast(horizon, xs)
        return around(forecasts, self._origins.intervals.half_widths(level)[:horizon])

    def _forecast(self, horizon: int, xs: Features | None) -> NDArray[np.float64]:
        whole("horizon", horizon, 1)
        if xs is not None and len(xs) != horizon:
            raise ValueError(f"xs must have one dict for each of {horizon} steps; got {len(xs)}")
        row = self._stream.reader.read({}, grow=False)
        values = np.full((horizon, row.shape[1]), np.nan)
        for step, x in enumerate(xs or ()):
            values[step] = self._stream.reader.read(x, grow=False)
        return self._stream.bank.roll_forward(KEY, values)[:, 0]

    def _state(self) -> State:
        state = super()._state()
        if self._origins is not None:
            self._origins.add_state(state)
        return state

    def _restore_state(self, state: State) -> None:
        super()._restore_state(state)
        if self._origins is not None:
            self._origins.restore_state(state)
