"""A learner for any anomaly detector of river. Its state is a pickle."""

import hashlib
import io
import pickle
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import msgspec
import numpy as np
from river import base

from streamlstm.bank import Detection
from streamlstm.bank.slots.alert_state import begin_decision, end_alert, lasted, suppress
from streamlstm.daemon.learners.port import closed_by_command
from streamlstm.kernels import layout as at
from streamlstm.kernels.decision.incident import NO_VERDICT, OPENED, decide
from streamlstm.stages import AlertEvent, Event
from streamlstm.stages.alert_event import CloseReason


class _Stream:
    """One detector, and the state of its alert in the layout of the kernels."""

    def __init__(self, model: base.AnomalyDetector, detection: Detection, threshold: float) -> None:
        self.model = model
        self.seen = 0
        self.decision = np.zeros(at.D_LARGEST)
        begin_decision(self.decision, detection)
        self.decision[at.D_THRESHOLD] = threshold


class _Unpickler(pickle.Unpickler):
    """Reads snapshots of versions that defined `_Stream` in another module."""

    def find_class(self, module: str, name: str) -> Any:
        """Return the class that a pickle names."""
        if (module, name) == ("streamlstm.daemon.river_learner", "_Stream"):
            return _Stream
        return super().find_class(module, name)


class _Saved(msgspec.Struct):
    """The fields of a snapshot."""

    key: str
    commands: int = msgspec.field(name="controls")
    digest: bytes
    pickle: bytes


class RiverLearner:
    """One anomaly detector of river for each stream.

    Its score is compared with ``threshold`` unchanged. It has no forecast, so alerts contain the
    observed values only.

    Parameters
    ----------
    make
        Returns a new detector.
    name
        Class and parameters of the detector; the state depends on them.
    features, targets
        Names of the values in events. The detector gets all of them except missing ones.
    detection
        ``warm_up``, ``resolve_after`` and ``cooldown`` of alerts.
    threshold
        Score at which an alert opens.
    streams_max
        Maximum number of streams in memory.

    Examples
    --------
    >>> from river import anomaly
    >>> learner = RiverLearner(
    ...     lambda: anomaly.HalfSpaceTrees(seed=1), "trees", (), ("flow",), Detection(), 0.9, 10
    ... )
    >>> learner.process([Event("a", None, None, (), (1.0,))])
    []
    """

    def __init__(
        self,
        make: Callable[[], base.AnomalyDetector],
        name: str,
        features: Sequence[str],
        targets: Sequence[str],
        detection: Detection,
        threshold: float,
        streams_max: int,
    ) -> None:
        self._make = make
        self._name = name
        self._features, self._targets = tuple(features), tuple(targets)
        self._detection = detection
        self.threshold = threshold
        self.streams_max = streams_max
        self._streams: dict[str, _Stream] = {}

    def description(self) -> dict[str, Any]:
        """Return the settings that the state of a stream depends on."""
        return {
            "river": self._name,
            "features": list(self._features),
            "targets": list(self._targets),
            "threshold": self.threshold,
            "warm_up": self._detection.warm_up,
            "resolve_after": self._detection.resolve_after,
            "cooldown": self._detection.cooldown,
        }

    def process(self, events: Sequence[Event]) -> list[AlertEvent]:
        """Score each event, then learn from it; return the alert events, in order."""
        alert_events = []
        for index, event in enumerate(events):
            stream = self._streams[self.open(event.key)]
            numbers = (*event.features, *event.targets)
            named = zip((*self._features, *self._targets), numbers, strict=True)
            x: dict[Hashable, Any] = {name: value for name, value in named if not np.isnan(value)}
            score = float(stream.model.score_one(x))
            if stream.seen < self._detection.warm_up or not np.isfinite(score):
                score = 0.0
            stream.model.learn_one(x)
            stream.seen += 1
            decision = decide(stream.decision, score)
            if decision != NO_VERDICT:
                opened = decision == OPENED
                missing = (float("nan"),) * len(self._targets)
                events_so_far, peak = lasted(stream.decision)
                alert_events.append(
                    AlertEvent(
                        index=index,
                        kind="opened" if opened else "closed",
                        reason=None if opened else "resolved",
                        score=score,
                        events=events_so_far,
                        peak_score=peak,
                        forecast=missing,
                        half_width=missing,
                        standardised_error=(0.0,) * len(self._targets),
                        weights={},
                    )
                )
        return alert_events

    def opened_at(self, key: str) -> int:
        """Return the offset at which the latest alert of a stream opened."""
        return int(self._streams[key].decision[at.D_OPENED_AT])

    def mark_opened(self, key: str, offset: int) -> None:
        """Store the offset at which the alert of a stream opened."""
        self._streams[key].decision[at.D_OPENED_AT] = offset

    def suppress(self, key: str, *, expected: int = 0, muted: int = 0) -> None:
        """Open no alert during the next events; the detector learns from all of them."""
        suppress(self._streams[key].decision, expected, muted)

    def close_alert(self, key: str, reason: CloseReason) -> AlertEvent | None:
        """Close the alert of a stream; return None if none is open."""
        return closed_by_command(end_alert(self._streams[key].decision), reason)

    def snapshot(self, key: str, next_offset: int, commands: int) -> bytes:
        """Return the state of a stream as bytes: a pickle and its checksum."""
        state = pickle.dumps(self._streams[key], protocol=5)
        digest = hashlib.blake2b(state, digest_size=16).digest()
        return msgspec.msgpack.encode(_Saved(key, commands, digest, state))

    def restore(self, payload: bytes) -> int:
        """Restore a stream; return the number of commands in its snapshot.

        Raises
        ------
        ValueError
            If the bytes are damaged.
        """
        saved = msgspec.msgpack.decode(payload, type=_Saved)
        if hashlib.blake2b(saved.pickle, digest_size=16).digest() != saved.digest:
            raise ValueError(f"damaged snapshot of stream {saved.key!r}: checksum does not match")
        self._streams[saved.key] = _Unpickler(io.BytesIO(saved.pickle)).load()
        return saved.commands

    def open(self, key: str) -> str:
        """Create a stream if it does not exist."""
        if key not in self._streams:
            self._streams[key] = _Stream(self._make(), self._detection, self.threshold)
        return key

    def forget(self, key: str) -> None:
        """Remove a stream."""
        del self._streams[key]
