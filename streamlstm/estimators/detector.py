"""LSTMDetector: the anomaly detector for river."""

import math
from collections.abc import Hashable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from river import base

from streamlstm.bank.feature_index import spell
from streamlstm.estimators.shared.detector_base import DetectorBase, Expected
from streamlstm.estimators.shared.features import number, target_value


class LSTMDetector(DetectorBase, base.AnomalyDetector):
    """Online LSTM anomaly detector that scores the forecast error of each event.

    Every monitored feature is forecast from the events before by a mixture of an LSTM [1]_ and
    cheap experts. The error, divided by that feature's typical error, is compared with the errors
    of the stream so far. The score is −log₁₀ of the probability of so large an error: 3 is one in a
    thousand, the maximum is 300, and it is 0 during warm-up. A value outside the range seen so far
    also increases the score.

    :attr:`alerting` is the decision made from the scores: an alert opens at the threshold, closes
    after ``resolve_after`` events below it, and is followed by a cooldown.

    Parameters
    ----------
    target : str or None, default None
        Name of the feature to monitor. ``None`` monitors all numbers of the first event learnt. All
        other features, and ``datetime`` features, are used to forecast the monitored ones.
    false_alarm_rate : float, default 0.001
        Desired fraction of normal events that open an alert. The alert threshold is its −log₁₀.
    warm_up : int, default 64
        Number of events before scores are computed; until then the score is 0.
    resolve_after : int, default 12
        Number of consecutive events below the threshold after which an alert closes.
    cooldown : int, default 24
        Number of events after an alert in which no other alert opens.
    hidden_size : int, default 16
        Number of hidden units of each layer, H. The time per event grows with its square.
    window : int, default 16
        Truncation length of back-propagation through time in events, K.
    update_every : int, default 1
        Number of events between two optimizer steps. 1 learns fastest; 4 takes about a third of the
        time.
    learning_rate : float, default 0.003
        Step size of the optimizer (Adam).
    features_max : int, default 1024
        Maximum number of feature columns. A number takes one column, a ``datetime`` three.
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
    alerting : bool
        Whether an alert is open after the last event learnt.
    expected : dict
        Forecast, low and high of each monitored feature at the last event learnt.
    events_seen : int
        Number of events learnt.

    Notes
    -----
    Time per event, in floating-point operations: about 8 H (H + I) for the forward pass and 8 K H
    (2 H + I) / ``update_every`` for back-propagation, with I two inputs per target and two per
    feature column; each further layer adds the same with H in place of I.

    Memory: 48 H (H + I) bytes of weights and optimizer moments per layer, 4 K (7 H + I) bytes of
    stored activations, and 8 (H + 13)² bytes of least-squares covariance and 14 KB of other
    statistics per target; about 50 KB with the defaults, one target and one feature. It does not
    grow with the number of events.

    When it fails: a slow drift is learnt and raises no alert. An anomaly within the first
    ``warm_up`` events becomes part of the normal range. A ``false_alarm_rate`` below one divided by
    the number of events seen relies on an extrapolated tail.

    Examples
    --------
    >>> from river import datasets
    >>> from streamlstm import LSTMDetector
    >>> model, alerts = LSTMDetector(target="flow"), []
    >>> for x, flow in datasets.WaterFlow():
    ...     x = {"flow": flow, **x}
    ...     if model.score_one(x) > 4:
    ...         alerts.append(f"{x['Time']:%d %b %H:%M}")
    ...     model.learn_one(x)
    >>> alerts[0]
    '24 Mar 08:00'

    References
    ----------
    .. [1] Hochreiter, S. & Schmidhuber, J. (1997). Long short-term memory. Neural Computation 9(8).
    """

    def __init__(
        self,
        target: str | None = None,
        false_alarm_rate: float = 0.001,
        warm_up: int = 64,
        resolve_after: int = 12,
        cooldown: int = 24,
        hidden_size: int = 16,
        window: int = 16,
        update_every: int = 1,
        learning_rate: float = 0.003,
        features_max: int = 1024,
        seed: int = 0,
        cell: str = "lstm",
        layers: int = 1,
    ) -> None:
        self.target = target
        self.false_alarm_rate = false_alarm_rate
        self.warm_up = warm_up
        self.resolve_after = resolve_after
        self.cooldown = cooldown
        self.hidden_size = hidden_size
        self.window = window
        self.update_every = update_every
        self.learning_rate = learning_rate
        self.features_max = features_max
        self.seed = seed
        self.cell = cell
        self.layers = layers
        self._prepare([] if target is None else [target])

    def _row_of(self, x: dict[Hashable, Any], *, grow: bool) -> NDArray[np.float64]:
        names = set(self._targets)
        targets = [target_value(x.get(name)) for name in self._targets]
        features = {name: value for name, value in x.items() if name not in names}
        return self._row(features, targets, grow=grow)

    def learn_one(self, x: dict[Hashable, Any]) -> None:
        """Learn one event, and advance the state by one step.

        Parameters
        ----------
        x
            Features by name. An event in which every monitored feature is missing or not finite is
            ignored.

        Raises
        ------
        TypeError
            If a feature is not a number, a boolean or a datetime; the message names it.
        """
        if not self._targets:
            plain = {name: number(name, value) for name, value in x.items()}
            numeric = [
                name for name, value in plain.items() if value is not None and not math.isnan(value)
            ]
            self._begin(sorted(numeric, key=spell))
            if not self._targets:
                return
        grow = any(not math.isnan(target_value(x.get(name))) for name in self._targets)
        self._detect(self._row_of(x, grow=grow), learn=True)

    def score_one(self, x: dict[Hashable, Any]) -> float:
        """Score an event against its forecast, without changing the model.

        Parameters
        ----------
        x
            Features by name.

        Returns
        -------
        float
            The anomaly score, 0 or more; 3 is one in a thousand.
        """
        if not self._targets:
            return 0.0
        return float(self._detect(self._row_of(x, grow=False), learn=False).score[0])

    @property
    def expected(self) -> dict[Hashable, Expected]:
        """Forecast, low and high of each monitored feature at the last event learnt.

        A value outside low and high opens an alert.
        """
        return self._expected()

    @property
    def standardised_errors(self) -> dict[Hashable, float]:
        """Error of each monitored feature at the last event learnt, by its typical error."""
        return self._standardised_errors()
