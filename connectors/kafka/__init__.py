"""Kafka connectors: the source reads topics; the outbox writes a transaction per micro-batch.

The package is imported only where it is used, since the Kafka client is slow to import.
"""

from connectors.kafka.client.connection import KafkaClient
from connectors.kafka.reading.relay import KafkaRelay
from connectors.kafka.reading.source import KafkaSource
from connectors.kafka.writing.outbox import KafkaOutbox, OutboxTopics

__all__ = ["KafkaClient", "KafkaOutbox", "KafkaRelay", "KafkaSource", "OutboxTopics"]
