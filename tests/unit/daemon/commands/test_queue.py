"""Control records: read whole, queued once, stamped where they are due."""

import json
from pathlib import Path

import pytest

from connectors import DeadLetter, Partition, Record
from streamlstm.daemon.commands.queue import Due, PartitionControls
from streamlstm.daemon.commands.source import ControlFile
from streamlstm.stages import Mute, Reset

PUMPS = Partition("pumps", 0)
LETTER = DeadLetter(Record(Partition("pumps.controls", 0), 1), "bad_control", "no verb")


def due(controls: PartitionControls, offset: int, next_offset: int) -> list[tuple[int, int]]:
    taken = controls.take(offset, next_offset, live=True)
    return [(x.number, x.offset) for x in taken if isinstance(x, Due)]


def test_a_long_control_file_is_read_whole_in_one_poll(tmp_path: Path) -> None:
    path = tmp_path / "controls.jsonl"
    path.write_text('{"verb": "reset", "stream": "a"}\n' * 2500)
    assert [place for place, _ in ControlFile(path, "pumps.controls").poll()] == [*range(2500)]


def test_a_rewound_control_file_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "controls.jsonl"
    path.write_text('{"verb": "reset", "stream": "a"}\n' * 3)
    file = ControlFile(path, "pumps.controls")
    assert len(list(file.poll())) == 3
    assert list(file.poll()) == []
    file.rewind(5)  # not yet reached: nothing changes
    file.rewind(1)
    assert [place for place, _ in file.poll()] == [1, 2]


def test_what_is_read_again_is_queued_once() -> None:
    controls = PartitionControls(PUMPS, read=1)
    for _ in range(2):
        for place in range(3):
            controls.add(place, Reset(stream="a"))
    assert due(controls, 10, 10) == [(0, 10), (1, 10)]


@pytest.mark.parametrize(
    ("at_offset", "next_offset", "met", "stamped"),
    [(None, 10, 15, 10), (8, 10, 15, 10), (10, 10, 15, 10), (12, 10, 15, 12), (15, 10, 15, 15)],
)
def test_it_is_stamped_where_it_is_due_and_not_where_it_meets_a_record(
    at_offset: int | None, next_offset: int, met: int, stamped: int
) -> None:
    controls = PartitionControls(PUMPS)
    controls.add(0, Mute(stream="a", events=3, at_offset=at_offset))
    assert due(controls, met, next_offset) == [(0, stamped)]


def test_it_waits_for_its_offset() -> None:
    controls = PartitionControls(PUMPS)
    controls.add(0, Mute(stream="a", events=3, at_offset=12))
    assert due(controls, 11, 11) == []
    assert controls.next_offset(live=True) == 12
    assert controls.next_offset(live=False) is None


def test_what_nobody_understands_takes_its_turn_and_no_number() -> None:
    controls = PartitionControls(PUMPS)
    controls.add(0, Reset(stream="a"))
    controls.add(1, LETTER)
    controls.add(2, Reset(stream="b"))
    taken = list(controls.take(10, 10, live=True))
    assert taken[1] is LETTER
    assert [x.number for x in taken if isinstance(x, Due)] == [0, 1]
    assert (controls.count, controls.read) == (2, 3)


def test_a_replayed_one_keeps_number_and_place() -> None:
    first = PartitionControls(PUMPS)
    first.add(0, Reset(stream="a", at_offset=7))
    (taken,) = (x for x in first.take(9, 5, live=True) if isinstance(x, Due))
    assert taken.stamp is not None
    assert json.loads(taken.stamp.payload)["number"] == 0
    again = PartitionControls(PUMPS, count=1, read=1, stamped=[taken.stamp])
    assert again.first_number == 0
    (replayed,) = (x for x in again.take(9, 5, live=False) if isinstance(x, Due))
    assert (replayed.number, replayed.offset, replayed.stamp) == (0, 7, None)
