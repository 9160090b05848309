"""The Kafka outbox: each micro-batch is one transaction."""

from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import msgspec
from kafka.errors import KafkaTimeoutError

from connectors.effects import (
    Alert,
    AppliedCommand,
    CrashPoint,
    DeadLetter,
    Effects,
    Position,
    Snapshot,
    Step,
    no_crash,
)
from connectors.errors import CommitGuard, ConnectorError, Fatal
from connectors.kafka.client.connection import KafkaClient
from connectors.kafka.client.errors import map_kafka_errors, suppress_close_errors
from connectors.kafka.client.rebalance_listener import to_kafka
from connectors.kafka.client.records import partitions_of
from connectors.kafka.client.watchdog import Leave, leave
from connectors.kafka.reading.reader import SETTINGS, commands_in, read_to_end
from connectors.kafka.writing.dead_letters import dead_letter
from connectors.kafka.writing.open_transactions import abort_open_transactions
from connectors.kafka.writing.snapshots import Assembly, cut
from connectors.kafka.writing.transaction import Transaction
from connectors.record import Partition

COMMITTED_MS = 250  # limit of one offset request: it blocks while a transaction is pending
OVERHEAD_BYTES = 4096  # of a message in addition to its value


class OutboxTopics(msgspec.Struct, frozen=True):
    """The topics of an outbox.

    Parameters
    ----------
    alerts, dead_letters : str
        Topics with any number of partitions.
    snapshots, applied_commands : str
        Topics with as many partitions as the input.

    Examples
    --------
    >>> OutboxTopics.of("pumps").applied_commands
    'pumps.controls.stamped'
    """

    alerts: str
    dead_letters: str
    snapshots: str
    applied_commands: str

    @classmethod
    def of(cls, app: str) -> "OutboxTopics":
        """Return the default topic names of an application."""
        return cls(
            f"{app}.alerts", f"{app}.dead-letters", f"{app}.snapshots", f"{app}.controls.stamped"
        )


class KafkaOutbox:
    """Commits alerts, dead letters, snapshots, applied commands and offsets in one transaction.

    Parameters
    ----------
    client : KafkaClient
    topics : OutboxTopics
    group : str
        Consumer group whose offsets are the positions.
    worker_id : str
        Stable name of this process: a newer outbox with the same name fences the older one.
    membership : callable, optional
        Returns the group membership of this worker (`KafkaSource.membership`), which the broker
        checks. Without it the broker does not check ownership, so commit positions only while the
        group has no members.
    transaction_timeout_ms : int
        Time limit of a commit, in milliseconds.
    chunk_bytes : int
        Maximum size of the value of a message.
    compression : str, optional
        ``"gzip"``, ``"lz4"``, ``"zstd"`` or ``"snappy"``.
    crash_point : callable
        Called after each step of a commit.
    leave : callable
        Ends the process when a commit hangs.

    Examples
    --------
    With a broker at hand:

    >>> client = KafkaClient(("127.0.0.1:9092",))  # doctest: +SKIP
    >>> outbox = KafkaOutbox(
    ...     client, OutboxTopics.of("pumps"), group="pumps", worker_id="worker-0"
    ... )  # doctest: +SKIP
    >>> outbox.commit(Effects(positions={Partition("pumps", 0): Position(42)}))  # doctest: +SKIP
    """

    exactly_once = True

    def __init__(  # noqa: PLR0913 - the settings of its producer, and topics
        self,
        client: KafkaClient,
        topics: OutboxTopics,
        *,
        group: str,
        worker_id: str,
        membership: Callable[[], Any] | None = None,
        transaction_timeout_ms: int = 10_000,
        chunk_bytes: int = 900_000,
        compression: str | None = None,
        crash_point: CrashPoint = no_crash,
        leave: Leave = leave,
    ) -> None:
        self._client = client
        self._topics = topics
        self._group = group
        self._chunk_bytes = chunk_bytes
        self._wait_s_max = 2 * transaction_timeout_ms / 1000
        self._crash_point = crash_point
        self._guard = CommitGuard()
        self._chunks: dict[Partition, dict[bytes, int]] = {}
        # The producer comes first: it aborts an earlier process's transaction before any reading.
        self._transaction = Transaction(
            client,
            f"{group}.{worker_id}",
            timeout_ms=transaction_timeout_ms,
            message_bytes_max=chunk_bytes + OVERHEAD_BYTES,
            compression=compression,
            leave=leave,
        )
        try:
            self._reader = client.consumer(group_id=group, **SETTINGS)
        except BaseException:
            self._transaction.close()
            raise
        self._membership = membership or self._reader.group_metadata
        try:
            self._spread = self._partitions(
                (topics.alerts, topics.dead_letters, topics.snapshots, topics.applied_commands)
            )
        except BaseException:
            self.close()
            raise

    def _partitions(self, topics: Collection[str]) -> dict[str, int]:
        """Count the partitions; the producer would wait for a missing topic until it times out."""
        for topic in topics:
            partitions_of(self._reader, topic, "Read and Write")
        with ThreadPoolExecutor() as pool:  # concurrent requests take 0.1 s for all topics together
            return dict(zip(topics, pool.map(self._transaction.partitions, topics), strict=True))

    def committed(self, partition: Partition) -> Position | None:
        """Read the group's offset and its metadata."""
        for topic in (self._topics.snapshots, self._topics.applied_commands):
            self._counterpart(topic, partition)  # fail before any work that cannot be committed
        where = to_kafka(partition)
        with map_kafka_errors(f"group {self._group}"):
            try:
                found = self._reader.committed(where, metadata=True, timeout_ms=COMMITTED_MS)
            except KafkaTimeoutError:
                with suppress(ConnectorError):  # without the right, wait for the broker's timeout
                    abort_open_transactions(self._client, self._group)
                found = self._reader.committed(where, metadata=True, timeout_ms=COMMITTED_MS)
        return None if found is None else Position(found.offset, found.metadata)

    def commit(self, effects: Effects) -> None:
        """Commit the effects in one transaction."""
        with self._guard.one_commit():
            self._commit(effects, self._transaction, self._crash_point)

    def _commit(self, effects: Effects, transaction: Transaction, reached: CrashPoint) -> None:
        transaction.begin()
        for alert in effects.alerts:
            self._send_alert(alert)
        reached(Step.ALERTS)
        for bad in effects.dead_letters:
            self._send_letter(bad)
        reached(Step.DEAD_LETTERS)
        for snapshot in effects.snapshots:
            self._send_snapshot(snapshot)
        reached(Step.SNAPSHOTS)
        for command in effects.commands:
            beside = self._counterpart(self._topics.applied_commands, command.partition)
            headers = [("effective_offset", b"%d" % command.effective_offset)]
            transaction.send(beside, command.payload, None, headers)
        reached(Step.COMMANDS)
        transaction.arrived()
        if effects.positions:
            transaction.send_positions(effects.positions, self._membership())
        reached(Step.POSITIONS)
        transaction.commit()
        reached(Step.COMMIT)

    def _send_alert(self, alert: Alert) -> None:
        topic = self._topics.alerts
        where = Partition(topic, alert.partition.index % self._spread[topic])
        self._transaction.send(where, alert.value, alert.key, [])

    def _send_letter(self, bad: DeadLetter) -> None:
        topic = self._topics.dead_letters
        where = Partition(topic, bad.record.partition.index % self._spread[topic])
        self._transaction.send(where, *dead_letter(bad, self._chunk_bytes))

    def _send_snapshot(self, snapshot: Snapshot) -> None:
        beside = self._counterpart(self._topics.snapshots, snapshot.partition)
        known = self._chunks.setdefault(snapshot.partition, {})
        chunks = cut(snapshot, self._chunk_bytes, known.get(snapshot.stream_key, 0))
        for chunk in chunks:
            self._transaction.send(beside, chunk.value, chunk.key, chunk.headers)
        known[snapshot.stream_key] = sum(chunk.value is not None for chunk in chunks)

    def _counterpart(self, topic: str, partition: Partition) -> Partition:
        if partition.index >= self._spread[topic]:
            raise Fatal(
                f"topic {topic}: it has {self._spread[topic]} partitions, and the input has more",
                "add partitions until it has as many as the input: streamlstm topics plan CONFIG",
            )
        return Partition(topic, partition.index)

    def load(self, partition: Partition) -> Iterator[Snapshot | None]:
        """Read the partition of the snapshot topic from its beginning."""
        assembly = Assembly(partition)
        self._chunks[partition] = assembly.chunks
        yield from assembly.read(self._read(self._topics.snapshots, partition))

    def applied_commands(
        self, partition: Partition, from_offset: int
    ) -> Iterator[AppliedCommand | None]:
        """Read the partition of the topic of applied commands."""
        return commands_in(
            self._read(self._topics.applied_commands, partition), partition, from_offset
        )

    def _read(self, topic: str, partition: Partition) -> Iterator[Any]:
        return read_to_end(
            self._reader, to_kafka(self._counterpart(topic, partition)), self._wait_s_max
        )

    def close(self) -> None:
        """Close without ending an open transaction, as in a crash; the next outbox aborts it."""
        self._transaction.close()
        with suppress_close_errors():
            self._reader.close(autocommit=False, timeout_ms=1000)
