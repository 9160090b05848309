"""What a replay must not do: put out again what is committed, or lose a stream on the way."""

import json
from pathlib import Path

import pytest

from connectors.effects import Step
from streamlstm.daemon.config.model import Config
from tests.support.faults.crashes import Crash, fail_at
from tests.support.outcomes.lives import live
from tests.support.outcomes.outcome import differences, outcome
from tests.support.streams import journals
from tests.support.streams.seeded import normal

SPIKE = 205
CONFIG = {"alerts": {"false_alarm_rate": 0.001, "warm_up": 64, "cooldown": 24, "resolve_after": 12}}


def config(folder: Path, name: str, *commands: dict[str, object], **state: int) -> Config:
    """Configure 300 records of one stream with a spike, ten a commit, and what people say."""
    folder.mkdir(exist_ok=True)
    noise = normal(3, 300)
    flows = [50 + 0.3 * float(noise[n]) + 60 * (n == SPIKE) for n in range(300)]
    lines = (json.dumps({"pump": "a", "time": n, "flow": flow}) for n, flow in enumerate(flows))
    (folder / "a.jsonl").write_text("".join(line + "\n" for line in lines))
    (folder / "commands.jsonl").write_text("".join(json.dumps(c) + "\n" for c in commands))
    source = {"path": str(folder / "a.jsonl")}
    batch = {"records_max": 10}
    return journals.config(folder, folder / name, source=source, batch=batch, state=state, **CONFIG)


def leaves_the_same(folder: Path, commit: int, *commands: dict[str, object], **state: int) -> None:
    smooth = config(folder, "smooth", *commands, **state)
    live(smooth)
    rough = config(folder, "rough", *commands, **state)
    with pytest.raises(Crash):
        live(rough, fail_at(Step.COMMIT, commit=commit))
    live(rough)
    assert not differences(outcome(smooth), outcome(rough))


@pytest.mark.parametrize("verb", ["acknowledge", "reset", "forget"])
@pytest.mark.parametrize("at", [208, 210, 211])
def test_what_a_control_ended_is_told_once(tmp_path: Path, verb: str, at: int) -> None:
    """Also when it takes effect between two commits, and the worker dies right there."""
    command: dict[str, object] = {"verb": verb, "stream": "a", "at_offset": at}
    smooth = config(tmp_path, "told", command)
    live(smooth)
    closed = [json.loads(alert) for alert in outcome(smooth).alerts][1]
    assert closed["kind"] == "closed"
    assert closed["reason"] in {"acknowledged", "reset", "forgotten"}
    for commit in (20, 21, 22):
        leaves_the_same(tmp_path / f"{commit}", commit, command)


@pytest.mark.parametrize("verb", ["mute", "expected"])
def test_a_stream_reset_where_the_replay_begins_is_known(tmp_path: Path, verb: str) -> None:
    """All was saved before: the replay meets the reset, and no record of the stream before it."""
    reset = {"verb": "reset", "stream": "a", "at_offset": 100}
    later = {"verb": verb, "stream": "a", "at_offset": 100, "events": 150}
    leaves_the_same(tmp_path, 10, reset, later, snapshot_every=1)


def test_a_stream_that_was_reset_last_is_kept(tmp_path: Path) -> None:
    reset: dict[str, object] = {"verb": "reset", "stream": "a", "at_offset": 300}
    leaves_the_same(tmp_path, 30, reset, snapshot_every=1)
