"""Consumer lag of the workers of a group, read from the broker."""

from collections.abc import Mapping

import msgspec

from connectors import Partition, Position
from connectors.kafka.client.groups import GroupObserver, Member
from streamlstm.daemon.config.model import Config
from streamlstm.daemon.engine.commit_metadata import CommitMetadata
from streamlstm.daemon.retry import patiently
from streamlstm.daemon.wiring.kafka import make_client, sections

COORDINATOR_S = 10  # a new or restarted broker takes a while to find a group's coordinator


class PartitionLag(msgspec.Struct, frozen=True):
    """Lag of one partition.

    Parameters
    ----------
    partition : int
    committed : int, optional
        Committed offset; None before the first commit.
    end : int
    lag : int
        Maximum number of records not consumed yet; offsets may have gaps.
    replay_from : int, optional
        Offset from which a restart would replay.
    replay : int
        Maximum number of records that a restart would replay.
    worker, host : str, optional
        Owner of the partition.
    """

    partition: int
    committed: int | None
    end: int
    lag: int
    replay_from: int | None
    replay: int
    worker: str | None
    host: str | None


def partition_lags(
    bounds: Mapping[Partition, tuple[int, int]],
    positions: Mapping[Partition, Position],
    members: list[Member],
) -> list[PartitionLag]:
    """Combine offsets of a topic, positions of its group and the members of the group.

    Examples
    --------
    >>> pumps = Partition("pumps", 0)
    >>> metadata = CommitMetadata(replay_from=30, commands=0, commands_read=0, model={})
    >>> found = partition_lags({pumps: (10, 50)}, {pumps: Position(42, metadata.encode())}, [])
    >>> found[0].lag, found[0].replay
    (8, 12)
    """
    owners = {partition: member for member in members for partition in member.partitions}
    found = []
    for partition, (first, end) in sorted(bounds.items()):
        position, owner = positions.get(partition), owners.get(partition)
        begins = first if position is None else position.next_offset
        replay_from = _replay_from(position)
        found.append(
            PartitionLag(
                partition.index,
                None if position is None else position.next_offset,
                end,
                max(0, end - begins),
                replay_from,
                0 if replay_from is None else max(0, begins - replay_from),
                owner.name if owner else None,
                owner.host if owner else None,
            )
        )
    return found


def _replay_from(position: Position | None) -> int | None:
    try:
        return CommitMetadata.decode(position.metadata).replay_from if position else None
    except msgspec.DecodeError:  # committed by another program
        return None


def group_lag(config: Config) -> list[PartitionLag]:
    """Read the lag from the broker, without joining the group."""
    kafka, source, _ = sections(config)
    observer = GroupObserver(make_client(config), kafka.group_name(config.app))
    try:
        # Positions are read first, so that a commit in between cannot make the lag negative.
        positions = patiently(observer.positions, COORDINATOR_S)
        members = patiently(observer.members, COORDINATOR_S)
        return partition_lags(observer.bounds(source.topic), positions, members)
    finally:
        observer.close()


def group_members(config: Config) -> list[Member]:
    """List the members of the group, including those whose session has not timed out yet."""
    kafka, _, _ = sections(config)
    observer = GroupObserver(make_client(config), kafka.group_name(config.app))
    try:
        return patiently(observer.members, COORDINATOR_S)
    finally:
        observer.close()
