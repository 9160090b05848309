"""A flow of records into a topic: in transactions, some of them aborted, so offsets have gaps."""

import itertools
import json
import random
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Self

from kafka import KafkaProducer

from tests.support.kafka.broker.topics import WAIT_S_MAX, unique
from tests.support.streams import seeded as streams
from tests.support.streams.journals import HOSTILE

STREAMS = 240
BURST_RECORDS = 1200
ODD_STREAMS = 10  # at a time
CHUNK = 10_000
ABORT_EVERY = 17  # transactions
POISON = 1e5  # what an aborted record says: whoever reads one differs from then on


def odd(pump: int, n: int) -> bool:
    """Say whether a stream is disturbed at record ``n``."""
    return (pump - n // BURST_RECORDS * 7) % STREAMS < ODD_STREAMS


def numbered(seed: int) -> Iterator[tuple[int, bytes]]:
    """Draw stream number and value, without end; some values are bad, some blank."""
    for chunk in itertools.count():
        chance = seed + 3 * chunk
        noise, load = streams.normal(chance, CHUNK), streams.uniform(chance + 1, CHUNK)
        which = streams.integers(chance + 2, STREAMS, CHUNK)
        for at, pump in enumerate(which.tolist()):
            n = chunk * CHUNK + at
            if n % 97 == 96:
                yield pump, HOSTILE[n // 97 % len(HOSTILE)]
                continue
            if n % 211 == 210:
                yield pump, b"  "
                continue
            flow = 50 + pump % 30 + 3 * (n // 700 % 5) + 0.3 * noise[at] + 40 * odd(pump, n)
            yield pump, event(pump, 60 * n - 7200 * (n % 500 == 499), load[at], flow)


def event(pump: int, at: int, load: float, flow: float) -> bytes:
    told = {"pump": f"pump-{pump}", "time": at, "load": round(load, 4), "flow": round(flow, 4)}
    return json.dumps(told).encode()


def commands(partitions: int, records: int) -> list[bytes]:
    """Say something to streams that are disturbed then, at offsets of their own partitions."""
    verbs = ("acknowledge", "expected", "reset", "mute", "acknowledge", "forget")
    said = []
    for n, at in enumerate(range(BURST_RECORDS // 2, records, BURST_RECORDS // 3)):
        pump = next(p for p in range(n % 3, STREAMS) if odd(p, at) and odd(p + 3, at))
        word = {"verb": verbs[n % len(verbs)], "stream": f"pump-{pump}"}
        word |= {"events": 1 + n % 7} if word["verb"] in {"expected", "mute"} else {}
        word |= {"at_offset": at // partitions, "partition": pump % partitions}
        said.append(json.dumps(word).encode())
    return said


class Flow:
    """Writes records in transactions, in the background or at once.

    Parameters
    ----------
    bootstrap, topic, partitions
        Where to; a stream always goes to one partition.
    seed
    rate
        Records a second; None for as fast as it goes.
    batch
        Records a transaction.
    """

    def __init__(
        self,
        bootstrap: Sequence[str],
        topic: str,
        partitions: int,
        *,
        seed: int = 0,
        rate: float | None = None,
        batch: int = 60,
    ) -> None:
        self.ends: dict[int, int] = {}
        self.records = 0
        self._topic, self._partitions, self._rate, self._batch = topic, partitions, rate, batch
        self._source = numbered(seed)
        self._chance = random.Random(seed)
        self._transactions = 0
        self._producer = KafkaProducer(
            bootstrap_servers=list(bootstrap), transactional_id=unique("flow"), retry_backoff_ms=10
        )
        self._producer.init_transactions()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.error: Exception | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End it after the current transaction."""
        self._stop.set()
        self._thread.join(WAIT_S_MAX)
        self.close()
        assert self.error is None, repr(self.error)

    def close(self) -> None:
        self._producer.close()

    def _run(self) -> None:
        began = time.monotonic()
        assert self._rate is not None
        try:
            while not self._stop.wait(max(0, began + self.records / self._rate - time.monotonic())):
                self.write(self._batch)
        except Exception as error:  # noqa: BLE001 - told by stop
            self.error = error

    def write(self, count: int) -> None:
        """Write so many more records, in transactions."""
        while count > 0:
            batch = list(itertools.islice(self._source, min(count, self._batch)))
            self._transactions += 1
            if self._transactions % ABORT_EVERY == 0:
                pumps = [self._chance.randrange(STREAMS) for _ in range(self._batch)]
                self._transact(((p, event(p, 0, 0.5, POISON)) for p in pumps), commit=False)
            self._transact(batch, commit=True)
            count -= len(batch)
            self.records += len(batch)

    def _transact(self, batch: Iterable[tuple[int, bytes]], *, commit: bool) -> None:
        self._producer.begin_transaction()
        sent = [
            self._producer.send(self._topic, value, partition=pump % self._partitions)
            for pump, value in batch
        ]
        self._producer.flush(WAIT_S_MAX)
        arrived = [future.get(WAIT_S_MAX) for future in sent]
        if not commit:
            self._producer.abort_transaction()
            return
        self._producer.commit_transaction()
        for told in arrived:
            self.ends[told.partition] = max(told.offset + 1, self.ends.get(told.partition, 0))
