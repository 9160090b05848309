"""Faults of a worker over Kafka: killed, committing apart, reading slowly or commands first."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

from kafka import OffsetAndMetadata

from connectors import AppliedCommand, Effects, Outbox, Partition, Position, Snapshot
from connectors.effects import CrashPoint, Step, no_crash
from connectors.kafka import KafkaOutbox
from connectors.kafka.client.rebalance_listener import to_kafka
from streamlstm.daemon.commands.queue import Queued
from streamlstm.daemon.commands.topic import CommandTopic
from streamlstm.daemon.config.model import Config
from streamlstm.daemon.wiring.kafka import make_kafka_outbox
from tests.support.faults.crashes import Crash, fail_at

ARRIVAL_S = 0.05  # sends are asynchronous
SLOW_S = 0.08
ORDERS = ("offsets first", "offsets last")


def killed(step: Step, commit: int) -> CrashPoint:
    """Kill this process a moment after ``step`` of the n-th commit is done."""
    crash_point = fail_at(step, commit=commit)

    def kill(done: Step) -> None:
        try:
            crash_point(done)
        except Crash:
            threading.Event().wait(ARRIVAL_S)
            os.kill(os.getpid(), signal.SIGKILL)

    return kill


class OffsetsApart:
    """Commits the group's offsets as any consumer does, and the rest in a transaction.

    Between the two it may be killed, in a commit that has alerts. Not killed, it leaves what a
    right outbox leaves.
    """

    exactly_once = True

    def __init__(self, outbox: Any, order: str, consumer: Any, crash_point: CrashPoint) -> None:
        assert order in ORDERS
        self._outbox = outbox
        self._first = order == ORDERS[0]
        self._consumer = consumer
        self._crash_point = crash_point

    def commit(self, effects: Effects) -> None:
        if self._first:
            self._move(effects.positions)
        else:
            self._write(effects)
        if effects.alerts:
            self._crash_point(Step.POSITIONS)
        if self._first:
            self._write(effects)
        else:
            self._move(effects.positions)

    def _write(self, effects: Effects) -> None:
        names = [name for name in effects.__struct_fields__ if name != "positions"]
        self._outbox.commit(Effects(**{name: getattr(effects, name) for name in names}))

    def _move(self, positions: dict[Partition, Position]) -> None:
        self._consumer.commit(
            {
                to_kafka(where): OffsetAndMetadata(at.next_offset, at.metadata, -1)
                for where, at in positions.items()
            }
        )

    def committed(self, partition: Partition) -> Position | None:
        return self._outbox.committed(partition)

    def applied_commands(
        self, partition: Partition, from_offset: int
    ) -> Iterator[AppliedCommand | None]:
        return self._outbox.applied_commands(partition, from_offset)

    def load(self, partition: Partition) -> Iterator[Snapshot | None]:
        return self._outbox.load(partition)

    def close(self) -> None:
        self._outbox.close()


def with_offsets_apart(order: str) -> Callable[..., Outbox]:
    """Give what may stand in place of `make_kafka_outbox`."""

    def make(
        config: Config, membership: Callable[[], Any], crash_point: CrashPoint = no_crash
    ) -> Outbox:
        source: Any = getattr(membership, "__self__")  # noqa: B009 - it is typed as any callable
        outbox = make_kafka_outbox(config, membership)
        return OffsetsApart(outbox, order, source._consumer, crash_point)

    return make


def restored_slowly() -> None:
    """Give each snapshot after a while, as a far larger topic would."""
    load = KafkaOutbox.load

    def load_slowly(self: KafkaOutbox, partition: Partition) -> Iterator[Snapshot | None]:
        for found in load(self, partition):
            threading.Event().wait(SLOW_S)
            yield found

    KafkaOutbox.load = load_slowly  # type: ignore[method-assign]


class WholeTopic(CommandTopic):
    """Waits for all operator commands there were at its beginning, so none acts late."""

    def __init__(self, *told: Any) -> None:
        super().__init__(*told)
        self._end = self._consumer.end_offsets([self._partition])[self._partition]

    def poll(self) -> Iterator[tuple[int, Queued]]:
        yield from super().poll()
        while self._next_offset < self._end:
            yield from super().poll()
