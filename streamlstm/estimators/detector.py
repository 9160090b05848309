"""LSTMDetector: river's anomaly verbs on a bank of one."""

import math
from collections.abc import Hashable
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from river import base

from streamlstm.bank.feature_index import spell
from streamlstm.estimators.shared.features import number, target_value
from streamlstm.estimators.shared.watching import Expected, Watching


class LSTMDetector(Watching, base.AnomalyDetector):
    """Online LSTM anomaly detector: expects the next event from its memory, scores the surprise.

    Every watched feature is forecast from the events before. The error, in units of that
    feature's typical error, is compared with the stream's own past: the score is −log₁₀ of how
    probable so large a surprise is, 0 during warm-up, 3 for one in a thousand, at most 300. A
    value beyond the range seen so far scores too.

    An alert is a decision made from scores, in :attr:`alerting`: it opens at the threshold, ends
    after some quiet events, and is followed by a rest.

    Parameters
    ----------
    target
        The watched feature; its name. ``None`` watches every number of the first event learnt.
        All others, and ``datetime`` features, help to forecast.
    false_alarm_rate
        Wished share of normal events that open an alert.
    warm_up
        Events before scores mean anything.
    resolve_after
        Events in a row below the threshold that end an alert.
    cooldown
        Events after an alert in which no other opens.
    hidden_size, window, update_every, learning_rate
        As in :class:`~streamlstm.LSTMRegressor`.
    features_max
        Most feature columns; a ``datetime`` takes three.
    seed
        The same seed gives the same model, to the last bit.
    cell, layers
        As in :class:`~streamlstm.LSTMRegressor`.

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
        watched = [target_value(x.get(name)) for name in self._targets]
        helping = {name: value for name, value in x.items() if name not in names}
        return self._row(helping, watched, grow=grow)

    def learn_one(self, x: dict[Hashable, Any]) -> None:
        """Learn one event, and move the memory on by it.

        An event in which every watched feature is missing or not finite is passed over.

        Raises
        ------
        TypeError
            For a feature that is neither number nor datetime, naming it.
        """
        if self._reader is None:
            self._targets = sorted(
                (
                    name
                    for name, value in x.items()
                    if not math.isnan(number(name, value) or 0.0)
                    and not isinstance(value, datetime)
                ),
                key=spell,
            )
            if not self._targets:
                return
            self._begin()
        grow = any(not math.isnan(target_value(x.get(name))) for name in self._targets)
        self._learn(self._row_of(x, grow=grow))

    def score_one(self, x: dict[Hashable, Any]) -> float:
        """Score an event against what the memory expects; changes nothing.

        Returns
        -------
        float
            0 or more, higher is odder; 3 is one in a thousand.
        """
        return 0.0 if self._reader is None else self._score(self._row_of(x, grow=False))

    @property
    def expected(self) -> dict[Hashable, Expected]:
        """What was expected of each watched feature at the last event learnt.

        As (forecast, low, high); an alert opens beyond low and high.
        """
        return self._expected()

    @property
    def standardised_errors(self) -> dict[Hashable, float]:
        """Each watched feature's error at the last event learnt, in units of its typical error."""
        return self._standardised_errors()
