"""Outboxes that commit in the wrong order, to show that the tests would notice."""

from collections.abc import Callable, Iterator

from connectors import (
    AppliedCommand,
    Effects,
    Outbox,
    Partition,
    Position,
    Snapshot,
    SnapshotStore,
    Source,
)
from connectors.effects import CrashPoint, Step, no_crash
from streamlstm.daemon.config.model import Config
from streamlstm.daemon.wiring.worker import make_outbox

FIRST = {
    "positions first": ("positions",),
    "alerts first": ("alerts",),
    "dead letters first": ("dead_letters",),
    "snapshots first": ("snapshots",),
    "commands first": ("commands",),
    "snapshots last": ("alerts", "dead_letters", "commands", "positions"),
}
"""What each wrong order makes real before the rest; a right outbox has one commit for all."""


class WrongOrder:
    """Commits in two pieces what should be one, and may crash in between.

    Without a crash it leaves what a right outbox leaves.
    """

    exactly_once = True

    def __init__(self, outbox: Outbox, order: str, crash_point: CrashPoint) -> None:
        assert isinstance(outbox, SnapshotStore)
        self._outbox = outbox
        self._store: SnapshotStore = outbox
        self._first = FIRST[order]
        self._crash_point = crash_point

    def commit(self, effects: Effects) -> None:
        first, rest = Effects(), Effects()
        for name in effects.__struct_fields__:
            setattr(first if name in self._first else rest, name, getattr(effects, name))
        self._outbox.commit(first)
        for step in (Step.ALERTS, Step.DEAD_LETTERS, Step.SNAPSHOTS, Step.COMMANDS, Step.POSITIONS):
            self._crash_point(step)
        self._outbox.commit(rest)
        self._crash_point(Step.COMMIT)

    def committed(self, partition: Partition) -> Position | None:
        return self._outbox.committed(partition)

    def applied_commands(self, partition: Partition, from_offset: int) -> Iterator[AppliedCommand]:
        return self._outbox.applied_commands(partition, from_offset)

    def load(self, partition: Partition) -> Iterator[Snapshot]:
        return self._store.load(partition)

    def close(self) -> None:
        self._outbox.close()


def in_wrong_order(order: str) -> Callable[..., Outbox]:
    """Give what the composition root may use in place of `make_outbox`."""

    def make_wrong(
        config: Config, crash_point: CrashPoint = no_crash, source: Source | None = None
    ) -> Outbox:
        return WrongOrder(make_outbox(config), order, crash_point)

    return make_wrong
