"""Connectors: sources of records, and outboxes to which alerts and positions are committed.

The package does not depend on models and can be used alone. `connectors.protocols` defines the
contracts; the classes named here implement them. The Kafka clients are imported only where they are
used.
"""

from connectors.effects import (
    Alert,
    AppliedCommand,
    DeadLetter,
    Effects,
    Position,
    Snapshot,
)
from connectors.errors import Fatal, Fenced, Retriable
from connectors.file.source import CSV_HEADER, FileSource
from connectors.jsonl.outbox import JsonlOutbox
from connectors.jsonl.relay import JsonlRelay
from connectors.memory.log import MemoryLog
from connectors.memory.outbox import MemoryOutbox, MemoryRelay
from connectors.memory.source import MemorySource
from connectors.protocols import (
    Outbox,
    OutboxCapabilities,
    Rebalance,
    Relay,
    SnapshotStore,
    Source,
    SourceCapabilities,
)
from connectors.record import Partition, Record
from connectors.sqlite.outbox import SqliteOutbox
from connectors.sqlite.relay import SqliteRelay
from connectors.stdout_outbox import StdoutOutbox

__all__ = [
    "CSV_HEADER",
    "Alert",
    "AppliedCommand",
    "DeadLetter",
    "Effects",
    "Fatal",
    "Fenced",
    "FileSource",
    "JsonlOutbox",
    "JsonlRelay",
    "MemoryLog",
    "MemoryOutbox",
    "MemoryRelay",
    "MemorySource",
    "Outbox",
    "OutboxCapabilities",
    "Partition",
    "Position",
    "Rebalance",
    "Record",
    "Relay",
    "Retriable",
    "Snapshot",
    "SnapshotStore",
    "Source",
    "SourceCapabilities",
    "SqliteOutbox",
    "SqliteRelay",
    "StdoutOutbox",
]
