"""The brokers of the tests: one that the environment names, or started ones."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from streamlstm.daemon.learners.bank import BankLearner
from streamlstm.stages import Event
from tests.support.kafka.broker.broker import Broker
from tests.support.kafka.broker.cluster import Cluster
from tests.support.kafka.broker.java import missing

NAMED = "STREAMLSTM_TEST_BOOTSTRAP"
# kafka-python forgets to close a socket that is refused, and all of a client that found no broker.
FORGOTTEN = "ignore:unclosed:ResourceWarning"


class Named(NamedTuple):
    """A broker that somebody else runs: it serves, and is not ours to stop."""

    bootstrap: list[str]


@pytest.hookimpl(tryfirst=True)  # before -m chooses by marker
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.kafka)
            item.add_marker(pytest.mark.filterwarnings(FORGOTTEN))


@pytest.fixture(autouse=True, scope="module")
def forgotten() -> Iterator[None]:
    """Collect what kafka-python forgot while the warning is still filtered."""
    yield
    gc.collect()


@pytest.fixture(autouse=True, scope="session")
def compiled() -> None:
    """Compile the kernels once, here; a worker that does it takes longer than tests wait."""
    learner = BankLearner(("load",), ("flow",), hidden_size=4, clock=True, memory_max_bytes=1 << 20)
    learner.process([Event("a", float(n), (1.0, 1.0), (0.5,), (2.0,)) for n in range(9)])


@pytest.fixture(scope="session")
def java() -> None:
    """Skip what needs brokers of its own where none can start."""
    if reason := missing():
        pytest.skip(reason)


@pytest.fixture(scope="session")
def broker(request: pytest.FixtureRequest) -> Iterator[Broker | Named]:
    """One broker for the whole run; a test that stops it asks for `own_broker`."""
    if named := os.environ.get(NAMED):
        yield Named(named.split(","))
        return
    request.getfixturevalue("java")
    with Broker() as broker:
        yield broker


@pytest.fixture(scope="module")
def own_broker(java: None) -> Iterator[Broker]:
    """One broker, behind a proxy too, for a module that stops it; each test leaves it running."""
    with Broker(proxied=True) as broker:
        yield broker


@pytest.fixture(scope="session")
def secure_broker(java: None) -> Iterator[Broker]:
    with Broker(security=True) as broker:
        yield broker


@pytest.fixture(scope="module")
def cluster(java: None) -> Iterator[Cluster]:
    """Three nodes, heavy; each test leaves all of them running."""
    with Cluster() as cluster:
        yield cluster
