"""Redrive of dead letters: each is sent once to the topic it came from."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import msgspec

from connectors.effects import DeadLetter, Position
from connectors.kafka.client.connection import ANSWER_MS, KafkaClient
from connectors.kafka.client.errors import map_kafka_errors, suppress_close_errors
from connectors.kafka.client.rebalance_listener import to_kafka
from connectors.kafka.reading.reader import SETTINGS, read_to_end
from connectors.kafka.writing.dead_letters import read_dead_letter
from connectors.kafka.writing.transaction import Transaction
from connectors.record import Partition

REDRIVEN_FROM = "redriven_from"
BATCH = 500  # dead letters per transaction
TRANSACTION_MS = 15_000
MESSAGE_BYTES_MAX = 1 << 30


class Done(msgspec.Struct):
    """Redrive progress in one partition of the dead letter topic.

    Parameters
    ----------
    all : int
        All dead letters below this offset are done.
    codes : dict of str to int
        For a code, the offset below which all dead letters with that code are done.

    Examples
    --------
    >>> done = Done()
    >>> done.note(41, "not_json")
    >>> done.has(41, "not_json"), done.has(41, "no_target"), done.has(42, "not_json")
    (True, False, False)
    """

    all: int = 0
    codes: dict[str, int] = {}

    def has(self, offset: int, code: str) -> bool:
        """Return whether a dead letter is done."""
        return offset < max(self.all, self.codes.get(code, 0))

    def note(self, offset: int, code: str | None) -> None:
        """Mark all dead letters up to ``offset``, or those with ``code``, as done."""
        if code is None:
            self.all = offset + 1
        else:
            self.codes[code] = offset + 1


class Fresh(msgspec.Struct, frozen=True):
    """A dead letter not yet sent again: its place, and the reason if it cannot be sent."""

    at: Partition
    offset: int
    dead_letter: DeadLetter | None
    refusal: str | None


class Redrive:
    """Sends dead letters again; its position is stored as that of a separate consumer group.

    Each transaction contains a batch of records and the position, so a redrive that was killed
    sends no record twice. If two run at once, the newer one fences the older.

    Parameters
    ----------
    client : KafkaClient
    topic : str
        Topic of the dead letters.
    group : str
        Consumer group of the redrive; also its transactional id.
    partitions : mapping of str to int
        Topics to which dead letters may be sent, with their numbers of partitions.
    kept_since_ms : mapping of str to int
        Start of the retained time of topics, in milliseconds since 1970. Records of these topics
        keep their timestamps, and older ones are not sent, since the broker would delete them at
        once. Records of other topics get the time at which they are sent.

    Examples
    --------
    With a broker at hand:

    >>> client = KafkaClient(("127.0.0.1:9092",))  # doctest: +SKIP
    >>> redrive = Redrive(
    ...     client, "pumps.dead-letters", "pumps.redrive", {"pumps": 4}, {}
    ... )  # doctest: +SKIP
    >>> redrive.send(code="not_json")  # doctest: +SKIP
    Counter({'sent': 3})
    """

    def __init__(
        self,
        client: KafkaClient,
        topic: str,
        group: str,
        partitions: Mapping[str, int],
        kept_since_ms: Mapping[str, int],
    ) -> None:
        self._topic = topic
        self._group = group
        self._partitions = partitions
        self._kept_since_ms = kept_since_ms
        self._transaction = Transaction(
            client, group, timeout_ms=TRANSACTION_MS, message_bytes_max=MESSAGE_BYTES_MAX
        )
        try:
            self._reader = client.consumer(group_id=group, **SETTINGS)
        except BaseException:
            self._transaction.close()
            raise

    def fresh(self, code: str | None = None) -> Iterator[Fresh]:
        """Read the dead letters that have not been sent again yet."""
        for index in range(self._transaction.partitions(self._topic)):
            partition = Partition(self._topic, index)
            yield from self._fresh(partition, self._done(partition), code)

    def _fresh(self, where: Partition, done: Done, code: str | None) -> Iterator[Fresh]:
        for r in read_to_end(self._reader, to_kafka(where), 2 * TRANSACTION_MS / 1000):
            if r is None:
                continue
            try:
                dead_letter = read_dead_letter(self._topic, r.value, r.key, r.headers)
            except ValueError:
                if code is None and not done.has(r.offset, ""):
                    yield Fresh(where, r.offset, None, "not a dead letter")
                continue
            if code in {None, dead_letter.code} and not done.has(r.offset, dead_letter.code):
                yield Fresh(
                    where, r.offset, dead_letter, self._refusal(dead_letter, dict(r.headers))
                )

    def _refusal(self, dead_letter: DeadLetter, headers: Mapping[str, Any]) -> str | None:
        origin = dead_letter.record.partition
        if dead_letter.record.omitted_bytes or "dead_letter.omitted_headers" in headers:
            return "truncated in the dead letter"
        if origin.topic not in self._partitions:
            return f"of topic {origin.topic}, which is not this application's"
        if origin.index >= self._partitions[origin.topic]:
            return f"of a partition that {origin.topic} no longer has"
        if self._timestamp(dead_letter, 0) < self._kept_since_ms.get(origin.topic, 0):
            return f"of a time that {origin.topic} no longer retains"
        return None

    def _timestamp(self, dead_letter: DeadLetter, unknown: int | None) -> Any:
        record = dead_letter.record
        keeps = record.partition.topic in self._kept_since_ms
        return record.timestamp_ms if keeps and record.timestamp_ms is not None else unknown

    def _done(self, partition: Partition) -> Done:
        with map_kafka_errors(f"group {self._group}"):
            found = self._reader.committed(to_kafka(partition), metadata=True, timeout_ms=ANSWER_MS)
        return msgspec.json.decode(found.metadata, type=Done) if found else Done()

    def send(self, code: str | None = None) -> Counter[str]:
        """Send the dead letters that have not been sent yet, in batches.

        Returns
        -------
        Counter
            Number of records that were ``"sent"``, and of those that were not, by reason.
        """
        counts: Counter[str] = Counter()
        for index in range(self._transaction.partitions(self._topic)):
            partition = Partition(self._topic, index)
            done = self._done(partition)
            fresh = list(self._fresh(partition, done, code))
            for at in range(0, len(fresh), BATCH):
                self._send(fresh[at : at + BATCH], done, code)
            counts += Counter(one.refusal or "sent" for one in fresh)
        return counts

    def _send(self, batch: Collection[Fresh], done: Done, code: str | None) -> None:
        transaction, last = self._transaction, 0
        transaction.begin()
        for one in batch:
            last = one.offset
            if one.dead_letter is None or one.refusal:
                continue
            record = one.dead_letter.record
            place = f"{record.partition.topic}/{record.partition.index}/{record.offset}"
            headers = [(name, held) for name, held in record.headers if name != REDRIVEN_FROM]
            headers.append((REDRIVEN_FROM, place.encode()))
            transaction.send(
                record.partition,
                record.value,
                record.key,
                headers,
                self._timestamp(one.dead_letter, None),
            )
        transaction.arrived()
        done.note(last, code)
        where = next(iter(batch)).at
        position = Position(done.all, msgspec.json.encode(done, order="sorted").decode())
        transaction.send_positions({where: position}, self._group)
        transaction.commit()

    def close(self) -> None:
        """Close the clients."""
        self._transaction.close()
        with suppress_close_errors():
            self._reader.close(autocommit=False, timeout_ms=1000)
