"""The contract of every source, tested on the one over Kafka."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from connectors import Source
from tests.conformance.test_connector_source import (  # noqa: F401 - they are collected here
    PUMPS,
    VALUES,
    Make,
    closing,
    drain,
    take_over,
    test_a_partition_comes_paused_and_is_announced_once,
    test_a_partition_that_is_not_ours_is_a_mistake,
    test_a_paused_partition_is_silent_and_loses_nothing,
    test_closing_twice_is_closing_once,
    test_empty_values_are_records,
    test_every_record_comes_once_and_in_order,
    test_position_is_the_next_offset,
    test_seek_starts_at_that_offset,
    test_seeking_back_reads_again,
    test_seeking_to_the_end_gives_nothing,
)
from tests.support.kafka.broker.broker import Broker
from tests.support.kafka.broker.topics import create_topic, produce
from tests.support.kafka.places import PatientSource, produce_with_gaps

Fill = Callable[[Sequence[str], str, Sequence[bytes]], None]


def plain(bootstrap: Sequence[str], topic: str, values: Sequence[bytes]) -> None:
    produce(bootstrap, topic, [(None, value) for value in values])


@pytest.fixture(params=[plain, produce_with_gaps], ids=["plain", "gapped"])
def make(request: pytest.FixtureRequest, broker: Broker) -> Iterator[Make]:
    fill: Fill = request.param
    topics: dict[tuple[bytes, ...], str] = {}  # the same values lie at the same offsets

    def kafka(folder: Path, values: Sequence[bytes]) -> Source:
        if tuple(values) not in topics:
            topics[tuple(values)] = create_topic(broker.bootstrap)
            fill(broker.bootstrap, topics[tuple(values)], values)
        return PatientSource(broker.bootstrap, topics[tuple(values)])

    yield from closing(kafka)


@pytest.fixture
def make_rewinding(make: Make) -> Make:
    return make


def test_a_topic_never_finishes(make: Make, tmp_path: Path) -> None:
    source = make(tmp_path, VALUES)
    take_over(source)
    drain(source)
    assert not source.finished(PUMPS)
