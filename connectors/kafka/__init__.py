"""Kafka: topics in, one transaction a micro-batch out.

Imported only by those who name it, for Kafka's client takes its time to load.
"""

from connectors.kafka.client import KafkaClient
from connectors.kafka.outbox import KafkaOutbox, OutboxTopics
from connectors.kafka.relay import KafkaRelay
from connectors.kafka.source import KafkaSource

__all__ = ["KafkaClient", "KafkaOutbox", "KafkaRelay", "KafkaSource", "OutboxTopics"]
