"""LSTMSupervisedDetector: river's verbs for anomalies of a target, given features."""

import math
from collections.abc import Hashable
from typing import Any

from river import base

from streamlstm.estimators.shared.features import target_value
from streamlstm.estimators.shared.watching import Expected, Watching

TARGET = "target"


class LSTMSupervisedDetector(Watching, base.SupervisedAnomalyDetector):
    """Online LSTM anomaly detector of a target: how odd is ``y``, given ``x`` and what was before.

    The model, the score and the alert are those of :class:`~streamlstm.LSTMDetector`; what is
    watched is the target, and all features help to forecast it. So a heat that follows the load is
    nothing, and the same heat without the load is.

    Parameters
    ----------
    false_alarm_rate, warm_up, resolve_after, cooldown
        As in :class:`~streamlstm.LSTMDetector`.
    hidden_size, window, update_every, learning_rate, cell, layers
        As in :class:`~streamlstm.LSTMRegressor`.
    features_max
        Most feature columns; a ``datetime`` takes three.
    seed
        The same seed gives the same model, to the last bit.

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
        """Learn one event, and move the memory on by it.

        Parameters
        ----------
        x
            Features by name; ``None`` is none.
        y
            The target. One that is missing or not finite is passed over.

        Raises
        ------
        TypeError
            For a feature or a target that is no number, naming it.
        """
        target = target_value(y)
        self._learn(self._row(x or {}, [target], grow=not math.isnan(target)))

    def score_one(self, x: dict[Hashable, Any] | None, y: base.typing.Target) -> float:
        """Score a target against what the memory and the features expect; changes nothing.

        Returns
        -------
        float
            0 or more, higher is odder; 3 is one in a thousand.
        """
        return self._score(self._row(x or {}, [target_value(y)], grow=False))

    @property
    def expected(self) -> Expected | None:
        """What was expected at the last event learnt: forecast, low, high; None before the first.

        An alert opens beyond low and high.
        """
        return self._expected().get(TARGET)

    @property
    def standardised_error(self) -> float:
        """The error at the last event learnt, in units of the typical one; 0 before the first."""
        return self._standardised_errors().get(TARGET, 0.0)
