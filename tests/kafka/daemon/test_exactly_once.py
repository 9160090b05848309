"""Two workers, killed again and again, write what one undisturbed worker writes.

The oracle reads the very same topic in one process that nothing disturbs. With
``STREAMLSTM_LONG=1`` there are 120 kills instead of 10; ``pytest -s`` shows the figures.
"""

import os
import random
import signal
import sys
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from connectors.effects import Step
from tests.support.kafka.broker.broker import Broker
from tests.support.kafka.broker.topics import create_topic
from tests.support.kafka.faults import ORDERS
from tests.support.kafka.flow import Flow, commands
from tests.support.kafka.service import Service
from tests.support.kafka.works import IN_TIME, SESSION_MS, Works, command_topic
from tests.support.outcomes.outcome import Outcome, differences

LONG = bool(os.environ.get("STREAMLSTM_LONG"))
KILLS = 120 if LONG else 10
PARTITIONS = 4
RATE = 200.0 if LONG else 400.0
STILL_RECORDS = 6000


def figures(wanted: Outcome, found: Outcome) -> str:
    ids, known = Counter(found.alerts), Counter(wanted.alerts)
    odd = sum(wanted.snapshots.get(k) != s for k, s in found.snapshots.items())
    return (
        f"{len(wanted.alerts)} alerts, {(known - ids).total()} lost, "
        f"{(ids - known).total()} duplicated, {len(wanted.dead_letters)} dead letters, "
        f"{len(wanted.commands)} commands, {len(wanted.snapshots)} streams, {odd} mismatched"
    )


def hunt(works: Works, services: list[Service], chance: random.Random) -> int:
    """Kill workers at random, each time after some progress; say how many were away for long."""
    works.progressed(0, services)
    away = 0
    for _ in range(KILLS):
        services[0].well_for(chance.uniform(0.0, 1.5))
        late = chance.random() < 0.3
        victims = [service for service in services if service.runs]
        chance.choice(victims or services).kill(SESSION_MS / 1000 + 1 if late else 0.0)
        away += late
        works.progressed(works.consumed(), services)
    return away


def test_killed_again_and_again(broker: Broker, tmp_path: Path) -> None:
    began = time.monotonic()
    topic = create_topic(broker.bootstrap, PARTITIONS, name="pumps")
    said = command_topic(broker.bootstrap, commands(PARTITIONS, 1000 * KILLS))
    works = Works.make(broker.bootstrap, tmp_path, topic, PARTITIONS, commands={"topic": said})
    with (
        Flow(broker.bootstrap, topic, PARTITIONS, seed=KILLS, rate=RATE) as flow,
        ExitStack() as stack,
    ):
        services = [
            stack.enter_context(Service(works.config(name))) for name in ("worker-0", "worker-1")
        ]
        away = hunt(works, services, random.Random(KILLS))
        flow.stop()
        works.finished(flow.ends, services)
    found = works.outcome()
    wanted = works.oracle(found, flow.ends)
    codes = Counter(code for service in services for code in service.codes)
    sys.stdout.write(
        f"\n{KILLS} kills, {away} of them long, ends {dict(codes)}, {flow.records} records, "
        f"{figures(wanted, found)}, {time.monotonic() - began:.0f} s\n"
    )
    assert codes[-signal.SIGKILL] >= KILLS * 0.9
    assert not differences(wanted, found), figures(wanted, found)
    assert len(wanted.alerts) > flow.records / 200
    assert len(wanted.snapshots) >= 200
    assert wanted.dead_letters
    assert wanted.commands


class Still(NamedTuple):
    """A topic that grows no more, and what an undisturbed run leaves of it."""

    works: Works
    ends: dict[int, int]
    wanted: Outcome


@pytest.fixture(scope="module")
def still(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Still:
    where, folder = broker.bootstrap, tmp_path_factory.mktemp("still")
    topic = create_topic(where, PARTITIONS, name="pumps")
    flow = Flow(where, topic, PARTITIONS)
    flow.write(STILL_RECORDS)
    flow.close()
    said = command_topic(where, commands(PARTITIONS, STILL_RECORDS))
    works = Works.make(where, folder, topic, PARTITIONS, commands={"topic": said})
    return Still(works, flow.ends, works.run(flow.ends))


def test_killed_at_every_step(still: Still) -> None:
    works = still.works.again()
    lives = tuple(f"{IN_TIME},kafka_kill={step.value}.{2 + step.value}" for step in Step)
    with Service(works.config(), lives=lives, faults=IN_TIME) as service:
        works.finished(still.ends, [service])
        assert service.codes == [-signal.SIGKILL] * len(Step) + [0]
    found = works.outcome()
    assert not differences(still.wanted, found), figures(still.wanted, found)


@pytest.mark.parametrize("order", ORDERS)
def test_offsets_outside_the_transaction_do_not_pass(still: Still, order: str) -> None:
    """The negative control: the same comparison over an outbox that commits in two steps."""
    works = still.works.again()
    wrong = f"{IN_TIME},kafka_order={order}"
    lives = tuple(f"{wrong},kafka_kill={Step.POSITIONS.value}.{n}" for n in (3, 2))
    with Service(works.config(), lives=lives, faults=wrong) as service:
        works.finished(still.ends, [service])
        assert service.codes == [-signal.SIGKILL, -signal.SIGKILL, 0]
    found = works.outcome()
    sys.stdout.write(f"\n{order}: {figures(still.wanted, found)}\n")
    lost, more = Counter(still.wanted.alerts), Counter(found.alerts)
    assert (lost - more) if order == "offsets first" else (more - lost)
    assert differences(still.wanted, found)
