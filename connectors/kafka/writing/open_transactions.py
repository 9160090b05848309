"""Abort the open transactions of dead workers without waiting for the transaction timeout.

The offsets of an open transaction stay hidden until it ends. The broker itself aborts it after the
transaction timeout and up to ten seconds more.
"""

from collections.abc import Iterator
from contextlib import closing

from connectors.kafka.client.connection import KafkaClient
from connectors.kafka.client.errors import map_kafka_errors
from connectors.kafka.writing.transaction import Transaction

TIMEOUT_MS = 5000
NO_WORKER = "redrive"  # commits for the group without being a member


def owners(transactional_id: str) -> Iterator[tuple[str, str]]:
    """Return all pairs of group and worker that give this transactional id; both may have dots.

    Examples
    --------
    >>> list(owners("pumps.north.worker-0"))
    [('pumps', 'north.worker-0'), ('pumps.north', 'worker-0')]
    """
    for place, dead_letter in enumerate(transactional_id):
        if dead_letter == ".":
            yield transactional_id[:place], transactional_id[place + 1 :]


def abort_open_transactions(client: KafkaClient, group: str) -> None:
    """Abort the open transactions of workers that are no longer in the group.

    A worker begins a transaction only while it is a member of the group. If a transaction is open
    before the members are listed and its owner is not among them, the owner is dead.

    Raises
    ------
    Retriable, Fatal
        If the broker does not answer, is older than 3.0, or denies the request.
    """
    with map_kafka_errors(f"group {group}"), closing(client.admin()) as admin:
        listed = admin.list_transactions(state_filters=["Ongoing"])
        ids = sorted({each.transactional_id for found in listed.values() for each in found})
        ours = [name for name in ids if name.startswith(f"{group}.")]
        groups = {of for name in ours for of, _ in owners(name)}
        described = admin.describe_groups(sorted(groups)) if groups else {}
    alive = {
        f"{of}.{member['group_instance_id']}"
        for of, found in described.items()
        for member in found["members"]
    }
    alive.add(f"{group}.{NO_WORKER}")
    for name in ours:
        if name not in alive:
            Transaction(client, name, timeout_ms=TIMEOUT_MS, message_bytes_max=0).close()
