"""The contract of every relay, tested on the one over Kafka."""

import pytest

from tests.conformance.test_connector_relay import (  # noqa: F401 - they are collected here
    Place,
    test_a_crash_shows_no_alert_twice,
    test_alerts_come_in_order_each_once,
    test_each_name_has_a_position,
    test_nothing_shows_before_the_last_step,
    test_what_was_not_committed_comes_again,
)
from tests.support.kafka.broker.broker import Broker
from tests.support.kafka.places import KafkaPlace, relay


@pytest.fixture
def place(broker: Broker) -> Place:
    where = KafkaPlace(broker.bootstrap)
    return Place(where.open, lambda name: relay(where, name))
