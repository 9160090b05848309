"""Applies an operator command to its stream."""

from connectors import Alert, Effects, Partition, Snapshot
from streamlstm.daemon.commands.queue import Due
from streamlstm.daemon.engine.stream_cache import StreamCache
from streamlstm.stages import (
    Acknowledge,
    AlertOrigin,
    Expected,
    Forget,
    Mute,
    Reset,
    form_alert,
)
from streamlstm.stages.alert_event import CloseReason


def apply_command(
    due: Due, partition: Partition, streams: StreamCache, origin: AlertOrigin, effects: Effects
) -> None:
    """Apply an operator command to its stream, unless the stream's state contains it already.

    Parameters
    ----------
    due
        The command, with its number in the partition and the offset at which it takes effect.
    partition
        Partition of the stream.
    streams
        Contains the stream.
    origin
        Names for the alert that the command may close.
    effects
        The closed alert and the snapshot of a stream that is reset or forgotten are added to it.
    """
    key, command, learner = due.command.stream, due.command, streams.learner
    streams.load([key])
    if due.number < streams.commands[key]:
        return
    reason: CloseReason | None = None
    match command:
        case Expected():
            learner.suppress(key, expected=command.events)
        case Mute():
            learner.suppress(key, muted=command.events)
        case Acknowledge():
            reason = "acknowledged"
        case Reset():
            reason = "reset"
        case Forget():
            reason = "forgotten"
    if reason and (closed := learner.close_alert(key, reason)):
        opened_offset = learner.opened_at(key)
        alert = form_alert(
            origin, closed, stream=key, offset=due.offset, opened_offset=opened_offset
        )
        effects.alerts.append(Alert(partition, *alert))
    if isinstance(command, Reset | Forget):
        streams.forget(key)
    if isinstance(command, Forget):
        effects.snapshots.append(Snapshot(partition, key.encode(), due.offset, None))
        return
    if isinstance(command, Reset):
        streams.load([key])
        streams.next_offset[key] = due.offset
    streams.commands[key] = due.number + 1
    streams.mark_dirty(key, due.offset)
    if isinstance(command, Reset):  # a replay that begins at this offset needs the new stream
        payload = streams.snapshot(key)
        effects.snapshots.append(Snapshot(partition, key.encode(), due.offset, payload))
