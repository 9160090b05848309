"""LSTMForecaster: river's time series verbs on a bank of one."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from river.time_series.base import Forecaster

from streamlstm.bank import Bank, Shape
from streamlstm.bank.explain.network_view import KEY
from streamlstm.estimators.shared.explained import Explained
from streamlstm.estimators.shared.features import FeatureReader, target_value
from streamlstm.estimators.shared.intervals import Intervals, around
from streamlstm.estimators.shared.origins import Origins
from streamlstm.estimators.shared.settings import settings_of
from streamlstm.kernels.layout import whole

if TYPE_CHECKING:
    from river.conf import Interval
    from river.optim.base import Loss, Optimizer

LEARN = 1
Features = Sequence[dict[Hashable, Any]]


class LSTMForecaster(Explained, Forecaster):
    """Online LSTM forecaster: any number of steps ahead, from a memory that learns every event.

    The model is that of :class:`~streamlstm.LSTMRegressor`. :meth:`forecast` rolls a copy of it
    forward: each forecast is taken for what came, and the next starts from it. Nothing of that is
    learnt, and the model stays as it was.

    Features of the steps ahead are given by ``xs``; numbers may come, go and be missing, and
    ``datetime`` features are understood. A model that has learnt from a calendar wants to be told
    the dates it is to forecast.

    Parameters
    ----------
    hidden_size, window, update_every, learning_rate, optimizer, loss, loss_decay, clip_norm
        As in :class:`~streamlstm.LSTMRegressor`.
    mixture, features_max
        As in :class:`~streamlstm.LSTMRegressor`.
    interval_horizon
        Steps ahead that have prediction intervals. Each of them keeps a copy of the model, and
        costs about a forecast of one step at every event learnt. 0 keeps none.
    interval_levels
        Shares of the targets that those are to cover.
    seed
        The same seed gives the same model, to the last bit.
    cell, layers
        As in :class:`~streamlstm.LSTMRegressor`.

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
    Taieb, S. B., Bontempi, G., Atiya, A. F. & Sorjamaa, A. (2012). A review and comparison of
    strategies for multi-step ahead time series forecasting. Expert Systems with Applications
    39(8): ours is the recursive one.
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
        self._bank = Bank(shape, settings, seed=seed, features_max=features_max)
        self._slots = np.array([self._bank.open(KEY)])
        self._reader = FeatureReader(self._bank)
        steps = whole("interval_horizon", interval_horizon, 0)
        Intervals(interval_levels, targets=0)  # refuses a level out of range
        self._origins = Origins(self._bank, KEY, steps, interval_levels) if steps else None

    def learn_one(self, y: float, x: dict[Hashable, Any] | None = None) -> None:
        """Learn one event, and move the memory on by it.

        Parameters
        ----------
        y
            The target. One that is not finite, or beyond 1e30, is passed over: the model stays
            as it was.
        x
            Features by name.

        Raises
        ------
        TypeError
            For a feature or a target that is no number, naming it.
        """
        target = target_value(y)
        missing = math.isnan(target)
        row = self._reader.read(x or {}, grow=not missing)
        if missing:
            return
        row[0, -1] = target
        if self._origins is not None:
            self._origins.judge(row)
        self._bank.run(self._slots, row, np.empty((1, 2)), LEARN)
        if self._origins is not None:
            self._origins.add()

    def forecast(self, horizon: int, xs: Features | None = None) -> list[float]:
        """Forecast the next steps, each from those before it; changes nothing.

        Parameters
        ----------
        horizon
            How many steps, at least 1.
        xs
            Features of each step, by name; unknown ones are passed over.

        Returns
        -------
        list of float
            One forecast a step; 0 before anything was learnt.

        Raises
        ------
        TypeError
            For a feature that is no number, naming it.
        ValueError
            If ``xs`` does not hold one dict for each step.
        """
        forecasts: list[float] = self._forecast(horizon, xs).tolist()
        return forecasts

    def forecast_intervals(
        self, horizon: int, xs: Features | None = None, level: float = 0.95
    ) -> list[Interval]:
        """Give a prediction interval for each of the next steps; changes nothing.

        Parameters
        ----------
        horizon
            How many steps, at most ``interval_horizon``.
        xs
            As in :meth:`forecast`.
        level
            Share of the targets they are to cover; one of ``interval_levels``.

        Returns
        -------
        list of river.conf.Interval
            Around the forecasts; infinite until a step's second error is known.

        Raises
        ------
        ValueError
            For a level or more steps than are kept, besides what :meth:`forecast` refuses.
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
            raise ValueError(f"xs must hold one dict for each of {horizon} steps; got {len(xs)}")
        row = self._reader.read({}, grow=False)
        values = np.full((horizon, row.shape[1]), np.nan)
        for step, x in enumerate(xs or ()):
            values[step] = self._reader.read(x, grow=False)
        return self._bank.roll_forward(KEY, values)[:, 0]

    @property
    def expert_weights(self) -> dict[str, float]:
        """How much each expert counts in the next forecast; they sum to 1."""
        return self._bank.expert_weights(KEY)

    @property
    def events_seen(self) -> int:
        """Events learnt."""
        return self._bank.accepted(KEY)
