"""Resets the state of streams, in one transaction."""

from collections.abc import Iterable
from contextlib import closing
from functools import partial
from typing import Any, Protocol

import click

from connectors import (
    Effects,
    Fatal,
    Outbox,
    Partition,
    Position,
    Snapshot,
    SnapshotStore,
)
from connectors.errors import IncompleteSnapshots
from streamlstm.daemon.config.model import Config
from streamlstm.daemon.engine.commit_metadata import CommitMetadata, StateMismatchError
from streamlstm.daemon.learners.make import make_learner
from streamlstm.daemon.learners.port import Learner
from streamlstm.daemon.retry import patiently
from streamlstm.daemon.wiring.worker import make_outbox, make_source

PENDING_S = 30.0  # added to the timeout of a pending transaction


class StatefulOutbox(Outbox, SnapshotStore, Protocol):
    """An outbox that stores snapshots too."""


def reset_state(config: Config, stream: str | None = None) -> int:
    """Delete all models, or restart the model of one stream; return the number of streams.

    Raises
    ------
    Fatal
        While workers of the consumer group run. The broker would accept the offsets, and the
        workers would continue with the models in their memory.
    """
    refuse_members(config)
    outbox = make_outbox(config)
    with closing(outbox):
        if not isinstance(outbox, SnapshotStore):
            raise click.UsageError(f"{config.outbox.kind} stores no state")
        with closing(make_source(config)) as source:
            where = source.partitions()
        model = make_learner(config).description()
        if config.source.capabilities.shared:
            model |= {"partitions": len(where)}
        effects, lost = Effects(), list[Partition]()
        for partition in where:
            position = patiently(partial(outbox.committed, partition), _pending_s(config))
            if position is None:
                lost.append(partition)
            if stream is None:
                reset_effects(partition, position, outbox, model, effects)
            elif position is not None:
                learner = make_learner(config)
                restart_stream(partition, position, outbox, learner, model, stream, effects)
        refuse_members(config)  # a worker that joined meanwhile may have read the old state
        if stream is not None and not effects.snapshots:
            raise click.UsageError(f"no snapshot of {stream!r}: streamlstm state list shows them")
        if stream is None and config.source.capabilities.shared:
            forget_commands(config, lost)
        outbox.commit(effects)
        return len(effects.snapshots)


def _pending_s(config: Config) -> float:
    """Return how long the transaction of a killed worker may withhold a position."""
    if config.kafka is None:
        return PENDING_S
    return PENDING_S + config.kafka.transaction_timeout_ms / 1000


def forget_commands(config: Config, partitions: Iterable[Partition]) -> None:
    """Delete the applied commands of partitions that have no committed position."""
    from connectors.kafka.client.topics import TopicAdmin  # noqa: PLC0415 - takes .2 s
    from streamlstm.daemon.wiring import kafka as kafka_wiring  # noqa: PLC0415

    with closing(TopicAdmin(kafka_wiring.make_client(config))) as admin:
        for partition in partitions:
            admin.empty(Partition(config.topics.applied_commands, partition.index))


def refuse_members(config: Config) -> None:
    """Raise `Fatal` while the consumer group of a configuration has members."""
    if config.kafka is None:
        return
    from streamlstm.daemon.admin.lag import group_members  # noqa: PLC0415 - takes .2 s

    members = group_members(config)
    if members:
        named = ", ".join(f"{member.name} at {member.host}" for member in members)
        session_s = config.kafka.session_timeout_ms / 1000
        raise Fatal(
            f"group {config.kafka.group_name(config.app)} has active members: {named}",
            "stop these workers and try again; the broker counts one that has just ended as a "
            f"member until its session times out, {session_s:g} s later",
        )


def reset_effects(
    partition: Partition,
    position: Position | None,
    outbox: StatefulOutbox,
    model: dict[str, Any],
    effects: Effects,
) -> None:
    """Add a tombstone for every stream, and a position from which nothing is replayed.

    Without a committed position the snapshots are orphans, and the application starts over.
    """
    streams: dict[bytes, bytes | None] = {}
    try:
        for snapshot in outbox.load(partition):
            if snapshot is not None:
                streams[snapshot.stream_key] = snapshot.payload
    except IncompleteSnapshots as torn:
        streams |= dict.fromkeys(torn.streams, b"")
    for key, payload in streams.items():
        if payload is not None:
            next_offset = 0 if position is None else position.next_offset
            effects.snapshots.append(Snapshot(partition, key, next_offset, None))
    if position is None:
        return
    metadata = CommitMetadata.decode(position.metadata)
    fresh = CommitMetadata(position.next_offset, metadata.commands, metadata.commands_read, model)
    effects.positions[partition] = Position(position.next_offset, fresh.encode())


def restart_stream(
    partition: Partition,
    position: Position,
    outbox: StatefulOutbox,
    learner: Learner,
    model: dict[str, Any],
    stream: str,
    effects: Effects,
) -> None:
    """Replace the snapshot of a stream by one of an untrained model.

    A tombstone would not suffice: the stream would learn again from the records that are replayed
    for other streams.
    """
    metadata = CommitMetadata.decode(position.metadata)
    if changed := metadata.changed(model):
        raise StateMismatchError("; ".join(changed))
    key, known = stream.encode(), False
    for snapshot in outbox.load(partition):
        if snapshot is not None and snapshot.stream_key == key:
            known = snapshot.payload is not None
    if known:
        learner.open(stream)
        payload = learner.snapshot(stream, position.next_offset, metadata.commands)
        effects.snapshots.append(Snapshot(partition, key, position.next_offset, payload))
