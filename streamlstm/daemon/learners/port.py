"""The protocol of a learner: what a model must do to run in the daemon."""

from collections.abc import Sequence
from typing import Any, Protocol

from streamlstm.stages import AlertEvent, Event
from streamlstm.stages.alert_event import CloseReason


class Learner(Protocol):
    """The models of all streams of a partition, one model for each stream key.

    A learner is deterministic: its results depend on the sequence of calls alone. It reads no
    clock, derives every random number from the key of the stream and a seed, and gives the same
    results however the events are divided into batches. Recovery relies on this: after a crash the
    daemon restores snapshots and processes the records after them again.

    The caller opens or restores a stream before it calls any other method with its key.
    """

    @property
    def streams_max(self) -> int:
        """Maximum number of streams in memory, at least 1."""
        ...

    @property
    def threshold(self) -> float:
        """Score at which an alert opens."""
        ...

    def description(self) -> dict[str, Any]:
        """Return the settings that the state depends on.

        The daemon commits them with the position and refuses to restore state that was made under
        other settings. All values can be written as JSON.
        """
        ...

    def process(self, events: Sequence[Event]) -> list[AlertEvent]:
        """Score each event, then learn from it, in order.

        Parameters
        ----------
        events
            Events of at most `streams_max` streams.

        Returns
        -------
        list of AlertEvent
            Alerts that opened or closed, in the order of their events; ``index`` is the position
            of the event in ``events``.
        """
        ...

    def opened_at(self, key: str) -> int:
        """Return the offset at which the latest alert of a stream opened."""
        ...

    def mark_opened(self, key: str, offset: int) -> None:
        """Store the offset at which the alert of a stream opened."""
        ...

    def suppress(self, key: str, *, expected: int = 0, muted: int = 0) -> None:
        """Open no alert during the next events of a stream.

        Parameters
        ----------
        key
            Key of the stream.
        expected
            Number of events that are expected to be unusual: they do not change the calibration.
        muted
            Number of events that are learnt as usual.
        """
        ...

    def close_alert(self, key: str, reason: CloseReason) -> AlertEvent | None:
        """Close the alert of a stream because of a command; return None if none is open."""
        ...

    def snapshot(self, key: str, next_offset: int, commands: int) -> bytes:
        """Return the state of a stream as bytes.

        Parameters
        ----------
        key
            Key of the stream.
        next_offset
            The state contains every record of the stream below this offset.
        commands
            The state contains every command of the partition below this number.
        """
        ...

    def restore(self, payload: bytes) -> int:
        """Restore a stream from a snapshot; return the snapshot's ``commands``.

        Raises
        ------
        ValueError
            If the bytes are damaged.
        """
        ...

    def open(self, key: str) -> object:
        """Create a stream if it does not exist."""
        ...

    def forget(self, key: str) -> None:
        """Remove a stream from memory."""
        ...


def closed_by_command(alert: tuple[int, float] | None, reason: CloseReason) -> AlertEvent | None:
    """Make the alert event of an alert that a command closed.

    Parameters
    ----------
    alert
        Number of events and highest score of the alert; None if none was open.
    reason
        Why it closed.

    Examples
    --------
    >>> closed_by_command((7, 4.5), "acknowledged").peak_score
    4.5
    """
    if alert is None:
        return None
    events, peak_score = alert
    return AlertEvent(kind="closed", reason=reason, score=0.0, events=events, peak_score=peak_score)
