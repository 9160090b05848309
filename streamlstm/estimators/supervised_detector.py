"""LSTMSupervisedDetector: the anomaly detector of a target, given features."""

import math
from collections.abc import Hashable
from typing import Any

from river import base

from streamlstm.estimators.shared.detector_base import DetectorBase, Expected
from streamlstm.estimators.shared.features import target_value

TARGET = "target"


class LSTMSupervisedDetector(DetectorBase, base.SupervisedAnomalyDetector):
    """Online LSTM anomaly detector of a target ``y``, given features ``x`` and the events before.

    The model, the score and the alert are those of :class:`~streamlstm.LSTMDetector`: an LSTM [1]_
    and cheap experts forecast the target, and the score is −log₁₀ of the probability of so large an
    error. All features are used for the forecast. A high temperature under a high load is then
    normal, and the same temperature without the load is not.

    Parameters
    ----------
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
    expected : tuple or None
        Forecast, low and high at the last event learnt.
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
    ``warm_up`` events becomes part of the normal range. A feature that changes together with the
    target in an anomaly explains it away.

    Examples
    --------
    >>> import random
    >>> from streamlstm import LSTMSupervisedDetector
    >>> model, chance = LSTMSupervisedDetector(), random.Random(1)
    >>> for _ in range(500):
    ...     load = chance.uniform(0, 10)
    ...     model.learn_one({"load": load}, 20 + 3 * load + chance.gauss(0, 0.5))
    >>> model.score_one({"load": 9}, 47) < 2 < model.score_one({"load": 1}, 47)
    True

    References
    ----------
    .. [1] Hochreiter, S. & Schmidhuber, J. (1997). Long short-term memory. Neural Computation 9(8).
    """

    def __init__(
        self,
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
        self._prepare([TARGET])

    def learn_one(self, x: dict[Hashable, Any] | None, y: base.typing.Target) -> None:
        """Learn one event, and advance the state by one step.

        Parameters
        ----------
        x
            Features by name, or ``None``.
        y
            The target. An event whose target is missing or not finite is ignored.

        Raises
        ------
        TypeError
            If a feature or the target is not a number; the message names it.
        """
        target = target_value(y)
        row = self._row(x or {}, [target], grow=not math.isnan(target))
        self._detect(row, learn=True)

    def score_one(self, x: dict[Hashable, Any] | None, y: base.typing.Target) -> float:
        """Score a target against its forecast, without changing the model.

        Parameters
        ----------
        x
            Features by name, or ``None``.
        y
            The target.

        Returns
        -------
        float
            The anomaly score, 0 or more; 3 is one in a thousand.
        """
        row = self._row(x or {}, [target_value(y)], grow=False)
        return float(self._detect(row, learn=False).score[0])

    @property
    def expected(self) -> Expected | None:
        """Forecast, low and high at the last event learnt; None before the first.

        A target outside low and high opens an alert.
        """
        return self._expected().get(TARGET)

    @property
    def standardised_error(self) -> float:
        """Error at the last event learnt, divided by the typical error; 0 before the first."""
        return self._standardised_errors().get(TARGET, 0.0)
