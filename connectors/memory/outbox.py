"""Outbox, snapshot store and relay over a `MemoryLog`, with the same topics as over Kafka."""

from collections.abc import Iterator

import msgspec

from connectors.effects import (
    AppliedCommand,
    CrashPoint,
    Effects,
    Position,
    Snapshot,
    Step,
    no_crash,
)
from connectors.errors import CommitGuard
from connectors.memory.log import MemoryLog, MemoryProducer
from connectors.record import Partition, Record


class MemoryOutbox:
    """Commits the effects of a micro-batch in one transaction of a `MemoryLog`.

    Topics are created when first needed. ``<group>.alerts`` and ``<group>.dead_letters`` have one
    partition. ``<group>.snapshots.<topic>`` and ``<group>.controls.<topic>`` have as many as the
    input; the entries of a stream are in the partition of the same number.

    Parameters
    ----------
    log : MemoryLog
        The log that contains the topics.
    group : str
        Name of the application; it names the positions and the topics.
    worker_id : str
        Name of the worker; a newer outbox of the same worker fences the older one.
    crash_point : callable
        Called after each step of a commit.

    Examples
    --------
    >>> log = MemoryLog()
    >>> log.create_topic("pumps")
    >>> outbox = MemoryOutbox(log, "app")
    >>> outbox.commit(Effects(positions={Partition("pumps", 0): Position(42)}))
    >>> MemoryOutbox(log, "app").committed(Partition("pumps", 0))
    Position(next_offset=42, metadata='')
    """

    exactly_once = True

    def __init__(
        self,
        log: MemoryLog,
        group: str,
        worker_id: str = "worker-0",
        crash_point: CrashPoint = no_crash,
    ) -> None:
        self._log = log
        self._group = group
        self._crash_point = crash_point
        self._guard = CommitGuard()
        self._alerts = Partition(f"{group}.alerts", 0)
        self._dead_letters = Partition(f"{group}.dead_letters", 0)
        for own in (self._alerts, self._dead_letters):
            log.create_topic(own.topic)
        self._producer = log.producer(f"{group}.{worker_id}")

    def committed(self, partition: Partition) -> Position | None:
        """Read the group's position."""
        return self._log.committed(self._group, partition)

    def commit(self, effects: Effects) -> None:
        """Commit the effects in one transaction."""
        with self._guard.one_commit():
            self._commit(effects, self._producer, self._crash_point)

    def _commit(self, effects: Effects, producer: MemoryProducer, reached: CrashPoint) -> None:
        producer.begin()
        for alert in effects.alerts:
            producer.send(self._alerts, alert.value, alert.key)
        reached(Step.ALERTS)
        for dead_letter in effects.dead_letters:
            producer.send(
                self._dead_letters, msgspec.json.encode(dead_letter), dead_letter.record.key
            )
        reached(Step.DEAD_LETTERS)
        for snapshot in effects.snapshots:
            headers = (("next_offset", str(snapshot.next_offset).encode()),)
            beside = self._counterpart("snapshots", snapshot.partition)
            producer.send(beside, snapshot.payload, snapshot.stream_key, headers)
        reached(Step.SNAPSHOTS)
        for command in effects.commands:
            beside = self._counterpart("controls", command.partition)
            producer.send(beside, msgspec.json.encode(command), None)
        reached(Step.COMMANDS)
        producer.send_positions(self._group, effects.positions)
        reached(Step.POSITIONS)
        producer.commit()
        reached(Step.COMMIT)

    def applied_commands(self, partition: Partition, from_offset: int) -> Iterator[AppliedCommand]:
        """Read the applied commands of the partition."""
        for record in self._read_all(self._counterpart("controls", partition)):
            command = msgspec.json.decode(record.value or b"", type=AppliedCommand)
            if command.effective_offset >= from_offset:
                yield command

    def load(self, partition: Partition) -> Iterator[Snapshot]:
        """Read the snapshots of the partition, the last record of each key."""
        last = {r.key: r for r in self._read_all(self._counterpart("snapshots", partition))}
        for record in last.values():
            if record.value is not None:
                next_offset = int(dict(record.headers)["next_offset"])
                yield Snapshot(partition, record.key or b"", next_offset, record.value)

    def close(self) -> None:
        """Close without ending an open transaction, as in a crash; the next outbox aborts it."""

    def _counterpart(self, kind: str, partition: Partition) -> Partition:
        topic = f"{self._group}.{kind}.{partition.topic}"
        self._log.create_topic(topic, len(self._log.partitions(partition.topic)))
        return Partition(topic, partition.index)

    def _read_all(self, partition: Partition) -> list[Record]:
        records: list[Record] = []
        next_offset = 0
        while True:
            found, next_offset = self._log.read(partition, next_offset, max_records=1000)
            if not found:
                return records
            records += found


class MemoryRelay:
    """Reads a `MemoryOutbox`'s alerts; its position is stored as that of a separate group.

    Parameters
    ----------
    log : MemoryLog
        The log to which the outbox writes.
    group : str
        The outbox's group.
    name : str
        Name of this relay; each name has a position.

    Examples
    --------
    >>> log = MemoryLog()
    >>> outbox = MemoryOutbox(log, "app")
    >>> relay = MemoryRelay(log, "app", "webhook")
    >>> relay.poll(max_records=10, timeout_ms=0)
    []
    """

    def __init__(self, log: MemoryLog, group: str, name: str) -> None:
        self._log = log
        self._alerts = Partition(f"{group}.alerts", 0)
        self._group = f"{group}.relay.{name}"
        committed = log.committed(self._group, self._alerts)
        self._next_offset = committed.next_offset if committed else 0

    def poll(self, max_records: int, timeout_ms: int) -> list[Record]:
        """Read the next alerts, without waiting."""
        records, self._next_offset = self._log.read(self._alerts, self._next_offset, max_records)
        return records

    def commit(self) -> None:
        """Commit the position."""
        self._log.commit_positions(self._group, {self._alerts: Position(self._next_offset)})

    def close(self) -> None:
        """Do nothing."""
