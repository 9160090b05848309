"""One partition of the journal, from its records to what they leave behind.

``state(n) = fold(journal[0:n])``: records in offset order, operator commands at their place between
them. How records are cut into batches, what is evicted and when snapshots are taken cannot be
seen in the result.
"""

from collections.abc import Iterable, Sequence
from itertools import islice, pairwise
from typing import Any

from connectors import (
    Alert,
    DeadLetter,
    Effects,
    Partition,
    Position,
    Record,
    Snapshot,
)
from streamlstm.daemon.commands.queue import CommandQueue, Due
from streamlstm.daemon.engine.alert_factory import AlertFactory
from streamlstm.daemon.engine.commit_metadata import CommitMetadata
from streamlstm.daemon.engine.record_decoder import RecordDecoder
from streamlstm.daemon.engine.stream_cache import StreamCache
from streamlstm.daemon.telemetry.counts import Counts, Standing
from streamlstm.stages import (
    Acknowledge,
    DecodeError,
    Event,
    Expected,
    Forget,
    Mute,
    Reset,
)
from streamlstm.stages.alert import CloseReason


class PartitionTask:
    """The fold over one partition.

    Parameters
    ----------
    partition
        Whose records come.
    decoder
        From bytes to events.
    streams
        The partition's own, with the learner that holds their models.
    commands
        What takes effect between records.
    findings
        From verdicts to alerts.
    standing
        Where it begins.
    model
        What shapes the models, written beside the position.
    replay_records_max
        No stream keeps an event older than that many records out of its snapshot.
    """

    def __init__(
        self,
        partition: Partition,
        *,
        decoder: RecordDecoder,
        streams: StreamCache,
        commands: CommandQueue,
        alert_factory: AlertFactory,
        resume_point: Standing,
        model: dict[str, Any],
        replay_records_max: int,
    ) -> None:
        self.partition = partition
        self.counts = Counts()
        self.commands = commands
        self.next_offset = resume_point.committed
        self.live = False
        self._decoder = decoder
        self._learner = streams.learner
        self._streams = streams
        self._alert_factory = alert_factory
        self.begins = resume_point.begins
        self.committed = resume_point.committed
        self._known = resume_point.known
        self._model = model
        self._replay_records_max = replay_records_max

    def process(self, records: Sequence[Record], effects: Effects) -> None:
        """Take records on, in offset order, and note in ``effects`` what they leave behind."""
        at, alerts = 0, len(effects.alerts)
        while at < len(records):
            offset = records[at].offset
            self.live = offset >= self.committed
            noted = effects if self.live else Effects()
            self._take_commands(offset, noted)
            end = self._end_of_run(records, at)
            self._learn(records[at:end], noted)
            if self.live:
                self.next_offset = records[end - 1].next_offset
            at = end
        self.counts.alerts += len(effects.alerts) - alerts
        if self.live:
            self._save(self._streams.due(self.next_offset - self._replay_records_max), effects)
            self._commit_position(effects)

    def idle(self, position: int, effects: Effects) -> None:
        """Do what needs no record: notice that the replay has ended, let operator commands act.

        Parameters
        ----------
        position
            What the source reads next; at the committed offset the replay is over, though its
            last records may be gone.
        effects
        """
        self.live = self.live or position >= self.committed
        if not self.live:
            return
        read, alerts = self.commands.read, len(effects.alerts)
        self._take_commands(self.next_offset, effects)
        self.counts.alerts += len(effects.alerts) - alerts
        if self.commands.read > read or not self._known:
            self._commit_position(effects)

    def _end_of_run(self, records: Sequence[Record], at: int) -> int:
        """Find where the run of records that begins at ``at`` is cut by a control or by C."""
        command = self.commands.next_offset(live=self.live)
        first, last = records[at].offset, records[-1].offset
        if not first < self.committed <= last and (command is None or command > last):
            return len(records)
        for end, (before, record) in enumerate(pairwise(records[at:]), at + 1):
            if before.offset < self.committed <= record.offset:
                return end
            if command is not None and command <= record.offset:
                return end
        return len(records)

    def _learn(self, records: Sequence[Record], effects: Effects) -> None:
        events: list[tuple[Record, Event]] = []
        dead_letters = len(effects.dead_letters)
        for record in records:
            try:
                event = self._decoder.decode(record)
            except DecodeError as error:
                effects.dead_letters.append(DeadLetter(record, str(error.code), error.reason))
                continue
            if event is None:
                continue
            if self.live or record.offset >= self._streams.next_offset.get(event.key, 0):
                events.append((record, event))
        for chunk in self._chunks(events) if events else ():
            self._learn_chunk(chunk, effects)
        if not self.live:
            self.counts.replayed += len(records)
            return
        dead_letters = len(effects.dead_letters) - dead_letters
        self.counts.records += len(records)
        self.counts.learnt += len(events)
        self.counts.dead_letters += dead_letters
        self.counts.ignored += len(records) - len(events) - dead_letters

    def _chunks(
        self, events: Sequence[tuple[Record, Event]]
    ) -> Iterable[Sequence[tuple[Record, Event]]]:
        """Cut events so that no piece names more streams than the learner holds."""
        if len({event.key for _, event in events}) <= self._learner.streams_max:
            yield events
            return
        start, keys = 0, set[str]()
        for n, (_, event) in enumerate(events):
            if event.key not in keys and len(keys) == self._learner.streams_max:
                yield events[start:n]
                start, keys = n, set()
            keys.add(event.key)
        if start < len(events):
            yield events[start:]

    def _learn_chunk(self, chunk: Sequence[tuple[Record, Event]], effects: Effects) -> None:
        events = [event for _, event in chunk]
        keys = [event.key for event in events]
        self._streams.warm(keys)
        alert_events = self._learner.process(events)
        self._streams.learnt(keys, [record.offset for record, _ in chunk])
        for alert_event in alert_events:
            record, event = chunk[alert_event.index]
            if alert_event.opened:
                self._learner.mark_opened(event.key, record.offset)
            opened_at = self._learner.opened_at(event.key)
            self._alert(
                self._alert_factory.of(alert_event, event, record.offset, opened_at), effects
            )

    def _alert(self, message: tuple[str, bytes], effects: Effects) -> None:
        key, body = message
        effects.alerts.append(Alert(self.partition, key.encode(), body))

    def _take_commands(self, offset: int, effects: Effects) -> None:
        """Let the operator commands take effect that are due before the record at ``offset``."""
        for due in self.commands.take(offset, self.next_offset, live=self.live):
            if isinstance(due, DeadLetter):
                effects.dead_letters.append(due)
                continue
            if due.applied is not None:
                effects.commands.append(due.applied)
                self.counts.commands += 1
            self._streams.commands_seen = due.number + 1
            if self._streams.known(due.command.stream):
                # What a replayed one has to say was committed when it was stamped, even where it
                # acts at the very offset at which the replay ends.
                self._apply(due, Effects() if due.applied is None else effects)

    def _apply(self, due: Due, effects: Effects) -> None:
        number, command, offset = due.number, due.command, due.offset
        key = command.stream
        self._streams.warm([key])
        if number < self._streams.commands[key]:
            return
        reason: CloseReason | None = None
        match command:
            case Expected():
                self._learner.suppress(key, expected=command.events)
            case Mute():
                self._learner.suppress(key, muted=command.events)
            case Acknowledge():
                reason = "acknowledged"
            case Reset():
                reason = "reset"
            case Forget():
                reason = "forgotten"
        ended = self._learner.end_alert(key) if reason else None
        if reason and ended:
            opened_at = self._learner.opened_at(key)
            self._alert(self._alert_factory.ended(key, reason, ended, offset, opened_at), effects)
        if isinstance(command, Reset | Forget):
            self._streams.forget(key)
        if isinstance(command, Forget):
            effects.snapshots.append(Snapshot(self.partition, key.encode(), offset, None))
            return
        if isinstance(command, Reset):
            self._streams.warm([key])
            self._streams.next_offset[key] = offset
        self._streams.commands[key] = number + 1
        self._streams.touched(key, offset)
        if isinstance(command, Reset):  # a replay that begins here must know the stream
            self._put(key, effects)

    def _save(self, keys: Iterable[str], effects: Effects) -> None:
        for key in keys:
            self._put(key, effects)
            self._streams.saved(key)

    def _put(self, key: str, effects: Effects) -> None:
        next_offset, payload = self._streams.next_offset[key], self._streams.snapshot(key)
        effects.snapshots.append(Snapshot(self.partition, key.encode(), next_offset, payload))

    def save(self, streams_max: int, effects: Effects) -> bool:
        """Put the snapshots of some changed streams out, as a clean end does.

        Returns
        -------
        bool
            Whether more are left.
        """
        if not self.live:
            return False
        self._save(list(islice(self._streams.dirty, streams_max)), effects)
        self._commit_position(effects)
        return bool(self._streams.dirty)

    def close(self) -> None:
        """Let go of what waits in the cold."""
        self._streams.close()

    def _commit_position(self, effects: Effects) -> None:
        effects.positions[self.partition] = self.position()
        self._known = True

    def position(self) -> Position:
        """Say how far the partition is consumed, and what a restart needs."""
        replay_from = self._streams.replay_from(self.next_offset)
        metadata = CommitMetadata(replay_from, self.commands.count, self.commands.read, self._model)
        return Position(self.next_offset, metadata.encode())
