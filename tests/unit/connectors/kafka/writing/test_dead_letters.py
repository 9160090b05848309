"""Dead letters as messages: what comes back, and that they always fit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka.record.default_records import DefaultRecordBatchBuilder

from connectors import DeadLetter, Partition, Record
from connectors.kafka.writing.dead_letters import dead_letter, read_dead_letter
from connectors.kafka.writing.outbox import OVERHEAD_BYTES

PUMPS = Partition("pumps", 3)
OURS = [f"dead_letter.{name}" for name in ("code", "topic", "omitted_bytes", "no_key", "x")]
names = st.sampled_from([*OURS, "", "trace"]) | st.text(max_size=20)
some_headers = st.lists(st.tuples(names, st.binary(max_size=50)), max_size=12).map(tuple)
records = st.builds(
    Record,
    st.builds(Partition, st.text("abc.-_", min_size=1, max_size=249), st.integers(0, 10**6)),
    st.integers(0, 2**62),
    st.none() | st.binary(max_size=200),
    st.none() | st.binary(max_size=300),
    st.none() | st.integers(0, 2**62),
    some_headers,
    st.integers(0, 10**9),
)


def there_and_back(record: Record, room: int, reason: str = "ends early") -> DeadLetter:
    value, key, headers = dead_letter(DeadLetter(record, "not_json", reason), room)
    return read_dead_letter("letters", value, key, headers)


@given(record=records, reason=st.text(max_size=300))
def test_a_letter_holds_the_record_as_it_came(record: Record, reason: str) -> None:
    assert there_and_back(record, 1000, reason) == DeadLetter(record, "not_json", reason)


@given(record=records, room=st.integers(0, 600))
def test_what_is_left_out_of_a_value_is_counted(record: Record, room: int) -> None:
    found = there_and_back(record, room).record
    whole = len(record.value or b"") + record.omitted_bytes
    assert len(found.value or b"") + found.omitted_bytes == whole
    assert (record.value or b"").startswith(found.value or b"")
    assert len(found.key or b"") + len(found.value or b"") <= room


@given(
    headers=st.lists(st.tuples(st.text(max_size=3), st.binary(max_size=3)), max_size=50),
    times=st.sampled_from([1, 100, 3000]),
    reason=st.text(max_size=3000),
)
def test_headers_never_take_more_than_their_share(
    headers: list[tuple[str, bytes]], times: int, reason: str
) -> None:
    record = Record(PUMPS, 7, None, b"{" * 1000, 1000, tuple(headers) * times)
    value, key, told = dead_letter(DeadLetter(record, "not_json", reason), 1000)
    size = DefaultRecordBatchBuilder.estimate_size_in_bytes(key, value, told)
    assert size <= 1000 + OVERHEAD_BYTES
    found = read_dead_letter("letters", value, key, told).record.headers
    assert tuple(found) == record.headers[: len(found)]


def test_it_says_how_many_headers_are_left_out() -> None:
    record = Record(PUMPS, 7, headers=(("a", b"1"), ("b", b"x" * 5000), ("c", b"3")))
    _, _, headers = dead_letter(DeadLetter(record, "null", "no value"), 1000)
    assert dict(headers)["dead_letter.omitted_headers"] == b"2"
    assert there_and_back(record, 1000).record.headers == (("a", b"1"),)


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("trace", b"1")],
        [("dead_letter.omitted_bytes", b"0")],
        [("dead_letter.omitted_bytes", None)],
        [("dead_letter.omitted_bytes", b"many")],
        [("dead_letter.omitted_bytes", b"\xff")],
    ],
)
def test_another_message_is_no_letter(headers: list[tuple[str, bytes]]) -> None:
    with pytest.raises(ValueError, match="topic letters"):
        read_dead_letter("letters", b"{", b"a", headers)
