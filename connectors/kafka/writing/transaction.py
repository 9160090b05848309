"""One transaction of Kafka's, and no way to commit it by mistake."""

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
    """The transactional producer of one worker; use it again and again until something fails.

    Making it ends what an earlier process of the same name left open, and shuts that one out.

    Parameters
    ----------
    client : KafkaClient
    transactional_id : str
        Stable name: of two producers with the same, only the newer may write.
    timeout_ms : int
        After so long the broker ends an open transaction. A step that has no answer by then ends
        the process.
    message_bytes_max : int
        Largest message that will be sent.
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
        """Send a message, to be seen when the transaction is committed."""
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
        """Say how many partitions a topic has."""
        with map_kafka_errors(f"topic {topic}"):
            return len(self._producer.partitions_for(topic))

    def arrived(self) -> None:
        """Wait until all that was sent is at the broker; raise what befell any of it.

        A batch that ran out of time inside a transaction does not make its commit fail: only its
        future tells, so every future is asked before.
        """
        with map_kafka_errors(self._what):
            self._producer.flush(timeout=self._bound_s)
            for future in self._sent:
                if not future.is_done:
                    raise Retriable(f"{self._what}: a message is still on its way", RESTART)
                if future.failed():
                    raise future.exception
        self._sent.clear()

    def send_positions(self, positions: dict[Partition, Position], membership: Any) -> None:
        """Move the group's offsets with the transaction; a former owner's are refused."""
        offsets = {
            to_kafka(partition): OffsetAndMetadata(position.next_offset, position.metadata, -1)
            for partition, position in positions.items()
        }
        with map_kafka_errors(self._what), bounded(self._what, self._bound_s, self._leave):
            self._producer.send_offsets_to_transaction(offsets, membership)

    def commit(self) -> None:
        """Commit; where no answer comes in time, the process ends."""
        with map_kafka_errors(self._what), bounded(self._what, self._bound_s, self._leave):
            self._producer.commit_transaction()

    def close(self) -> None:
        """Let go; what is open is ended by whoever comes next under this name."""
        with suppress_close_errors():
            try:
                self._producer.close(timeout=0)
            except errors.KafkaTimeoutError:  # something unsent: it would stay, and send it yet
                sender = self._producer._sender
                sender.force_close()
                sender.join(CLOSE_S)
                self._producer.close(timeout=0)
