"""The contract of every outbox and its snapshot store, tested on the one over Kafka."""

import random

import pytest

from connectors.effects import Step
from tests.conformance import test_connector_outbox as contract
from tests.conformance.test_connector_outbox import (  # noqa: F401 - they are collected here
    check_crashes,
    check_killed,
    test_a_letter_keeps_record_without_key_or_value,
    test_a_tombstone_forgets_the_stream,
    test_all_of_a_batch_is_there_after_its_commit,
    test_an_empty_batch_changes_nothing,
    test_commands_come_back_from_an_offset_on,
    test_partitions_keep_apart,
    test_there_is_one_writer_at_most,
)
from tests.support.faults.crashes import Crash
from tests.support.kafka.broker.broker import Broker
from tests.support.kafka.places import KafkaPlace

SMALL = 3  # bytes of a message: most snapshots of the contract are several then


@pytest.fixture
def place(request: pytest.FixtureRequest, broker: Broker) -> KafkaPlace:
    return KafkaPlace(broker.bootstrap, chunk_bytes=SMALL)


@pytest.mark.parametrize("step", Step)
def test_a_crash_leaves_all_or_nothing(place: KafkaPlace, step: Step) -> None:
    contract.test_a_crash_leaves_all_or_nothing(place, step, Crash())


@pytest.mark.parametrize("step", [Step.POSITIONS, Step.COMMIT])
def test_a_killed_process_leaves_all_or_nothing(broker: Broker, step: Step) -> None:
    check_killed(KafkaPlace(broker.bootstrap), step)


@pytest.mark.parametrize("seed", range(2))
def test_any_run_of_crashes_ends_like_the_run_without(broker: Broker, seed: int) -> None:
    steps = [*Step, None]
    random.Random(seed).shuffle(steps)
    check_crashes(KafkaPlace(broker.bootstrap), KafkaPlace(broker.bootstrap), steps[:3])
