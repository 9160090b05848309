"""Journal of operator commands in a Kafka topic. Every worker reads all of it."""

from collections.abc import Iterator

from kafka import TopicPartition

from connectors import Fatal, Partition, Record
from connectors.kafka import KafkaClient
from connectors.kafka.client.errors import map_kafka_errors
from streamlstm.daemon.commands.queue import Queued
from streamlstm.daemon.commands.source import queued


class CommandTopic:
    """Reads a topic with one partition, so that all workers see the same order.

    Parameters
    ----------
    client
    topic
        Name of the topic. It is read from the first retained record.
    """

    def __init__(self, client: KafkaClient, topic: str) -> None:
        self._what = f"topic {topic}"
        self._where = Partition(topic, 0)
        self._partition = TopicPartition(topic, 0)
        # A command that is no longer retained was applied, or cannot be applied any more.
        self._consumer = client.consumer(auto_offset_reset="earliest")
        with map_kafka_errors(self._what):
            partitions = self._consumer.partitions_for_topic(topic)
            if partitions != {0}:
                raise Fatal(
                    f"{self._what}: it has {len(partitions or ())} partitions, and must have one",
                    "create it: streamlstm topics create CONFIG",
                )
            self._consumer.assign([self._partition])
            self._consumer.seek(self._partition, 0)
        self._next_offset = 0

    def rewind(self, place: int) -> None:
        """Read from offset ``place``, if that is further back."""
        if place < self._next_offset:
            self._next_offset = place
            self._consumer.seek(self._partition, place)

    def poll(self) -> Iterator[tuple[int, Queued]]:
        """Yield the new commands."""
        while True:
            with map_kafka_errors(self._what):
                found = self._consumer.poll(timeout_ms=0).get(self._partition, ())
            for r in found:
                self._next_offset = r.offset + 1
                record = Record(self._where, r.offset, r.key, r.value, r.timestamp)
                command = queued(record)
                if command is not None:
                    yield r.offset, command
            if not found:
                return

    def close(self) -> None:
        """Close the consumer."""
        with map_kafka_errors(self._what):
            self._consumer.close(autocommit=False, timeout_ms=1000)


def send_command(client: KafkaClient, topic: str, line: bytes) -> None:
    """Append one operator command, and wait until the broker has acknowledged it."""
    producer = client.producer()
    try:
        with map_kafka_errors(f"topic {topic}"):
            producer.send(topic, line, partition=0).get(timeout=10)
    finally:
        producer.close(timeout=1)
