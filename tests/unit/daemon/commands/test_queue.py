"""Operator commands: read whole, queued once, stamped where they are due."""

import json
from pathlib import Path

import pytest

from connectors import DeadLetter, Partition, Record
from streamlstm.daemon.commands.queue import CommandQueue, Due
from streamlstm.daemon.commands.source import CommandFile
from streamlstm.stages import Mute, Reset

PUMPS = Partition("pumps", 0)
LETTER = DeadLetter(Record(Partition("pumps.commands", 0), 1), "bad_command", "no verb")


def due(commands: CommandQueue, offset: int, next_offset: int) -> list[tuple[int, int]]:
    taken = commands.take(offset, next_offset, live=True)
    return [(x.number, x.offset) for x in taken if isinstance(x, Due)]


def test_a_long_control_file_is_read_whole_in_one_poll(tmp_path: Path) -> None:
    path = tmp_path / "commands.jsonl"
    path.write_text('{"verb": "reset", "stream": "a"}\n' * 2500)
    assert [place for place, _ in CommandFile(path, "pumps.commands").poll()] == [*range(2500)]


def test_a_rewound_control_file_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "commands.jsonl"
    path.write_text('{"verb": "reset", "stream": "a"}\n' * 3)
    file = CommandFile(path, "pumps.commands")
    assert len(list(file.poll())) == 3
    assert list(file.poll()) == []
    file.rewind(5)  # not yet reached: nothing changes
    file.rewind(1)
    assert [place for place, _ in file.poll()] == [1, 2]


def test_what_is_read_again_is_queued_once() -> None:
    commands = CommandQueue(PUMPS, read=1)
    for _ in range(2):
        for place in range(3):
            commands.add(place, Reset(stream="a"))
    assert due(commands, 10, 10) == [(0, 10), (1, 10)]


@pytest.mark.parametrize(
    ("at_offset", "next_offset", "met", "applied"),
    [(None, 10, 15, 10), (8, 10, 15, 10), (10, 10, 15, 10), (12, 10, 15, 12), (15, 10, 15, 15)],
)
def test_it_is_stamped_where_it_is_due_and_not_where_it_meets_a_record(
    at_offset: int | None, next_offset: int, met: int, applied: int
) -> None:
    commands = CommandQueue(PUMPS)
    commands.add(0, Mute(stream="a", events=3, at_offset=at_offset))
    assert due(commands, met, next_offset) == [(0, applied)]


def test_it_waits_for_its_offset() -> None:
    commands = CommandQueue(PUMPS)
    commands.add(0, Mute(stream="a", events=3, at_offset=12))
    assert due(commands, 11, 11) == []
    assert commands.next_offset(live=True) == 12
    assert commands.next_offset(live=False) is None


def test_what_nobody_understands_takes_its_turn_and_no_number() -> None:
    commands = CommandQueue(PUMPS)
    commands.add(0, Reset(stream="a"))
    commands.add(1, LETTER)
    commands.add(2, Reset(stream="b"))
    taken = list(commands.take(10, 10, live=True))
    assert taken[1] is LETTER
    assert [x.number for x in taken if isinstance(x, Due)] == [0, 1]
    assert (commands.count, commands.read) == (2, 3)


def test_a_replayed_one_keeps_number_and_place() -> None:
    first = CommandQueue(PUMPS)
    first.add(0, Reset(stream="a", at_offset=7))
    (taken,) = (x for x in first.take(9, 5, live=True) if isinstance(x, Due))
    assert taken.applied is not None
    assert json.loads(taken.applied.payload)["number"] == 0
    again = CommandQueue(PUMPS, count=1, read=1, applied=[taken.applied])
    assert again.first_number == 0
    (replayed,) = (x for x in again.take(9, 5, live=False) if isinstance(x, Due))
    assert (replayed.number, replayed.offset, replayed.applied) == (0, 7, None)
