"""Bytes and offsets: where records come from and where alerts are committed to.

Knows nothing of models, and can be used alone. The contracts are in `connectors.protocols`; what is
named here implements them. Kafka's own clients are imported only by those who name them.
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
