"""What the detectors have in common: a bank of one that judges what is watched."""

from collections.abc import Hashable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlstm.bank import Bank, BatchResult, Detection, Shape
from streamlstm.bank.explain.network_view import KEY
from streamlstm.estimators.shared.features import FeatureReader
from streamlstm.estimators.shared.settings import settings_of
from streamlstm.kernels.layout import whole

Expected = tuple[float, float, float]


class Watching:
    """An estimator that watches targets, and helps itself to other features.

    It has the parameters that :class:`~streamlstm.LSTMDetector` shares with
    :class:`~streamlstm.LSTMSupervisedDetector`.
    """

    false_alarm_rate: float
    warm_up: int
    resolve_after: int
    cooldown: int
    hidden_size: int
    features_max: int
    seed: int
    cell: str
    layers: int

    def _prepare(self, targets: list[Hashable]) -> None:
        """Refuse parameters out of range; begin if it is known what is watched."""
        self._settings = settings_of(self)
        self._detection = Detection(
            false_alarm_rate=self.false_alarm_rate,
            warm_up=self.warm_up,
            resolve_after=self.resolve_after,
            cooldown=self.cooldown,
        )
        self._targets = targets
        self._reader: FeatureReader | None = None
        self._last: BatchResult | None = None
        if targets:
            self._begin()

    def _begin(self) -> None:
        """Make the bank, once it is known what is watched."""
        hidden = whole("hidden_size", self.hidden_size, 1)
        shape = Shape(self.cell, self.layers, hidden=hidden, outputs=len(self._targets))
        self._bank = Bank(
            shape,
            self._settings,
            seed=self.seed,
            features_max=self.features_max,
            detection=self._detection,
        )
        self._slot = self._bank.open(KEY)
        self._reader = FeatureReader(self._bank, targets=shape.outputs)

    def _row(
        self, helping: dict[Hashable, Any], watched: list[float], *, grow: bool
    ) -> NDArray[np.float64]:
        """Return the row of an event: the features that help, then the watched ones."""
        assert self._reader is not None
        row = self._reader.read(helping, grow=grow)
        row[0, row.shape[1] - len(watched) :] = watched
        return row

    def _learn(self, row: NDArray[np.float64]) -> None:
        result = self._bank.detect([self._slot], row, learn=True)
        if result.accepted[0]:
            self._last = result

    def _score(self, row: NDArray[np.float64]) -> float:
        return float(self._bank.detect([self._slot], row, learn=False).score[0])

    @property
    def alerting(self) -> bool:
        """Whether an alert is open after the last event learnt."""
        return self._reader is not None and self._bank.alert_open(KEY)

    def _expected(self) -> dict[Hashable, Expected]:
        """Give by target: forecast, low and high at the last event learnt."""
        if self._last is None:
            return {}
        forecasts, widths = self._last.forecast[0].tolist(), self._last.half_width[0].tolist()
        return {
            name: (forecast, forecast - width, forecast + width)
            for name, forecast, width in zip(self._targets, forecasts, widths, strict=True)
        }

    def _standardised_errors(self) -> dict[Hashable, float]:
        """Give by target: the error at the last event learnt, in units of the typical one."""
        if self._last is None:
            return {}
        return dict(zip(self._targets, self._last.standardised_error[0].tolist(), strict=True))
