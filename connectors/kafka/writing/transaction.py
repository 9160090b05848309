"""The transactional producer, guarded against committing after an error."""

from typing import Any

from kafka import OffsetAndMetadata, errors

from connectors.effects import Position
from connectors.errors import Retriable
from connectors.kafka.client.connection import KafkaClient
from connectors.kafka.client.errors import RESTART, map_kafka_errors, suppress_close_errors
from connectors.kafka.client.rebalance_listener import to_kafka
from connectors.kafka.client.watchdog import Leave, bounded, leave
from connectors.record import Partition

CLOSE_S = 1.0


class Transaction:
    """The transactional producer of one worker, reusable until an operation fails.

    Creating it aborts the open transaction of an earlier process of the same name, and fences that
    process.

    Parameters
    ----------
    client : KafkaClient
    transactional_id : str
        Stable name. Of two producers with the same name, only the newer may write.
    timeout_ms : int
        Time in milliseconds after which the broker aborts an open transaction. The process exits
        if a step has no answer by then.
    message_bytes_max : int
        Maximum size of a message.
    compression : str, optional
    leave : callable
        Ends the process.
    """

    def __init__(
        self,
        client: KafkaClient,
        transactional_id: str,
        *,
        timeout_ms: int,
        message_bytes_max: int,
        compression: str | None = None,
        leave: Leave = leave,
    ) -> None:
        self._what = f"transaction {transactional_id}"
        self._bound_s = timeout_ms / 1000
        self._leave = leave
        self._sent: list[Any] = []
        self._producer = client.producer(
            transactional_id=transactional_id,
            transaction_timeout_ms=timeout_ms,
            request_timeout_ms=max(250, timeout_ms // 3),
            delivery_timeout_ms=max(500, timeout_ms * 2 // 3),
            max_block_ms=max(1000, timeout_ms),
            max_request_size=message_bytes_max + 65_536,
            compression_type=compression,
        )
        try:
            with map_kafka_errors(self._what):
                self._producer.init_transactions()
        except BaseException:
            self.close()
            raise

    def begin(self) -> None:
        """Begin."""
        self._sent.clear()
        with map_kafka_errors(self._what):
            self._producer.begin_transaction()

    def send(
        self,
        where: Partition,
        value: bytes | None,
        key: bytes | None,
        headers: list[tuple[str, bytes]],
        timestamp_ms: int | None = None,
    ) -> None:
        """Send a message, which becomes visible when the transaction is committed."""
        with map_kafka_errors(f"topic {where.topic}"):
            self._sent.append(
                self._producer.send(
                    where.topic,
                    value,
                    key,
                    headers,
                    partition=where.index,
                    timestamp_ms=timestamp_ms,
                )
            )

    def partitions(self, topic: str) -> int:
        """Return the number of partitions of a topic."""
        with map_kafka_errors(f"topic {topic}"):
            return len(self._producer.partitions_for(topic))

    def arrived(self) -> None:
        """Wait until the broker has all messages that were sent; raise the error of any of them.

        The commit of a transaction succeeds even if one of its batches has timed out. Only the
        future of a message has that error, so every future is checked before the commit.
        """
        with map_kafka_errors(self._what):
            self._producer.flush(timeout=self._bound_s)
            for future in self._sent:
                if not future.is_done:
                    raise Retriable(f"{self._what}: a message is not acknowledged yet", RESTART)
                if future.failed():
                    raise future.exception
        self._sent.clear()

    def send_positions(self, positions: dict[Partition, Position], membership: Any) -> None:
        """Add the group's offsets to the transaction; those of a former owner are refused."""
        offsets = {
            to_kafka(partition): OffsetAndMetadata(position.next_offset, position.metadata, -1)
            for partition, position in positions.items()
        }
        with map_kafka_errors(self._what), bounded(self._what, self._bound_s, self._leave):
            self._producer.send_offsets_to_transaction(offsets, membership)

    def commit(self) -> None:
        """Commit; the process exits if no answer comes in time."""
        with map_kafka_errors(self._what), bounded(self._what, self._bound_s, self._leave):
            self._producer.commit_transaction()

    def close(self) -> None:
        """Close; the next producer of the same name aborts an open transaction."""
        with suppress_close_errors():
            try:
                self._producer.close(timeout=0)
            except errors.KafkaTimeoutError:  # it would later send what is unsent
                sender = self._producer._sender
                sender.force_close()
                sender.join(CLOSE_S)
                self._producer.close(timeout=0)
