"""Standard output: at least once, and it says so."""

import io
import os

import pytest

from connectors import Alert, Effects, Fatal, Partition, Position, Retriable, Snapshot, StdoutOutbox
from connectors.effects import Step
from tests.support.faults.crashes import fail_at

PUMPS = Partition("pumps", 0)
BATCH = Effects(
    alerts=[Alert(PUMPS, b"a/1", b'{"id":"a/1"}'), Alert(PUMPS, b"a/2", b'{"id":"a/2"}')],
    snapshots=[Snapshot(PUMPS, b"s", 1, b"x")],
    positions={PUMPS: Position(9)},
)


def test_alerts_are_lines_and_nothing_is_kept() -> None:
    output = io.BytesIO()
    outbox = StdoutOutbox(output)
    outbox.commit(BATCH)
    assert output.getvalue() == b'{"id":"a/1"}\n{"id":"a/2"}\n'
    assert outbox.committed(PUMPS) == Position(9)
    assert list(outbox.load(PUMPS)) == []
    assert list(outbox.applied_commands(PUMPS, 0)) == []
    outbox.close()
    assert StdoutOutbox(output).committed(PUMPS) is None
    assert not outbox.exactly_once


def test_a_crash_may_repeat_but_not_lose() -> None:
    output = io.BytesIO()
    outbox = StdoutOutbox(output, crash_point=fail_at(Step.COMMANDS, Retriable("no", "wait")))
    with pytest.raises(Retriable):
        outbox.commit(BATCH)
    with pytest.raises(Fatal, match="earlier commit failed"):
        outbox.commit(BATCH)
    StdoutOutbox(output).commit(BATCH)
    assert output.getvalue().count(b"a/1") == 2


def test_a_reader_that_went_away_is_named() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    output = os.fdopen(writing, "wb", buffering=0)
    with pytest.raises(Fatal, match="standard output: Broken pipe"):
        StdoutOutbox(output).commit(BATCH)
    output.close()
