"""Access to committed state without disturbing the worker."""

import click

from connectors import Partition
from streamlstm.daemon.config.model import Config
from streamlstm.daemon.wiring.contracts import View, outbox_wiring, source_wiring


def make_view(config: Config) -> View:
    """Open a view of a configuration's outbox; refuse an outbox that stores nothing."""
    outbox = config.outbox
    if not outbox.capabilities.durable:
        raise click.UsageError(f"the outbox is {outbox.kind}, which stores nothing")
    return outbox_wiring(outbox).open_view(outbox, config)


def partitions(config: Config) -> tuple[Partition, ...]:
    """Return the partitions of a configuration's source without reading records."""
    return source_wiring(config.source).partitions(config.source, config)
