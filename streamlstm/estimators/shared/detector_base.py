"""Base of the two detectors: a single stream that scores its targets."""

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlstm.bank import Bank, BatchResult, Detection, Shape
from streamlstm.estimators.shared.settings import settings_of
from streamlstm.estimators.shared.single_stream import KEY, SingleStream, StreamEstimator
from streamlstm.estimators.shared.state import State
from streamlstm.kernels.layout import whole

Expected = tuple[float, float, float]


class DetectorBase(StreamEstimator):
    """Base of the detectors: scores targets, and uses the other features to forecast them.

    The targets of a detector may be unknown until its first event; until then there is no stream.
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
        """Check the parameters, and create the stream if the targets are known."""
        self._settings = settings_of(self)
        self._detection = Detection(
            false_alarm_rate=self.false_alarm_rate,
            warm_up=self.warm_up,
            resolve_after=self.resolve_after,
            cooldown=self.cooldown,
        )
        self._last_result: BatchResult | None = None
        self._begin(targets)

    def _begin(self, targets: list[Hashable]) -> None:
        """Create the stream for targets; without any there is none yet."""
        self._targets = targets
        hidden = whole("hidden_size", self.hidden_size, 1)
        shape = Shape(self.cell, self.layers, hidden=hidden, outputs=max(1, len(targets)))
        if targets:
            self._stream = SingleStream(
                shape,
                self._settings,
                seed=self.seed,
                features_max=self.features_max,
                detection=self._detection,
            )

    def _row(
        self, features: dict[Hashable, Any], targets: list[float], *, grow: bool
    ) -> NDArray[np.float64]:
        """Return the row of an event: the feature columns, then the targets."""
        row = self._stream.reader.read(features, grow=grow)
        row[0, row.shape[1] - len(targets) :] = targets
        return row

    def _detect(self, row: NDArray[np.float64], *, learn: bool) -> BatchResult:
        result = self._stream.bank.detect([self._stream.bank.slots[KEY]], row, learn=learn)
        if learn and result.accepted[0]:
            self._last_result = result
        return result

    @property
    def alerting(self) -> bool:
        """Whether an alert is open after the last event learnt."""
        return bool(self._targets) and self._stream.bank.alert_open(KEY)

    @property
    def events_seen(self) -> int:
        """Number of events learnt."""
        return super().events_seen if self._targets else 0

    def _expected(self) -> dict[Hashable, Expected]:
        """Return forecast, low and high of each target at the last event learnt."""
        last = self._last_result
        if last is None:
            return {}
        forecasts, widths = last.forecast[0].tolist(), last.half_width[0].tolist()
        return {
            name: (forecast, forecast - width, forecast + width)
            for name, forecast, width in zip(self._targets, forecasts, widths, strict=True)
        }

    def _standardised_errors(self) -> dict[Hashable, float]:
        """Return the standardised error of each target at the last event learnt."""
        last = self._last_result
        if last is None:
            return {}
        return dict(zip(self._targets, last.standardised_error[0].tolist(), strict=True))

    def _network(self) -> tuple[Bank, str]:
        if not self._targets:
            raise ValueError(f"{type(self).__name__} has no network before its first event")
        return super()._network()

    def _output_names(self) -> Sequence[Hashable]:
        return self._targets

    def _state(self) -> State:
        state = super()._state() if self._targets else State()
        state.header["targets"] = self._targets
        if self._last_result is not None:
            state.arrays["last"] = self._last_result.rows
        return state

    def _restore_state(self, state: State) -> None:
        self._begin(state.header["targets"])
        if self._targets:
            super()._restore_state(state)
        if "last" in state.arrays:
            rows = state.arrays["last"].astype(np.float64)
            self._last_result = BatchResult(rows, len(self._targets))
