"""LSTMRegressor: river's regressor verbs on a bank of one."""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
from numpy.typing import NDArray
from river import base

from streamlstm.bank import Bank, Shape
from streamlstm.bank.dispatch import dispatch
from streamlstm.bank.explain.network_view import KEY
from streamlstm.estimators.shared.batches import RegressorBatches
from streamlstm.estimators.shared.drift import DriftWatch
from streamlstm.estimators.shared.explained import Explained
from streamlstm.estimators.shared.features import FeatureReader, target_value
from streamlstm.estimators.shared.intervals import Intervals, around
from streamlstm.estimators.shared.settings import settings_of
from streamlstm.kernels.decision.interval import track_intervals
from streamlstm.kernels.experts.least_squares import LOSS_MAX
from streamlstm.kernels.layout import whole
from streamlstm.kernels.regression.events import ACCEPTED

if TYPE_CHECKING:
    from river.conf import Interval
    from river.optim.base import Loss, Optimizer

FORECAST, LEARN = 0, 1


class LSTMRegressor(Explained, RegressorBatches):
    """Online LSTM regressor: forecasts from its memory, learns from every event as it arrives.

    The forecast is a mixture of an LSTM trained by truncated back-propagation through time and of
    cheap experts (persistence, least squares on the last changes of the target, its period found
    online, least squares on the features and on the LSTM's memory, a calendar where time is
    known), weighted by what each was worth lately.
    So it is useful after a few events, and :attr:`expert_weights` shows what the memory adds.

    Features may come, go and be missing (``None``, NaN, infinite); ``datetime`` features are
    understood. Features and target are scaled inside; a scaler before it does no harm.

    The memory moves in :meth:`learn_one` alone. Where labels are delayed, a prediction therefore
    starts from the last *labelled* event.

    Parameters
    ----------
    hidden_size
        Units of the cell. Cost grows with its square.
    window
        Events the gradient reaches back.
    update_every
        Events between two steps of the optimizer; 1 learns fastest, 4 costs a third.
    learning_rate
        Size of a step. An ``optimizer`` that is an object has its own: leave this out then.
    optimizer
        ``"adam"``, ``"rmsprop"`` or ``"sgd"``; or river's ``optim.Adam``, ``optim.RMSProp`` or
        ``optim.SGD`` with a learning rate that stays, of which the numbers are read.
    loss
        ``"huber"``, ``"squared"`` or ``"absolute"``, in units of the target's typical change; or
        river's ``optim.losses.Huber``, ``Squared`` or ``Absolute``.
    loss_decay
        What an event's loss still counts at each later update while it stays in the window;
        above 0 suits smooth streams, and hurts noisy ones.
    clip_norm
        Largest norm of a gradient; 0 turns clipping off.
    autoregressive
        Whether the last observed target is an input and what forecasts start from. Turn it off
        where the order of the events says nothing about the target, or where old features do and
        the last targets do not: the LSTM then begins with units that remember for a ``window``.
    mixture
        Whether the cheap experts stand beside the LSTM.
    features_max
        Most feature columns; a ``datetime`` takes three.
    interval_levels
        Shares of the targets that prediction intervals are to cover; each level costs a few
        nanoseconds an event. ``None`` keeps none.
    seed
        The same seed gives the same model, to the last bit.
    cell
        ``"lstm"``; to see what its gates are worth, ``"gru"``, ``"rnn"`` (plain tanh) or
        ``"lstm_1997"`` (no forget gate). ``"elstm"``, where each unit recurs on itself alone,
        learns by exact real-time recurrent learning: its gradient reaches back to the first event,
        what it says of earlier ones being by the weights of their time. ``window`` and
        ``loss_decay`` do nothing there, and the network's cost grows with ``hidden_size``, not with
        its square. Each is compiled when it is first used.
    drift_detector
        One of river's, ``drift.ADWIN()`` for instance, that watches the error of each event learnt
        (in typical changes of the target, five of which count as 1).
        When it fires and errors have grown, the experts are weighted anew, and their least
        squares learn as fast as at first; all that was learnt stays. ``None`` watches nothing.
    layers
        Cells on top of one another: each is given the new h of the one below, the highest is read
        out. Cost grows with it. ``"elstm"`` has one.

    Attributes
    ----------
    expert_weights : dict[str, float]
        How much each expert counts in the next forecast; ``"lstm"`` is the network, whatever its
        cell.

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
    Hochreiter, S. & Schmidhuber, J. (1997). Long short-term memory. Neural Computation 9(8).
    Williams, R. & Peng, J. (1990). An efficient gradient-based algorithm for on-line training of
    recurrent network trajectories. Neural Computation 2(4).
    Angelopoulos, A., Candès, E. & Tibshirani, R. (2023). Conformal PID control for time series
    prediction. NeurIPS 36.
    Gers, F., Schmidhuber, J. & Cummins, F. (2000). Learning to forget: continual prediction with
    LSTM. Neural Computation 12(10).
    Tallec, C. & Ollivier, Y. (2018). Can recurrent neural networks warp time? ICLR.
    Graves, A. (2013). Generating sequences with recurrent neural networks. arXiv:1308.0850.
    Cho, K. et al. (2014). Learning phrase representations using RNN encoder–decoder for statistical
    machine translation. EMNLP.
    Irie, K., Gopalakrishnan, A. & Schmidhuber, J. (2024). Exploring the promise and limits of
    real-time recurrent learning. ICLR.
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
        self._bank = Bank(shape, settings, seed=seed, features_max=features_max)
        self._slots = np.array([self._bank.open(KEY)])
        self._reader = FeatureReader(self._bank)
        self._intervals = Intervals(interval_levels, targets=1)
        self._drift = DriftWatch(drift_detector)

    def learn_one(self, x: dict[Hashable, Any], y: base.typing.RegTarget) -> None:
        """Learn one event, and move the memory on by it.

        Parameters
        ----------
        x
            Features by name.
        y
            The target. One that is not finite, or beyond 1e30, is passed over: the model stays
            as it was.

        Raises
        ------
        TypeError
            For a feature or a target that is no number, naming it.
        """
        target = target_value(y)
        row = self._reader.read(x, grow=not math.isnan(target))
        row[0, -1] = target
        self._learn(row)

    def _learn(self, rows: NDArray[np.float64]) -> None:
        for batch in rows[:, None] if self._drift else (rows,):
            scale = self._bank.scale(KEY) if self._drift else 0.0
            results = np.empty((len(batch), 2))
            self._bank.run(self._slots.repeat(len(batch)), batch, results, LEARN)
            if self.interval_levels:
                dispatch(track_intervals)(self._intervals.states, batch, results)
            if scale > 0.0 and results[0, 0] == ACCEPTED:
                error = min(abs(batch[0, -1] - results[0, 1]) / scale, LOSS_MAX)
                if self._drift.drifted(error / LOSS_MAX):
                    self._bank.reset_covariance(KEY)

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
        """Forecast the target of an event; changes nothing.

        Parameters
        ----------
        x
            Features by name; unknown ones are passed over.
        with_interval
            Whether to return, as river's conformal models do, a prediction interval instead.
        level
            Share of the targets it is to cover; one of ``interval_levels``.

        Returns
        -------
        float or river.conf.Interval
            The forecast, 0 before anything was learnt; or the interval around it, infinite until
            two events are learnt.

        Raises
        ------
        TypeError
            For a feature that is no number, naming it.
        ValueError
            For a level that is not kept.
        """
        forecasts = self._forecast(self._reader.read(x, grow=False))
        if with_interval:
            return around(forecasts, self._intervals.half_widths(level))[0]
        return float(forecasts[0])

    def _forecast(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        results = np.empty((len(rows), 2))
        self._bank.run(self._slots.repeat(len(rows)), rows, results, FORECAST)
        return results[:, 1]

    @property
    def expert_weights(self) -> dict[str, float]:
        """How much each expert counts in the next forecast; they sum to 1."""
        return self._bank.expert_weights(KEY)

    @property
    def drifts_seen(self) -> int:
        """How often ``drift_detector`` found that errors had grown."""
        return self._drift.drifts_seen

    @property
    def events_seen(self) -> int:
        """Events learnt."""
        return self._bank.accepted(KEY)
