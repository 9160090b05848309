"""LSTMMultiTargetRegressor: several targets, one network."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
from numpy.typing import NDArray

from streamlstm.bank import Shape
from streamlstm.bank.dispatch import dispatch
from streamlstm.bank.explain.explanation import Explanation
from streamlstm.bank.feature_index import FeatureLimitError, spell
from streamlstm.estimators.shared.batches import Read, TargetsBatches
from streamlstm.estimators.shared.features import target_value
from streamlstm.estimators.shared.intervals import Intervals, around
from streamlstm.estimators.shared.settings import settings_of
from streamlstm.estimators.shared.single_stream import KEY, SingleStream, StreamEstimator
from streamlstm.estimators.shared.state import State
from streamlstm.kernels.decision.interval import track_intervals
from streamlstm.kernels.layout import whole

if TYPE_CHECKING:
    from river.conf import Interval
    from river.optim.base import Loss, Optimizer


class LSTMMultiTargetRegressor(StreamEstimator, TargetsBatches):
    """Online LSTM regressor of several targets that share one network.

    Each target has its own mixture of experts (persistence, least squares, period, calendar and the
    network), weighted by recent accuracy. All targets train the one LSTM [1]_, whose inputs include
    the last value and change of each: multitask learning [2]_.

    The targets are those of the first event learnt, or ``targets``. A target that is missing in an
    event (absent, ``None``, NaN, infinite) is skipped there, and the others are learnt. An unknown
    target raises an error, so that a misspelt name is not ignored.

    Parameters
    ----------
    targets : tuple or None, default None
        Names of the targets. ``None`` takes those of the first event with a number.
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
        Whether the last target is an input, and the value that forecasts start from.
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
    layers : int, default 1
        Number of stacked cells. The input of each is the h of the one below. ``"elstm"`` supports 1
        only.

    Attributes
    ----------
    expert_weights : dict
        Weight of each expert in the next forecast, by target.
    events_seen : int
        Number of events learnt.

    Notes
    -----
    Time per event, in floating-point operations: about 8 H (H + I) for the forward pass and 8 K H
    (2 H + I) / ``update_every`` for back-propagation, with I two inputs per target and two per
    feature column; each further layer adds the same with H in place of I. The experts add a
    constant per target.

    Memory: 48 H (H + I) bytes of weights and optimizer moments per layer, 4 K (7 H + I) bytes of
    stored activations, and 8 (H + 13)² bytes of least-squares covariance and 14 KB of other
    statistics per target; about 50 KB with the defaults, one target and one feature. It does not
    grow with the number of events.

    When it fails: unrelated targets compete for the same hidden units; use one
    :class:`~streamlstm.LSTMRegressor` per target then. The set of targets cannot change after the
    first event.

    Examples
    --------
    >>> from river import datasets
    >>> from streamlstm import LSTMMultiTargetRegressor
    >>> model = LSTMMultiTargetRegressor()
    >>> for x, flow in datasets.WaterFlow():
    ...     model.learn_one(x, {"flow": flow, "doubled": 2.0 * flow})
    >>> forecast = model.predict_one({})
    >>> 1.9 < forecast["doubled"] / forecast["flow"] < 2.1
    True

    References
    ----------
    .. [1] Hochreiter, S. & Schmidhuber, J. (1997). Long short-term memory. Neural Computation 9(8).
    .. [2] Caruana, R. (1997). Multitask learning. Machine Learning 28.
    """

    def __init__(
        self,
        targets: tuple[Hashable, ...] | None = None,
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
        layers: int = 1,
    ) -> None:
        self.targets = targets
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
        self.layers = layers
        self._settings = settings_of(self)
        if targets == ():
            raise ValueError("targets must not be empty; None takes those of the first event")
        self._place: dict[Hashable, int] = {}
        # Created now, so that parameters out of range are refused at once.
        self._begin(targets if targets is not None else ())

    def _begin(self, targets: tuple[Hashable, ...]) -> None:
        """Create the stream for targets, which are sorted by name."""
        self._place = {name: k for k, name in enumerate(sorted(set(targets), key=spell))}
        outputs = max(1, len(self._place))
        hidden = whole("hidden_size", self.hidden_size, 1)
        shape = Shape(self.cell, self.layers, hidden=hidden, outputs=outputs)
        self._stream = SingleStream(
            shape, self._settings, seed=self.seed, features_max=self.features_max
        )
        self._intervals = Intervals(self.interval_levels, targets=outputs)

    def learn_one(  # type: ignore[override]  # other arguments would be swallowed in silence
        self, x: dict[Hashable, Any], y: Mapping[Hashable, Any]
    ) -> None:
        """Learn one event, and advance the state by one step.

        Parameters
        ----------
        x
            Features by name.
        y
            Targets by name. An event without a finite target is ignored.

        Raises
        ------
        TypeError
            If a feature or a target is not a number; the message names it.
        ValueError
            If a target is unknown; the message names it.
        """
        found = {name: target_value(value, name) for name, value in y.items()}
        missing = all(math.isnan(value) for value in found.values())
        self._learn_targets(found, missing, lambda grow: self._stream.reader.read(x, grow=grow))

    def _learn_targets(self, targets: Mapping[Hashable, Any], missing: bool, read: Read) -> None:
        if self._place:
            self._refuse_unknown(targets)
        if missing:
            read(grow=False)  # refuses what is no number
            return
        rows = read(grow=bool(self._place))
        if not self._place:
            self._begin(tuple(targets))
            rows = self._first_rows(read)
        first = rows.shape[1] - len(self._place)
        for name, values in targets.items():
            rows[:, first + self._place[name]] = values
        results = self._stream.learn(rows)
        if self.interval_levels:
            dispatch(track_intervals)(self._intervals.states, rows, results)

    def _first_rows(self, read: Read) -> NDArray[np.float64]:
        """Return the rows of the first events; if they are refused, the targets stay unknown."""
        try:
            return read(grow=True)
        except FeatureLimitError:
            self._begin(())
            raise

    def _refuse_unknown(self, targets: Iterable[Hashable]) -> None:
        for name in targets:
            if name not in self._place:
                known = ", ".join(map(repr, self._place))
                raise ValueError(f"target {name!r} is not one of {known}; name all in targets")

    @overload
    def predict_one(self, x: dict[Hashable, Any]) -> dict[Hashable, float]: ...
    @overload
    def predict_one(
        self, x: dict[Hashable, Any], with_interval: Literal[False], level: float = ...
    ) -> dict[Hashable, float]: ...
    @overload
    def predict_one(
        self, x: dict[Hashable, Any], with_interval: Literal[True], level: float = ...
    ) -> dict[Hashable, Interval]: ...
    def predict_one(
        self, x: dict[Hashable, Any], with_interval: bool = False, level: float = 0.95
    ) -> dict[Hashable, float] | dict[Hashable, Interval]:
        """Forecast the targets of an event, without changing the model.

        Parameters
        ----------
        x
            Features by name; unknown ones are ignored.
        with_interval : bool, default False
            Whether to return prediction intervals instead of forecasts.
        level : float, default 0.95
            Coverage of the intervals; one of ``interval_levels``.

        Returns
        -------
        dict
            Forecasts or intervals by target; empty while the targets are unknown.

        Raises ``TypeError`` for a feature that is not a number, and ``ValueError`` for a level
        that is not one of ``interval_levels``.
        """
        forecasts = self._forecast(self._stream.reader.read(x, grow=False))[0].tolist()
        if with_interval:
            half_widths = self._intervals.half_widths(level)[: len(self._place)]
            return dict(zip(self._place, around(forecasts, half_widths), strict=True))
        return dict(zip(self._place, forecasts, strict=True))

    def _forecast(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        return self._stream.forecast(rows)[:, : len(self._place)]

    def explain_one(self, x: dict[Hashable, Any]) -> dict[Hashable, Explanation]:
        """Return a :class:`streamlstm.inspection.Explanation` of each target's forecast, by target.

        See :meth:`streamlstm.LSTMRegressor.explain_one`.
        """
        return dict(zip(self._place, self._stream.explain(x), strict=False))

    def debug_one(self, x: dict[Hashable, Any], decimals: int = 5) -> str:
        """Return how the model processes an event, as tables; the model does not change."""
        return self._stream.debug(x, list(self._place) or [None], decimals)

    @property
    def expert_weights(self) -> dict[Hashable, dict[str, float]]:
        """Weight of each expert in the next forecast of each target; they sum to 1."""
        bank = self._stream.bank
        return {name: bank.expert_weights(KEY, k) for name, k in self._place.items()}

    def _output_names(self) -> Sequence[Hashable]:
        return list(self._place)

    def _state(self) -> State:
        state = super()._state()
        state.header["targets"] = list(self._place)
        state.arrays["intervals"] = self._intervals.states
        return state

    def _restore_state(self, state: State) -> None:
        self._begin(tuple(state.header["targets"]))
        super()._restore_state(state)
        state.copy_into("intervals", self._intervals.states)
