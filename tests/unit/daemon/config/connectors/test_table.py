"""Every kind in the table of connectors is wired, tested by the contract suite and documented."""

from importlib import import_module
from pathlib import Path
from typing import get_args

import pytest

from connectors import FileSource, JsonlOutbox, SqliteOutbox, StdoutOutbox
from connectors.kafka import KafkaOutbox, KafkaSource
from streamlstm.daemon.config.connectors.section import OutboxSection, SourceSection
from streamlstm.daemon.config.connectors.table import OUTBOXES, SOURCES

ROOT = Path(__file__).parents[5]
SUITES = ("tests/conformance", "tests/kafka/connectors")
TESTED = {"stdout": "tests/unit/connectors/test_stdout_outbox.py"}
"""Kinds that the contract of durable outboxes cannot hold for."""


def kind(section: type[SourceSection | OutboxSection]) -> str:
    return str(get_args(section.model_fields["kind"].annotation)[0])


@pytest.mark.parametrize("section", SOURCES, ids=kind)
def test_every_source_is_wired(section: type[SourceSection]) -> None:
    module = import_module(section.wiring)
    assert callable(module.open_source)
    assert callable(module.partitions)


@pytest.mark.parametrize("section", OUTBOXES, ids=kind)
def test_every_outbox_is_wired(section: type[OutboxSection]) -> None:
    module = import_module(section.wiring)
    assert callable(module.open_outbox)
    if section.capabilities.durable:
        assert callable(module.open_view)
        assert callable(module.open_relay)


@pytest.mark.parametrize("section", [*SOURCES, *OUTBOXES], ids=lambda section: section.__name__)
def test_every_kind_is_documented(section: type[SourceSection]) -> None:
    assert f"### `kind: {kind(section)}`" in (ROOT / "docs/configuration.md").read_text()


@pytest.mark.parametrize(
    ("section", "role"),
    [*((each, "source") for each in SOURCES), *((each, "outbox") for each in OUTBOXES)],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_every_kind_has_a_contract_suite(section: type[SourceSection], role: str) -> None:
    suites = [path for folder in SUITES for path in (ROOT / folder).glob(f"test_*{role}*.py")]
    if kind(section) in TESTED:
        suites = [ROOT / TESTED[kind(section)]]
    assert any(kind(section) in path.read_text().lower() for path in suites)


def test_a_section_states_what_its_connector_can_do() -> None:
    opened = {"csv": FileSource, "jsonl": FileSource, "kafka": KafkaSource}
    assert {kind(section): section.capabilities for section in SOURCES} == {
        name: source.capabilities for name, source in opened.items()
    }
    promises = {
        "sqlite": SqliteOutbox,
        "jsonl": JsonlOutbox,
        "stdout": StdoutOutbox,
        "kafka": KafkaOutbox,
    }
    assert {kind(section): section.capabilities.exactly_once for section in OUTBOXES} == {
        name: outbox.exactly_once for name, outbox in promises.items()
    }
