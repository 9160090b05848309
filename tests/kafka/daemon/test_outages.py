"""Brokers, networks and workers fail and recover: nothing is lost or duplicated.

With ``STREAMLSTM_LONG=1`` the broker is away for longer, there are more rebalances, and a cluster
is restarted broker by broker; ``pytest -s`` shows the figures.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.support.faults.proxy import Proxy
from tests.support.kafka.broker.broker import Broker
from tests.support.kafka.broker.cluster import Cluster
from tests.support.kafka.broker.topics import create_topic
from tests.support.kafka.flow import Flow, commands
from tests.support.kafka.service import Service
from tests.support.kafka.works import TRANSACTION_MS, Works, command_topic, until
from tests.support.outcomes.outcome import differences

LONG = bool(os.environ.get("STREAMLSTM_LONG"))
PARTITIONS = 4
EVERYTHING = set(range(PARTITIONS))
SMALL = {"records_max": 20}  # so that the work lasts
SILENT_S_MAX = 20.0  # a broker that is away is asked for 10 s before that is told


class Scene(NamedTuple):
    """A topic with records, and an application that is to read it."""

    works: Works
    flow: Flow

    def compare(self) -> None:
        """Compare the outcome with an undisturbed run over the same topic."""
        found = self.works.outcome()
        wanted = self.works.oracle(found, self.flow.ends)
        assert wanted.alerts
        assert wanted.dead_letters
        assert not differences(wanted, found)


@contextmanager
def scene(bootstrap: Sequence[str], folder: Path, records: int, **changed: Any) -> Iterator[Scene]:
    topic = create_topic(bootstrap, PARTITIONS, name="pumps")
    flow = Flow(bootstrap, topic, PARTITIONS, rate=100, batch=100)
    try:
        flow.write(records)
        said = command_topic(bootstrap, commands(PARTITIONS, records))
        changed = {"batch": SMALL, "commands": {"topic": said}} | changed
        yield Scene(Works.make(bootstrap, folder, topic, PARTITIONS, **changed), flow)
    finally:
        flow.close()


class Listener:
    """Measures how long a worker logs no `waiting`."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._began = time.monotonic()

    def seconds(self) -> float:
        return time.monotonic() - self._began

    def silences(self, seconds: float) -> list[float]:
        """Listen for `seconds`; return the gaps before, between and after the log lines."""
        at, heard = [0.0], self._words()
        while self.seconds() < seconds:
            self._service.well_for(0.1)
            if self._words() > heard:
                heard = self._words()
                at.append(self.seconds())
        return [round(b - a, 1) for a, b in pairwise([*at, self.seconds()])]

    def _words(self) -> int:
        return self._service.told().count('"event": "waiting"')


@pytest.mark.parametrize("seconds", [5, 30, 90] if LONG else [5])
def test_a_broker_that_goes_away(own_broker: Broker, tmp_path: Path, seconds: float) -> None:
    with scene(own_broker.bootstrap, tmp_path, 4000) as (works, flow):
        flow.close()
        with Service(works.config()) as service:
            works.progressed(500, [service])
            own_broker.stop()
            quiet = Listener(service).silences(seconds)
            own_broker.start()
            back, before = Listener(service), works.consumed()
            assert before < sum(flow.ends.values())
            works.progressed(before, [service], seconds=2 * TRANSACTION_MS / 1000)
            sys.stdout.write(
                f"\naway for {seconds} s and its start, silences of {quiet} s, first commit "
                f"{back.seconds():.1f} s after it served again, ends {service.codes}\n"
            )
            works.finished(flow.ends, [service])
            assert max(quiet) < SILENT_S_MAX
        Scene(works, flow).compare()


@pytest.mark.parametrize("break_off", [Proxy.cut, Proxy.stall])
def test_a_network_that_is_cut(
    own_broker: Broker, tmp_path: Path, break_off: Callable[[Proxy], None]
) -> None:
    assert own_broker.proxy is not None
    with scene(own_broker.bootstrap, tmp_path, 4000) as (works, flow):
        with Service(works.config(servers=own_broker.proxy.bootstrap)) as service:
            for _ in range(2):
                works.progressed(works.consumed() + 300, [service])
                break_off(own_broker.proxy)
                service.well_for(4)
                own_broker.proxy.mend()
            works.finished(flow.ends, [service])
            sys.stdout.write(f"\nends {service.codes}\n")
        Scene(works, flow).compare()


def test_a_worker_that_wakes_up_too_late(own_broker: Broker, tmp_path: Path) -> None:
    """It was away for longer than its session and its transaction; another has its partitions."""
    with scene(own_broker.bootstrap, tmp_path, 3500) as (works, flow):
        with flow, Service(works.config()) as sleeper, Service(works.config("worker-1")) as other:
            until(lambda: bool(sleeper.live()) and bool(other.live()), [sleeper, other])
            works.progressed(works.consumed(), [sleeper, other])
            sleeper.signal(signal.SIGSTOP)
            until(lambda: other.live() == EVERYTHING, [other])
            other.well_for(TRANSACTION_MS / 1000)
            works.progressed(works.consumed(), [other])
            sleeper.signal(signal.SIGCONT)
            until(lambda: sleeper.codes != [] or bool(other.live() ^ EVERYTHING), [sleeper, other])
            flow.stop()
            works.finished(flow.ends, [sleeper, other])
            sys.stdout.write(f"\nends {sleeper.codes}, {other.codes}\n")
        Scene(works, flow).compare()


def test_one_rebalance_after_the_other(own_broker: Broker, tmp_path: Path) -> None:
    """A second worker comes and goes; each time partitions move there and back."""
    with scene(own_broker.bootstrap, tmp_path, 3500) as (works, flow):
        with flow, Service(works.config()) as first:
            until(lambda: first.live() == EVERYTHING, [first])
            for _ in range(25 if LONG else 5):
                with Service(works.config("worker-1")) as second:
                    until(lambda s=second: bool(s.live()), [first, second])  # type: ignore[misc]
                    second.stop()
                until(lambda: first.live() == EVERYTHING, [first])
            flow.stop()
            works.finished(flow.ends, [first])
        rebalances = first.told().count("rebalanced")
        sys.stdout.write(f"\n{rebalances} rebalances, {flow.records} records\n")
        Scene(works, flow).compare()


def torn(events: Sequence[dict[str, Any]]) -> set[int]:
    """Say which partitions a worker had to give away before they were restored."""
    restoring, torn = set[int](), set[int]()
    for event in events:
        match event:
            case {"event": "rebalanced", "assigned": came, "revoked": went}:
                torn |= restoring & {*went}
                restoring = restoring - {*went} | {*came}
            case {"event": "restored", "partition": partition}:
                restoring.discard(partition)
    return torn


def test_a_rebalance_during_a_restore(own_broker: Broker, tmp_path: Path) -> None:
    with scene(own_broker.bootstrap, tmp_path, 3500) as (works, flow):
        with Service(works.config()) as before:
            works.finished(flow.ends, [before])
        flow.write(1000)
        works.forgotten()  # who comes first gets everything
        with Service(works.config(), faults="kafka_slow=1") as first:
            until(lambda: any(e["event"] == "rebalanced" for e in first.events()), [first])
            with Service(works.config("worker-1")) as second:
                until(lambda: bool(first.live()) and bool(second.live()), [first, second])
                given_away = torn(first.events())
                works.finished(flow.ends, [first, second])
        sys.stdout.write(f"\npartitions given away half restored: {given_away}\n")
        assert given_away
        Scene(works, flow).compare()


@pytest.mark.skipif(not LONG, reason="starts three brokers again: set STREAMLSTM_LONG=1 to run it")
def test_a_cluster_restarted_broker_by_broker(cluster: Cluster, tmp_path: Path) -> None:
    with scene(cluster.bootstrap, tmp_path, 2000) as (works, flow):
        with flow, Service(works.config()) as one, Service(works.config("worker-1")) as two:
            for broker in cluster.brokers:
                works.progressed(works.consumed(), [one, two])
                broker.stop()
                one.well_for(2)
                broker.start()
                broker.wait_ready(len(cluster.brokers))
            works.progressed(works.consumed(), [one, two])
            flow.stop()
            works.finished(flow.ends, [one, two])
            sys.stdout.write(f"\nends {one.codes}, {two.codes}\n")
        Scene(works, flow).compare()
