"""Latency from an event to its committed alert, and from the end of one worker to the next."""

import signal
import threading
import time
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import msgspec
import numpy as np
from kafka import TopicPartition
from rich.console import Console

from benchmarks.common.report import Report
from benchmarks.kafka.setup import (
    PARTITIONS,
    cluster,
    configured,
    encoded,
    ends,
    make_topics,
    numbers,
    running,
    until,
    written,
)
from connectors.kafka import KafkaClient, KafkaOutbox, OutboxTopics
from connectors.record import Partition

SECONDS = 20.0
TICK_S = 0.005
STREAMS_RESTART, EVENTS_RESTART = 1000, 100_000
SESSION_MS = 6000
Rows = list[list[str]]


def produce(client: KafkaClient, topic: str, rate: int, seconds: float, odd_every: int) -> None:
    """Write events at an even rate; their timestamps are the real ones."""
    due = 0.0
    with client.producer(linger_ms=0) as producer:
        began = time.monotonic()
        for n, (stream, event) in enumerate(numbers(int(rate * seconds), 200, odd_every)):
            due = n / rate
            wait = due - (time.monotonic() - began)
            if wait > TICK_S:
                producer.flush()
                time.sleep(wait)
            key, value = encoded("json", stream, n, event)
            producer.send(topic, value, key, partition=stream % PARTITIONS)
        producer.flush()


class Arrivals(threading.Thread):
    """Records when a reader of committed messages can read each alert."""

    def __init__(self, client: KafkaClient, topic: str) -> None:
        super().__init__(daemon=True)
        self._consumer = client.consumer(fetch_max_wait_ms=5)
        partitions = [TopicPartition(topic, n) for n in range(PARTITIONS)]
        self._consumer.assign(partitions)
        for partition in partitions:
            self._consumer.seek(partition, 0)
        self.ended = threading.Event()
        self.at_ms: dict[tuple[int, int], float] = {}

    def run(self) -> None:
        """Read until stopped."""
        while not self.ended.is_set():
            for batch in self._consumer.poll(timeout_ms=50).values():
                now = time.time() * 1000
                for r in batch:
                    alert = msgspec.json.decode(r.value)
                    if alert["kind"] == "opened":
                        self.at_ms[alert["partition"], alert["offset"]] = now
        self._consumer.close(autocommit=False)


def sent_ms(client: KafkaClient, topic: str) -> dict[tuple[int, int], float]:
    """Read back when each event was written."""
    consumer = client.consumer()
    partitions = [TopicPartition(topic, n) for n in range(PARTITIONS)]
    consumer.assign(partitions)
    for partition in partitions:
        consumer.seek(partition, 0)
    last = consumer.end_offsets(partitions)
    found = {}
    while any(consumer.position(p) < last[p] for p in partitions):
        for partition, batch in consumer.poll(timeout_ms=500, max_records=5000).items():
            found.update({(partition.partition, r.offset): float(r.timestamp) for r in batch})
    consumer.close(autocommit=False)
    return found


def end_to_end(client: KafkaClient, folder: Path, rate: int) -> list[str]:
    """Measure event to committed alert at a rate."""
    topic = make_topics(client, f"latency-{rate}")
    eager = {"cooldown": 0, "resolve_after": 1, "warm_up": 20}
    quick = {"records_max": 5000, "poll_timeout_ms": 50}
    sections = configured(client, "json", topic, folder, alerts=eager, batch=quick)
    arrivals = Arrivals(client, f"{topic}.alerts")
    with running(written(sections, folder / "latency.yaml")):
        produce(client, topic, 1000, 5.0, odd_every=10**9)  # it has joined, and learnt a little
        until(client, topic, ends(client, topic), 60)
        arrivals.start()
        produce(client, topic, rate, SECONDS, odd_every=max(100, rate // 25))
        until(client, topic, ends(client, topic), 60)
        time.sleep(1.0)
    arrivals.ended.set()
    arrivals.join()
    sent = sent_ms(client, topic)
    late = np.array([at - sent[where] for where, at in arrivals.at_ms.items()])
    p50, p99 = np.percentile(late, [50, 99])
    return [f"{rate:,}", str(len(late)), f"{p50:.0f}", f"{p99:.0f}"]


def restart(client: KafkaClient, folder: Path) -> Rows:
    """Measure a restart with many streams, and how fast snapshots come back."""
    topic = make_topics(client, "restart")
    with client.producer(linger_ms=20) as producer:
        for n, (stream, event) in enumerate(numbers(EVENTS_RESTART, STREAMS_RESTART, 2003)):
            key, value = encoded("json", stream, n, event)
            producer.send(topic, value, key, partition=stream % PARTITIONS)
    config = written(configured(client, "json", topic, folder), folder / "restart.yaml")
    with running(config):
        until(client, topic, ends(client, topic), 120)
    seconds = []
    for _ in range(3):
        stream, event = next(numbers(1, STREAMS_RESTART, 2003))
        before = ends(client, topic)
        with client.producer() as producer:
            for n in range(PARTITIONS):
                producer.send(topic, encoded("json", n, 0, event)[1], partition=n)
        began = time.monotonic()
        with running(config):
            one = {p: offset + 1 for p, offset in list(before.items())[:1]}
            first = until(client, topic, one, 60) - began
            all_of_them = until(client, topic, {p: o + 1 for p, o in before.items()}, 60) - began
        seconds.append((first, all_of_them))
    outbox = KafkaOutbox(client, OutboxTopics.of(topic), group=f"{topic}.look", worker_id="look")
    began, size = time.monotonic(), 0
    for n in range(PARTITIONS):
        size += sum(len(s.payload or b"") for s in outbox.load(Partition(topic, n)) if s)
    rate = size / (time.monotonic() - began) / 1e6
    outbox.close()
    first, whole = np.median(seconds, axis=0)
    return [
        [f"restart, {STREAMS_RESTART} streams: first live event committed, s", f"{first:.1f}", "3"],
        ["the same, of every partition, s", f"{whole:.1f}", ""],
        ["snapshots read back, MB/s", f"{rate:.0f}", "50"],
    ]


def takeover(client: KafkaClient, folder: Path, kills: int) -> list[str]:
    """Measure the time from the kill of a worker until another processes its partitions."""
    topic = make_topics(client, "takeover")
    ending = threading.Event()

    def flow() -> None:
        with client.producer(linger_ms=0) as producer:
            for n, (stream, event) in enumerate(cycle(numbers(10_000, 200, 2003))):
                if ending.wait(0.002):
                    return
                value = encoded("json", stream, n, event)[1]
                producer.send(topic, value, partition=stream % PARTITIONS)

    threading.Thread(target=flow, daemon=True).start()
    late = []
    for kill in range(kills):
        names = [f"{kill}-{side}" for side in "ab"]
        configs = []
        for name in names:
            kafka = {"worker_id": name, "session_timeout_ms": SESSION_MS}
            kafka["transaction_timeout_ms"] = SESSION_MS  # what a killed worker began ends then
            (folder / name).mkdir()
            sections = configured(client, "json", topic, folder / name, kafka=kafka)
            configs.append(written(sections, folder / name / "c.yaml"))
        with running(configs[0]) as first, running(configs[1]):
            until(client, topic, ends(client, topic), 90)
            time.sleep(3.0)
            until(client, topic, ends(client, topic), 90)
            first.send_signal(signal.SIGKILL)
            began = time.monotonic()
            late.append(until(client, topic, ends(client, topic), 90) - began)
    ending.set()
    p50, worst = np.percentile(late, [50, 100])
    wanted = f"{SESSION_MS / 1000 + 2:g}"
    return [f"takeover, {kills} kills: median / longest, s", f"{p50:.1f} / {worst:.1f}", wanted]


@click.command()
@click.option("--bootstrap", help="A broker, host:port; default: one is started.")
@click.option("--kills", default=5, show_default=True)
@click.option("--write", is_flag=True, help="Write the table to RESULTS.md.")
def main(bootstrap: str | None, kills: int, write: bool) -> None:
    """Measure and show.

    Example: python -m benchmarks.kafka.latency --kills 20
    """
    report = Report(Console())
    with cluster(bootstrap) as client, TemporaryDirectory() as name:
        folder = Path(name)
        rows = [end_to_end(client, folder, rate) for rate in (1000, 20_000)]
        report.table(
            "From an event to its committed alert",
            ["events/s", "alerts", "p50 ms", "p99 ms"],
            rows,
            "From the event's timestamp to when a read_committed reader has the alert; broker, "
            "producer, worker and reader on one machine.",
        )
        others: Any = [*restart(client, folder), takeover(client, folder, kills)]
        report.table("Restart and takeover", ["what", "measured", "wanted"], others)
    if write:
        report.write("Kafka: latency")


if __name__ == "__main__":
    main()
