"""Our bank behind the daemon's port."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from streamlstm.bank import Bank, BatchResult, Detection, Settings, Shape
from streamlstm.daemon.learners.port import AlertEvent
from streamlstm.kernels.decision.incident import OPENED
from streamlstm.kernels.layout import EXPERTS
from streamlstm.stages.event import Event

CLOCK = "time"
Observer = Callable[[Sequence[Event], BatchResult], None]


class BankLearner:
    """A bank of LSTMs that scores, learns and decides a batch in one compiled call.

    Parameters
    ----------
    features, targets
        Names, in the order in which events carry their values.
    clock
        Whether events carry a time.
    hidden_size
        Units of each LSTM.
    settings, detection
        How each learns, and when alerts open and end.
    seed
        With a stream's key it decides the stream's first weights.
    memory_max_bytes
        Limit of the arenas; it decides `streams_max`.

    Attributes
    ----------
    observer
        Sees every batch of events and what was made of it; for pictures.

    Raises
    ------
    ValueError
        If the limit leaves no room for one stream.

    Examples
    --------
    >>> learner = BankLearner((), ("flow",), clock=False, hidden_size=8, memory_max_bytes=1 << 20)
    >>> learner.process([])  # nothing, but the kernels are loaded
    []
    >>> learner.process([Event("a", None, None, (), (1.0,))])
    []
    """

    def __init__(
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
    ) -> None:
        columns = len(features) + (3 if clock else 0)
        shape = Shape(inputs=max(1, columns), hidden=hidden_size, outputs=len(targets))
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

    @property
    def threshold(self) -> float:
        """The score at which an alert opens."""
        return self._detection.threshold

    def description(self) -> dict[str, Any]:
        """List what shapes the state of a stream."""
        names = {"features": list(self._features), "targets": list(self._targets)}
        return self._bank.description() | names | {"clock": self._clock}

    def process(self, events: Sequence[Event]) -> list[AlertEvent]:
        """Score each event, then learn it; return the verdicts, in order."""
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
        judged = bank.detect(slots, values, learn=True)
        if self.observer:
            self.observer(events, judged)
        alert_events = []
        for n in np.flatnonzero(judged.alert_event).tolist():
            most = int(judged.standardised_error[n].argmax())
            alert_events.append(
                AlertEvent(
                    index=n,
                    opened=bool(judged.alert_event[n] == OPENED),
                    score=float(judged.score[n]),
                    events=int(judged.alert_length[n]),
                    peak=float(judged.alert_peak[n]),
                    forecast=tuple(judged.forecast[n].tolist()),
                    half_width=tuple(judged.half_width[n].tolist()),
                    standardised_error=tuple(judged.standardised_error[n].tolist()),
                    weights=dict(
                        zip(EXPERTS, judged.expert_weights[n, most].tolist(), strict=True)
                    ),
                )
            )
        return alert_events

    def opened_at(self, key: str) -> int:
        """Say at which offset the newest alert of a stream opened."""
        return self._bank.opened_at(key)

    def mark_opened(self, key: str, offset: int) -> None:
        """Note at which offset the alert of a stream opened."""
        self._bank.mark_opened(key, offset)

    def suppress(self, key: str, *, expected: int = 0, muted: int = 0) -> None:
        """Let no alert open in the next events of a stream."""
        self._bank.suppress(key, expected=expected, muted=muted)

    def end_alert(self, key: str) -> tuple[int, float] | None:
        """End the alert of a stream; return its events and peak score, None if none was open."""
        return self._bank.end_alert(key)

    def snapshot(self, key: str, next_offset: int, commands: int) -> bytes:
        """Give the state of a stream as bytes."""
        return self._bank.snapshot(key, next_offset, commands)

    def restore(self, payload: bytes) -> int:
        """Bring a stream back; return the count of controls in its snapshot."""
        return int(self._bank.restore(payload)["controls"])

    def open(self, key: str) -> int:
        """Make sure of a stream; one not known begins afresh."""
        return self._bank.open(key)

    def forget(self, key: str) -> None:
        """Drop a stream."""
        self._bank.forget(key)
