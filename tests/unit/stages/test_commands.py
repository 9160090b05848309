"""Operator commands: read strictly, written the same way every time."""

import json
from typing import Any

import pytest

from streamlstm.stages import (
    Acknowledge,
    Command,
    CommandError,
    Expected,
    Forget,
    Mute,
    Reset,
    command_bytes,
    parse_command,
)
from streamlstm.stages.commands import EVENTS_MAX, VERBS

WRITTEN: dict[str, Command] = {
    '{"verb":"expected","events":24,"stream":"a"}': Expected(stream="a", events=24),
    '{"verb":"mute","events":1,"stream":"ü"}': Mute(stream="ü", events=1),
    '{"verb":"acknowledge","stream":"a"}': Acknowledge(stream="a"),
    '{"verb":"reset","stream":"a","partition":0}': Reset(stream="a", partition=0),
    '{"verb":"forget","stream":"a","at_offset":7}': Forget(stream="a", at_offset=7),
}


@pytest.mark.parametrize("text", WRITTEN)
def test_commands_are_written_and_read_back(text: str) -> None:
    assert command_bytes(WRITTEN[text]).decode() == text
    assert parse_command(text.encode()) == WRITTEN[text]
    turned = dict(reversed(json.loads(text).items()))
    assert parse_command(json.dumps(turned, indent=2).encode()) == WRITTEN[text]


def test_every_verb_is_here() -> None:
    assert [json.loads(text)["verb"] for text in WRITTEN] == list(VERBS)


def command(**changed: Any) -> bytes:
    members = {"verb": "mute", "stream": "a", "events": 3, "partition": 0, "at_offset": 5} | changed
    return json.dumps({name: raw for name, raw in members.items() if raw is not ...}).encode()


def test_the_sound_one_is_sound() -> None:
    assert parse_command(command()) == Mute(stream="a", events=3, partition=0, at_offset=5)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "not valid JSON"),
        (b"{", "not valid JSON"),
        (b"\xff", "byte 0 is not UTF-8"),
        (b"[" * 40, "nested deeper than 32 levels"),
        (b"[]", "the JSON value is not an object"),
        (b"{}", "verb must be one of expected, mute, acknowledge, reset, forget; got None"),
        (b'{"verb":"mute","stream":"a","stream":"b","events":1}', "'stream' occurs twice"),
        (b'{"verb":"mute","stream":"a","events":NaN}', "malformed"),
        (command(verb="silence"), "got 'silence'"),
        (command(verb=3), "got 3"),
        (command(verb=["mute"]), r"got \['mute'\]"),
        (command(verb=...), "got None"),
        (command(stream=...), "missing required field `stream`"),
        (command(stream=7), r"Expected `str`, got `int` - at `\$.stream`"),
        (command(stream=""), "stream '' is not a valid stream key"),
        (command(stream="a\n"), "is not a valid stream key"),
        (command(stream="x" * 257), "is not a valid stream key"),
        (command(events=...), "missing required field `events`"),
        (command(events=0), r"Expected `int` >= 1 - at `\$.events`"),
        (command(events=EVENTS_MAX + 1), "Expected `int` <= 1000000000"),
        (command(events="3"), "Expected `int`, got `str`"),
        (command(events=1.5), "Expected `int`, got `float`"),
        (command(events=True), "Expected `int`, got `bool`"),
        (command(partition=-1), r"Expected `int` >= 0 - at `\$.partition`"),
        (command(at_offset=-1), r"Expected `int` >= 0 - at `\$.at_offset`"),
        (command(at_offset="5"), "Expected `int | null`, got `str`"),
        (command(until=9), "unknown field `until`"),
        (command(verb="reset"), "unknown field `events`"),
    ],
)
def test_what_nobody_can_obey_is_refused(content: bytes, fault: str) -> None:
    with pytest.raises(CommandError, match=fault.replace("|", r"\|")):
        parse_command(content)
