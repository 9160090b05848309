"""Kafka: topics in, one transaction a micro-batch out.

Imported only by those who name it, for Kafka's client takes its time to load.
"""

from connectors.kafka.client.connection import KafkaClient
from connectors.kafka.reading.relay import KafkaRelay
from connectors.kafka.reading.source import KafkaSource
from connectors.kafka.writing.outbox import KafkaOutbox, OutboxTopics

__all__ = ["KafkaClient", "KafkaOutbox", "KafkaRelay", "KafkaSource", "OutboxTopics"]
