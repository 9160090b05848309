"""The default learner: LSTMs in a bank."""

from collections.abc import Callable, Sequence
from math import fsum, isnan
from typing import Any

import numpy as np
from msgspec.structs import replace

from streamlstm.bank import Bank, BatchResult, Detection, Settings, Shape, SnapshotError
from streamlstm.bank.drift import DriftDetector, scaled_error
from streamlstm.bank.snapshot import take_snapshot
from streamlstm.daemon.learners.port import closed_by_command
from streamlstm.kernels.decision.incident import OPENED
from streamlstm.kernels.layout import EXPERTS
from streamlstm.stages import AlertEvent, Event
from streamlstm.stages.alert_event import CloseReason

CLOCK = "time"
Observer = Callable[[Sequence[Event], BatchResult], None]


class BankLearner:
    """One LSTM for each stream, all in one bank; a batch takes one compiled call.

    Parameters
    ----------
    features, targets
        Names, in the order of the values in events.
    clock
        Whether events have a time.
    hidden_size
        Units of each LSTM.
    settings, detection
        How the LSTMs learn, and when alerts open and close.
    seed
        Seed of the initial weights, together with the key of the stream.
    cell, layers
        Recurrent cell, and how many of them are stacked.
    drift_detector, drift_threshold
        Detector of :data:`~streamlstm.bank.drift.DETECTORS`, or ``"none"``. When it detects
        that the errors of a stream have grown, the covariances of its experts are reset. With a
        detector, events take one compiled call each.
    memory_max_bytes
        Limit of the memory for streams; `streams_max` follows from it.

    Attributes
    ----------
    observer
        Called with every batch of events and its result; the demo draws from it.

    Raises
    ------
    ValueError
        If one stream takes more memory than the limit.

    Examples
    --------
    >>> learner = BankLearner((), ("flow",), clock=False, hidden_size=8, memory_max_bytes=1 << 20)
    >>> learner.process([])  # compiles or loads the kernels
    []
    >>> learner.process([Event("a", None, None, (), (1.0,))])
    []
    """

    def __init__(  # noqa: PLR0913 - each one shapes the state
        self,
        features: Sequence[str],
        targets: Sequence[str],
        *,
        clock: bool,
        hidden_size: int,
        memory_max_bytes: int,
        settings: Settings | None = None,
        detection: Detection | None = None,
        seed: int = 0,
        cell: str = "lstm",
        layers: int = 1,
        drift_detector: str = "none",
        drift_threshold: float = 50.0,
    ) -> None:
        columns = len(features) + (3 if clock else 0)
        shape = Shape(cell, layers, max(1, columns), hidden_size, len(targets))
        self._detection = detection or Detection()
        self._clock = clock
        self.observer: Observer | None = None
        self._features, self._targets = tuple(features), tuple(targets)
        self._bank = Bank(
            shape,
            settings or Settings(),
            seed=seed,
            features_max=max(1, columns),
            detection=self._detection,
        )
        self._bank.add_features(features, [CLOCK] if clock else [])
        index = self._bank.features
        self._order = [index.place(name) for name in features]
        if clock:
            hour = index.clock_place(CLOCK)
            self._order += [hour, hour + 2, hour + 1]
        self._order += range(columns, columns + len(targets))
        self.streams_max = memory_max_bytes // self._bank.slot_bytes
        if self.streams_max < 1:
            raise ValueError(
                f"{memory_max_bytes} bytes hold no stream: one takes {self._bank.slot_bytes}"
            )
        self._bank.store.slots_max = self.streams_max
        self._drift_settings: dict[str, Any] = {}
        if drift_detector != "none":
            self._drift_settings = {
                "drift_detector": drift_detector,
                "drift_threshold": drift_threshold,
            }
        self._drift: dict[str, DriftDetector] = {}

    @property
    def threshold(self) -> float:
        """The score at which an alert opens."""
        return self._detection.threshold

    def description(self) -> dict[str, Any]:
        """Return the settings that the state of a stream depends on."""
        names = {"features": list(self._features), "targets": list(self._targets)}
        return self._bank.description() | names | {"clock": self._clock} | self._drift_settings

    def process(self, events: Sequence[Event]) -> list[AlertEvent]:
        """Score each event, then learn from it; return the alert events, in order."""
        if not self._drift_settings or not events:
            return self._process(events)
        alert_events = []
        for n, event in enumerate(events):  # one by one, because a reset affects the next event
            scales = self._scales(event.key)
            alert_events += [replace(a, index=n) for a in self._process([event], scales)]
        return alert_events

    def _scales(self, key: str) -> list[float]:
        """Return the typical change of each target of a stream before its next event."""
        self.open(key)
        return [self._bank.scale(key, k) for k in range(len(self._targets))]

    def _monitor(self, event: Event, result: BatchResult, scales: Sequence[float]) -> None:
        """Add the error of an event to the drift detector of its stream."""
        each = zip(event.targets, result.forecast[0].tolist(), scales, strict=True)
        errors = [scaled_error(y, f, scale) for y, f, scale in each if scale > 0.0 and not isnan(y)]
        if errors and self._drift[event.key].update(fsum(errors) / len(errors)):
            self._bank.reset_covariance(event.key)

    def _process(
        self, events: Sequence[Event], scales: Sequence[float] | None = None
    ) -> list[AlertEvent]:
        bank, clock = self._bank, self._clock
        keys = [event.key for event in events]
        slot = {key: bank.open(key) for key in dict.fromkeys(keys)}
        slots = [slot[key] for key in keys]
        values = np.empty((len(events), len(self._order)))
        if events:
            values[:, self._order] = [
                (*e.features, *(e.clock or (np.nan, np.nan)), e.time_s, *e.targets)
                if clock
                else (*e.features, *e.targets)
                for e in events
            ]
        result = bank.detect(slots, values, learn=True)
        if self.observer:
            self.observer(events, result)
        if scales is not None and result.accepted[0]:
            self._monitor(events[0], result, scales)
        alert_events = []
        for n in np.flatnonzero(result.alert_event).tolist():
            opened = result.alert_event[n] == OPENED
            largest = int(result.standardised_error[n].argmax())
            alert_events.append(
                AlertEvent(
                    index=n,
                    kind="opened" if opened else "closed",
                    reason=None if opened else "resolved",
                    score=float(result.score[n]),
                    events=int(result.alert_length[n]),
                    peak_score=float(result.alert_peak[n]),
                    forecast=tuple(result.forecast[n].tolist()),
                    half_width=tuple(result.half_width[n].tolist()),
                    standardised_error=tuple(result.standardised_error[n].tolist()),
                    weights=dict(
                        zip(EXPERTS, result.expert_weights[n, largest].tolist(), strict=True)
                    ),
                )
            )
        return alert_events

    def opened_at(self, key: str) -> int:
        """Return the offset at which the latest alert of a stream opened."""
        return self._bank.opened_at(key)

    def mark_opened(self, key: str, offset: int) -> None:
        """Store the offset at which the alert of a stream opened."""
        self._bank.mark_opened(key, offset)

    def suppress(self, key: str, *, expected: int = 0, muted: int = 0) -> None:
        """Open no alert during the next events of a stream."""
        self._bank.suppress(key, expected=expected, muted=muted)

    def close_alert(self, key: str, reason: CloseReason) -> AlertEvent | None:
        """Close the alert of a stream; return None if none is open."""
        return closed_by_command(self._bank.end_alert(key), reason)

    def snapshot(self, key: str, next_offset: int, commands: int) -> bytes:
        """Return the state of a stream as bytes."""
        if not self._drift_settings:
            return self._bank.snapshot(key, next_offset, commands)
        drift = {"drift": self._drift[key].state}
        return take_snapshot(self._bank.store, key, next_offset, commands, drift)

    def restore(self, payload: bytes) -> int:
        """Restore a stream; return the number of commands in its snapshot."""
        header = self._bank.restore(payload)
        if self._drift_settings:
            if "drift" not in header:
                raise SnapshotError(f"snapshot of stream {header['stream']!r}: no drift detector")
            self._detector(header["stream"]).state = header["drift"]
        return int(header["controls"])

    def open(self, key: str) -> int:
        """Create a stream if it does not exist."""
        if self._drift_settings and key not in self._drift:
            self._detector(key)
        return self._bank.open(key)

    def _detector(self, key: str) -> DriftDetector:
        """Give a stream a new drift detector."""
        self._drift[key] = DriftDetector(self._drift_settings["drift_threshold"])
        return self._drift[key]

    def forget(self, key: str) -> None:
        """Remove a stream."""
        self._bank.forget(key)
        self._drift.pop(key, None)
