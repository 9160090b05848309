"""What is committed, read without disturbing the worker that commits."""

import click

from connectors import Partition
from streamlstm.daemon.config.model import Config
from streamlstm.daemon.wiring.contracts import View, outbox_wiring, source_wiring


def make_view(config: Config) -> View:
    """Open a view of a configuration's outbox; refuse one that keeps nothing."""
    outbox = config.outbox
    if not outbox.capabilities.durable:
        raise click.UsageError(f"the outbox is {outbox.kind}, which keeps nothing")
    return outbox_wiring(outbox).open_view(outbox, config)


def partitions(config: Config) -> tuple[Partition, ...]:
    """Give the partitions of a configuration's records, without reading any of them."""
    return source_wiring(config.source).partitions(config.source, config)
