"""LSTMMultiTargetRegressor: several targets forecast from one memory, on a bank of one."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
from numpy.typing import NDArray

from streamlstm.bank import Bank, Shape
from streamlstm.bank.dispatch import dispatch
from streamlstm.bank.explain.debug import debug_tables
from streamlstm.bank.explain.explanation import Explanation, explain_event
from streamlstm.bank.explain.network_view import KEY
from streamlstm.bank.feature_index import FeatureLimitError, spell
from streamlstm.estimators.shared.batches import Read, TargetsBatches
from streamlstm.estimators.shared.features import FeatureReader, target_value
from streamlstm.estimators.shared.intervals import Intervals, around
from streamlstm.estimators.shared.settings import settings_of
from streamlstm.estimators.shared.tables import text_of
from streamlstm.kernels.decision.interval import track_intervals
from streamlstm.kernels.layout import whole

if TYPE_CHECKING:
    from river.conf import Interval
    from river.optim.base import Loss, Optimizer

FORECAST, LEARN = 0, 1


class LSTMMultiTargetRegressor(TargetsBatches):
    """Online LSTM regressor of several targets, which share one memory.

    Each target is forecast by a mixture of its own, as in :class:`~streamlstm.LSTMRegressor`; all
    of them teach the one LSTM, and it sees the last value and change of each.

    The targets are those of the first event learnt, or ``targets``. One that is missing in an
    event (absent, ``None``, NaN, infinite) is not learnt there, and the others are. A target that
    is not among them is refused by name: a typing error would else be learnt in silence.

    Parameters
    ----------
    targets
        Names of the targets; ``None`` takes those of the first event that has a number.
    hidden_size, window, update_every, learning_rate, optimizer, loss, loss_decay, clip_norm
        As in :class:`~streamlstm.LSTMRegressor`.
    autoregressive, mixture, features_max, interval_levels
        As in :class:`~streamlstm.LSTMRegressor`.
    seed
        The same seed gives the same model, to the last bit.
    cell, layers
        As in :class:`~streamlstm.LSTMRegressor`.

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
    Caruana, R. (1997). Multitask learning. Machine Learning 28.
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
            raise ValueError("targets must name one at least; None takes those of the first event")
        self._place: dict[Hashable, int] = {}
        # Made here to refuse what is out of range at once; a bank that is not wanted costs nothing.
        self._begin(targets if targets is not None else ())

    def _begin(self, targets: tuple[Hashable, ...]) -> None:
        """Make the bank for targets; in the order of their names, whatever that of the dict."""
        self._place = {name: k for k, name in enumerate(sorted(set(targets), key=spell))}
        outputs = max(1, len(self._place))
        hidden = whole("hidden_size", self.hidden_size, 1)
        shape = Shape(self.cell, self.layers, hidden=hidden, outputs=outputs)
        self._bank = Bank(shape, self._settings, seed=self.seed, features_max=self.features_max)
        self._slots = np.array([self._bank.open(KEY)])
        self._reader = FeatureReader(self._bank, targets=outputs)
        self._intervals = Intervals(self.interval_levels, targets=outputs)

    def learn_one(  # type: ignore[override]  # other arguments would be swallowed in silence
        self, x: dict[Hashable, Any], y: Mapping[Hashable, Any]
    ) -> None:
        """Learn one event, and move the memory on by it.

        Parameters
        ----------
        x
            Features by name.
        y
            Targets by name. An event without a single finite one is passed over: the model stays
            as it was.

        Raises
        ------
        TypeError
            For a feature or a target that is no number, naming it.
        ValueError
            For a target that is not among those of the first event, naming it.
        """
        found = {name: target_value(value, name) for name, value in y.items()}
        missing = all(math.isnan(value) for value in found.values())
        self._learn_targets(found, missing, lambda grow: self._reader.read(x, grow=grow))

    def _learn_targets(self, targets: Mapping[Hashable, Any], missing: bool, read: Read) -> None:
        if self._place:
            self._refuse_strangers(targets)
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
        results = np.empty((len(rows), 1 + len(self._place)))
        self._bank.run(self._slots.repeat(len(rows)), rows, results, LEARN)
        if self.interval_levels:
            dispatch(track_intervals)(self._intervals.states, rows, results)

    def _first_rows(self, read: Read) -> NDArray[np.float64]:
        """Return the rows of the first events; where they are refused, no targets are known."""
        try:
            return read(grow=True)
        except FeatureLimitError:
            self._begin(())
            raise

    def _refuse_strangers(self, targets: Iterable[Hashable]) -> None:
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
        """Forecast the targets of an event; changes nothing.

        Parameters
        ----------
        x
            Features by name; unknown ones are passed over.
        with_interval, level
            As in :meth:`LSTMRegressor.predict_one <streamlstm.LSTMRegressor.predict_one>`.

        Returns
        -------
        dict
            Forecasts, or intervals around them, by target; empty before the targets are known.

        Raises
        ------
        TypeError
            For a feature that is no number, naming it.
        ValueError
            For a level that is not kept.
        """
        forecasts = self._forecast(self._reader.read(x, grow=False))[0].tolist()
        if with_interval:
            half_widths = self._intervals.half_widths(level)[: len(self._place)]
            return dict(zip(self._place, around(forecasts, half_widths), strict=True))
        return dict(zip(self._place, forecasts, strict=True))

    def _forecast(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        results = np.empty((len(rows), 1 + self._bank.shape.outputs))
        self._bank.run(self._slots.repeat(len(rows)), rows, results, FORECAST)
        return results[:, 1 : 1 + len(self._place)]

    def explain_one(self, x: dict[Hashable, Any]) -> dict[Hashable, Explanation]:
        """Take the forecast of each target apart; changes nothing.

        As :meth:`LSTMRegressor.explain_one <streamlstm.LSTMRegressor.explain_one>`.

        Parameters
        ----------
        x
            Features by name.

        Returns
        -------
        dict
            A :class:`streamlstm.inspection.Explanation` by target; empty while no target is known.
        """
        found = explain_event(self._bank, KEY, x, self._reader.read)
        return dict(zip(self._place, found, strict=False))

    def debug_one(self, x: dict[Hashable, Any], decimals: int = 5) -> str:
        """Show an event as the network sees it, and what comes of it; changes nothing.

        Parameters
        ----------
        x
            Features by name.
        decimals
            Of each number.
        """
        targets = list(self._place) or [None]
        return text_of(debug_tables(self._bank, KEY, x, self._reader.read, targets), decimals)

    @property
    def expert_weights(self) -> dict[Hashable, dict[str, float]]:
        """How much each expert counts in the next forecast of each target; they sum to 1."""
        return {name: self._bank.expert_weights(KEY, k) for name, k in self._place.items()}

    @property
    def events_seen(self) -> int:
        """Events learnt."""
        return self._bank.accepted(KEY)
