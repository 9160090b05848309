"""Throughput from a topic of Kafka with learning on, against polling and decoding alone.

Both in one run and by the CPU time of the process, all of its threads included. A broker is started
from the tests' artifacts (`make broker`), or named.
"""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import click
from kafka import TopicPartition
from rich.console import Console

from benchmarks.common.report import Report
from benchmarks.kafka.setup import (
    PARTITIONS,
    cluster,
    configured,
    fill,
    make_memory,
    make_topics,
    written,
)
from connectors.kafka import KafkaClient
from connectors.kafka.client.rebalance_listener import from_kafka
from connectors.record import Record
from streamlstm.daemon.config.load import load_config
from streamlstm.daemon.config.model import Config
from streamlstm.daemon.engine.record_decoder import RecordDecoder
from streamlstm.daemon.engine.task import PartitionTask
from streamlstm.daemon.engine.worker import collect_seldom
from streamlstm.daemon.learners.bank import BankLearner
from streamlstm.daemon.telemetry.events import NullTelemetry
from streamlstm.daemon.wiring.worker import build

STREAMS, SHARE_WANTED = 200, 0.5
FORMATS = ("json", "msgpack", "float32")
PARTS = ("poll", "decode", "learn", "alert", "commit")


class Spent:
    """CPU seconds of this thread by activity."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def on(self, what: str) -> Iterator[None]:
        """Count what happens inside."""
        began = time.thread_time()
        yield
        self.add(what, time.thread_time() - began)

    def add(self, what: str, seconds: float) -> None:
        """Count seconds."""
        self.seconds[what] = self.seconds.get(what, 0.0) + seconds

    def wrap(self, owner: Any, name: str, what: str) -> Callable[[], None]:
        """Count every call of a method, until what is returned is called."""
        inner: Callable[..., Any] = getattr(owner, name)

        def counted(*args: Any, **options: Any) -> Any:
            with self.on(what):
                return inner(*args, **options)

        setattr(owner, name, counted)
        return lambda: setattr(owner, name, inner)


class EndOfTopic(NullTelemetry):
    """Ends the loop after a number of records."""

    def __init__(self, count: int) -> None:
        self._count = count
        self.stop: Callable[[], None] = lambda: None

    def progress(self, counts: Any) -> None:
        """Check the progress."""
        if sum(c.records for c in counts.values()) >= self._count:
            self.stop()


def alone(client: KafkaClient, config: Config, count: int) -> tuple[float, float]:
    """CPU seconds of polling everything, all threads, and of decoding it."""
    consumer = client.consumer()
    partitions = [TopicPartition(config.source.topic, n) for n in range(PARTITIONS)]
    consumer.assign(partitions)
    for partition in partitions:
        consumer.seek(partition, 0)
    decode = RecordDecoder(config.schema_of_records()).decode
    decoding, seen, began = 0.0, 0, time.process_time()
    while seen < count:
        found = consumer.poll(timeout_ms=1000, max_records=config.batch.records_max)
        polled = time.thread_time()
        for partition, batch in found.items():
            where = from_kafka(partition)
            for r in batch:
                decode(Record(where, r.offset, r.key, r.value, r.timestamp))
            seen += len(batch)
        decoding += time.thread_time() - polled
    total = time.process_time() - began
    consumer.close(autocommit=False)
    return total - decoding, decoding


def learning(config: Config, count: int, spent: Spent | None = None) -> float:
    """CPU seconds of a worker over everything, all threads; where they go only if asked."""
    watch = EndOfTopic(count)
    by_default = gc.get_threshold()
    collect_seldom()
    loop, close = build(config, watch)
    watch.stop = loop.stop
    undo: list[Callable[[], None]] = []
    if spent is not None:
        spent.wrap(loop._source, "poll", "poll")
        spent.wrap(loop._outbox, "commit", "commit")
        undo = [
            spent.wrap(BankLearner, "process", "learn"),
            spent.wrap(PartitionTask, "_add_alerts", "alert"),
            spent.wrap(PartitionTask, "_decode", "decode"),
        ]
    began, main = time.process_time(), time.thread_time()
    loop.run()
    total, main = time.process_time() - began, time.thread_time() - main
    for put_back in undo:
        put_back()
    close()
    gc.set_threshold(*by_default)
    gc.unfreeze()
    if spent is not None:
        spent.add("the rest", main - sum(spent.seconds.values()))
        spent.add("client's threads", total - main)
    return total


@click.command()
@click.option("--bootstrap", help="A broker, host:port; default: one is started.")
@click.option("--events", "count", default=400_000, show_default=True)
@click.option("--rounds", default=3, show_default=True)
@click.option("--write", is_flag=True, help="Write the table to RESULTS.md.")
def main(bootstrap: str | None, count: int, rounds: int, write: bool) -> None:
    """Measure and show.

    Example: python -m benchmarks.kafka.throughput --rounds 1
    """
    report = Report(Console())
    rows, splits = [], []
    with cluster(bootstrap) as client, TemporaryDirectory() as folder:
        for kind in FORMATS:
            topic = make_topics(client, f"bench-{kind}")
            size = fill(client, kind, topic, count, STREAMS) / count
            measured = [
                one_round(client, kind, topic, Path(folder), count, n) for n in range(rounds + 1)
            ][1:]  # the first warms everything up
            polling, decoding, daemon = (
                median(column) / count * 1e6 for column in zip(*measured, strict=True)
            )
            share = median((p + d) / t for p, d, t in measured)
            rows.append(
                [
                    kind,
                    f"{size:.0f}",
                    f"{polling:.1f}",
                    f"{decoding:.1f}",
                    f"{daemon:.1f}",
                    f"{1e6 / daemon:,.0f}",
                    f"{share:.2f}",
                ]
            )
            spent = Spent()
            config = load(client, kind, topic, Path(folder), rounds + 1)
            learning(config, count, spent)
            told = {k: f"{v / count * 1e6:.1f}" for k, v in spent.seconds.items()}
            splits.append(
                [kind, *(told.get(p, "0") for p in (*PARTS, "the rest", "client's threads"))]
            )
    columns = ["format", "bytes", "poll", "decode", "daemon", "events/s of one core", "share"]
    note = (
        f"µs of CPU per event; {count:,} events, {STREAMS} streams, {PARTITIONS} partitions, "
        f"hidden 16, update_every 4; median of {rounds}. share: poll and decode alone, by the "
        f"daemon, under Python's own collector of cycles and under the worker's. "
        f"Wanted: {SHARE_WANTED}."
    )
    report.table("A topic learnt, against only polled and decoded", columns, rows, note)
    columns = ["format", *PARTS, "the rest", "client's threads"]
    report.table("Where the daemon's time goes", columns, splits, "µs of CPU per event.")
    if write:
        report.write("Kafka: throughput")


def one_round(
    client: KafkaClient, kind: str, topic: str, folder: Path, count: int, number: int
) -> tuple[float, float, float]:
    """Measure both, one after the other."""
    config = load(client, kind, topic, folder, number)
    return *alone(client, config, count), learning(config, count)


def load(client: KafkaClient, kind: str, topic: str, folder: Path, number: int) -> Config:
    """Configure a worker of a group that has read nothing yet."""
    group = f"{topic}-{number}"
    make_memory(client, group)
    sections = configured(client, kind, topic, folder, kafka={"group": group})
    return load_config(str(written(sections, folder / "config.yaml")), {})


if __name__ == "__main__":
    main()
