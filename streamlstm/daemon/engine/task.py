"""What happens to the records of one partition between a poll and a commit.

``state(n) = fold(journal[0:n])``: the state after n records is a function of those records, in
offset order, and of the operator commands between them. It does not depend on how the records are
divided into batches, which streams are evicted, or when snapshots are taken.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, pairwise
from typing import Any

from connectors import Alert, DeadLetter, Effects, Partition, Position, Record, Snapshot
from streamlstm.daemon.commands.queue import CommandQueue
from streamlstm.daemon.engine.apply_command import apply_command
from streamlstm.daemon.engine.commit_metadata import CommitMetadata
from streamlstm.daemon.engine.record_decoder import RecordDecoder
from streamlstm.daemon.engine.stream_cache import StreamCache
from streamlstm.daemon.telemetry.counts import Counts, Standing
from streamlstm.stages import AlertEvent, AlertOrigin, DecodeError, Event, form_alert

Decoded = Sequence[tuple[Record, Event]]


class PartitionTask:
    """Processes the records of one partition; start reading at :meth:`process`.

    Parameters
    ----------
    partition
        The partition.
    decoder
        Decodes records to events.
    streams
        The streams of the partition, with the learner that holds their models.
    commands
        Operator commands that take effect between records.
    origin
        Application, topic, partition, targets and threshold of the alerts.
    resume_point
        Offset of the first record, and the committed offset.
    model
        Settings that the state depends on; committed with each position.
    replay_records_max
        Maximum number of records between the oldest event in no snapshot and the position.

    Attributes
    ----------
    live : bool
        False while records below the committed offset are replayed to restore the state. Their
        effects are committed already and are discarded.
    """

    def __init__(
        self,
        partition: Partition,
        *,
        decoder: RecordDecoder,
        streams: StreamCache,
        commands: CommandQueue,
        origin: AlertOrigin,
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
        self._origin = origin
        self.begins = resume_point.begins
        self.committed = resume_point.committed
        self._known = resume_point.known
        self._model = model
        self._replay_records_max = replay_records_max

    def process(self, records: Sequence[Record], effects: Effects) -> None:
        """Process records in offset order; add the results to ``effects``, which is committed next.

        Steps 1 to 4 repeat for each run of records without a command between them.

        1. apply the operator commands that are due
        2. decode records to events, or to dead letters
        3. score each event, decide about alerts, learn
        4. write alert events as alerts
        5. take the snapshots that are due
        6. advance the position
        """
        start, alerts = 0, len(effects.alerts)
        while start < len(records):
            self.live = records[start].offset >= self.committed
            run_effects = effects if self.live else Effects()
            self._apply_commands(records[start].offset, run_effects)  # 1
            end = self._end_of_run(records, start)
            for chunk in self._chunks(self._decode(records[start:end], run_effects)):  # 2
                alert_events = self._learn(chunk)  # 3
                self._add_alerts(chunk, alert_events, run_effects)  # 4
            if self.live:
                self.next_offset = records[end - 1].next_offset
            start = end
        self.counts.alerts += len(effects.alerts) - alerts
        if self.live:
            oldest = self.next_offset - self._replay_records_max
            self._add_snapshots(self._streams.snapshots_due(oldest), effects)  # 5
            self._add_position(effects)  # 6

    def idle(self, position: int, effects: Effects) -> None:
        """End the replay, or apply commands, where no record does: steps 1 and 6.

        Parameters
        ----------
        position
            Offset that the source reads next. From the committed offset on the replay is over,
            even if the last records below it no longer exist.
        effects
            The results are added to it.
        """
        self.live = self.live or position >= self.committed
        if not self.live:
            return
        read, alerts = self.commands.read, len(effects.alerts)
        self._apply_commands(self.next_offset, effects)
        self.counts.alerts += len(effects.alerts) - alerts
        if self.commands.read > read or not self._known:
            self._add_position(effects)

    def save(self, streams_max: int, effects: Effects) -> bool:
        """Take snapshots of changed streams before a shutdown: steps 5 and 6.

        Returns
        -------
        bool
            Whether more streams are left.
        """
        if not self.live:
            return False
        self._add_snapshots(list(islice(self._streams.dirty, streams_max)), effects)
        self._add_position(effects)
        return bool(self._streams.dirty)

    def position(self) -> Position:
        """Return the next offset with the metadata that a restart needs."""
        replay_from = self._streams.replay_from(self.next_offset)
        metadata = CommitMetadata(replay_from, self.commands.count, self.commands.read, self._model)
        return Position(self.next_offset, metadata.encode())

    def close(self) -> None:
        """Close the store of evicted streams."""
        self._streams.close()

    def _end_of_run(self, records: Sequence[Record], start: int) -> int:
        """Return the index after the run: the next command or the committed offset ends it."""
        command = self.commands.next_offset(live=self.live)
        first, last = records[start].offset, records[-1].offset
        if not first < self.committed <= last and (command is None or command > last):
            return len(records)
        for end, (before, record) in enumerate(pairwise(records[start:]), start + 1):
            if before.offset < self.committed <= record.offset:
                return end
            if command is not None and command <= record.offset:
                return end
        return len(records)

    def _apply_commands(self, offset: int, effects: Effects) -> None:
        """Apply the operator commands that take effect before the record at ``offset``."""
        for due in self.commands.take(offset, self.next_offset, live=self.live):
            if isinstance(due, DeadLetter):
                effects.dead_letters.append(due)
                continue
            if due.applied is not None:
                effects.commands.append(due.applied)
                self.counts.commands += 1
            self._streams.commands_seen = due.number + 1
            if self._streams.contains(due.command.stream):
                # The effects of a replayed command were committed when it was first applied, even
                # if it takes effect at the very offset at which the replay ends.
                wanted = Effects() if due.applied is None else effects
                apply_command(due, self.partition, self._streams, self._origin, wanted)

    def _decode(self, records: Sequence[Record], effects: Effects) -> Decoded:
        """Decode records; leave out those that the state of their stream contains already."""
        events: list[tuple[Record, Event]] = []
        dead_letters = 0
        for record in records:
            try:
                event = self._decoder.decode(record)
            except DecodeError as error:
                effects.dead_letters.append(DeadLetter(record, str(error.code), error.reason))
                dead_letters += 1
                continue
            if event is None:
                continue
            if self.live or record.offset >= self._streams.next_offset.get(event.key, 0):
                events.append((record, event))
        if self.live:
            self.counts.records += len(records)
            self.counts.learnt += len(events)
            self.counts.dead_letters += dead_letters
            self.counts.ignored += len(records) - len(events) - dead_letters
        else:
            self.counts.replayed += len(records)
        return events

    def _chunks(self, events: Decoded) -> Iterator[Decoded]:
        """Divide events so that no chunk has more streams than fit into the learner."""
        if len({event.key for _, event in events}) <= self._learner.streams_max:
            if events:
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

    def _learn(self, chunk: Decoded) -> list[AlertEvent]:
        events = [event for _, event in chunk]
        keys = [event.key for event in events]
        self._streams.load(keys)
        alert_events = self._learner.process(events)
        self._streams.mark_learnt(keys, [record.offset for record, _ in chunk])
        return alert_events

    def _add_alerts(
        self, chunk: Decoded, alert_events: Sequence[AlertEvent], effects: Effects
    ) -> None:
        for alert_event in alert_events:
            record, event = chunk[alert_event.index]
            if alert_event.kind == "opened":
                self._learner.mark_opened(event.key, record.offset)
            alert = form_alert(
                self._origin,
                alert_event,
                stream=event.key,
                offset=record.offset,
                opened_offset=self._learner.opened_at(event.key),
                time_s=event.time_s,
                observed=event.targets,
            )
            effects.alerts.append(Alert(self.partition, *alert))

    def _add_snapshots(self, keys: Iterable[str], effects: Effects) -> None:
        for key in keys:
            next_offset, payload = self._streams.next_offset[key], self._streams.snapshot(key)
            effects.snapshots.append(Snapshot(self.partition, key.encode(), next_offset, payload))
            self._streams.mark_clean(key)

    def _add_position(self, effects: Effects) -> None:
        effects.positions[self.partition] = self.position()
        self._known = True
