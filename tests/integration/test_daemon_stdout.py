"""Standard output as outbox: alerts may come twice under the same id, and none is lost."""

import io
import json
import sys
from pathlib import Path

import pytest

from connectors.effects import CrashPoint, Step, no_crash
from streamlstm.daemon.config.load import load_config
from tests.support.faults.crashes import Crash, fail_at
from tests.support.outcomes.lives import live
from tests.support.streams import journals


class Printed(io.TextIOWrapper):
    """What takes the place of standard output; a crash does not close it."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO())

    def lines(self) -> list[bytes]:
        written = self.buffer
        assert isinstance(written, io.BytesIO)
        return written.getvalue().splitlines()


def printed(
    path: str, monkeypatch: pytest.MonkeyPatch, crash_point: CrashPoint = no_crash
) -> list[bytes]:
    output = Printed()
    monkeypatch.setattr(sys, "stdout", output)
    config = load_config(path, {})
    if crash_point is no_crash:
        live(config)
    else:
        with pytest.raises(Crash):
            live(config, crash_point)
    return output.lines()


@pytest.mark.parametrize("step", Step)
def test_after_a_crash_all_alerts_come_again(
    tmp_path: Path, step: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    journals.write_journal(tmp_path, 1500)
    sections = journals.configured(tmp_path) | {"outbox": {"kind": "stdout"}}
    path = str(journals.write_config(tmp_path / "run", sections))
    smooth = printed(path, monkeypatch)
    assert len({json.loads(alert)["id"] for alert in smooth}) == len(smooth) >= 4
    before = printed(path, monkeypatch, fail_at(step, commit=9))
    assert 0 < len(before) < len(smooth)
    assert before == smooth[: len(before)]
    assert printed(path, monkeypatch) == smooth
