"""Bad records become dead letters, unchanged, and the worker goes on."""

from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaProducer
from kafka.record.default_records import DefaultRecordBatchBuilder

from connectors import Record
from tests.support.kafka.broker.broker import Broker
from tests.support.kafka.broker.topics import produce
from tests.support.kafka.small_app import SmallApp, event

Headers = list[tuple[str, bytes]]

NULL = b"nothing at all"  # this client sends no null beside a null, and none in a header

BAD = [
    (b"\x00\xff\xfe\x80 random", "not_utf8"),
    (b'{"pump": "a", "time": 1, ', "not_json"),
    (b"[1, 2]", None),
    (b'{"pump": "a", "time": 1, "flow": "many"}', None),
    (b'{"pump": "a", "time": "yesterday", "flow": 1}', None),
    (b'{"time": 1, "flow": 1}', None),
    (b'{"pump": {}, "time": 1, "flow": 1}', None),
    (b'{"pump": "a", "time": 1, "flow": 1' + b"0" * 5000 + b"}", None),
    (b"[" * 100_000, None),
]
HEADERS: Headers = [("trace", b"\x00\xff"), ("trace", b"2"), ("", b""), ("é", b"x")]


def send(app: SmallApp, value: bytes | None, key: bytes | None, headers: Headers) -> None:
    with KafkaProducer(bootstrap_servers=list(app.bootstrap), max_request_size=1 << 24) as producer:
        producer.send(app.topic, value, key, headers, partition=0).get(10)


@pytest.fixture
def app(broker: Broker, tmp_path: Path) -> SmallApp:
    return SmallApp(broker.bootstrap, tmp_path)


def test_bad_records_become_dead_letters_and_the_worker_goes_on(app: SmallApp) -> None:
    bad = [value for value, _ in BAD]
    for number, value in enumerate(bad):
        send(app, value, b"key-%d" % number, HEADERS)
        send(app, event(at=number), None, [])
    ended = app.run_through()
    assert ended.code == 0, ended.err
    dead_letters = app.dead_letters()
    assert [x.record.value for x in dead_letters] == bad
    assert [x.record.key for x in dead_letters] == [b"key-%d" % n for n in range(len(bad))]
    assert [x.record.headers for x in dead_letters] == [tuple(HEADERS)] * len(bad)
    assert [x.record.offset for x in dead_letters] == list(range(0, 2 * len(bad), 2))
    for dead_letter, (_, code) in zip(dead_letters, BAD, strict=True):
        assert code in {None, dead_letter.code}
        assert dead_letter.reason
    assert f'"learnt": {len(bad)}, "dead_letters": {len(bad)}' in ended.err


@pytest.fixture
def nulls(monkeypatch: pytest.MonkeyPatch) -> None:
    append = DefaultRecordBatchBuilder.append

    def with_nulls(
        self: Any, offset: int, time: int, key: Any, value: Any, headers: Any, **more: Any
    ) -> Any:
        key, value = (None if x == NULL else x for x in (key, value))
        headers = [(name, None if x == NULL else x) for name, x in headers]
        return append(self, offset, time, key, value, headers, **more)

    monkeypatch.setattr(DefaultRecordBatchBuilder, "append", with_nulls)


def test_records_without_key_value_or_header_content_are_read(app: SmallApp, nulls: None) -> None:
    send(app, None, b"a", [("null", NULL), ("empty", b"")])
    send(app, None, NULL, [])
    send(app, b"", b"", [])
    send(app, event(), None, [("null", NULL)])
    ended = app.run_through()
    assert ended.code == 0, ended.err
    found = [x.record for x in app.dead_letters()]
    assert [(r.offset, r.key, r.value) for r in found] == [
        (0, b"a", None),
        (1, None, None),
        (2, b"", b""),
    ][: len(found)]
    assert found == [] or found[0].headers == (("null", b""), ("empty", b""))
    assert '"learnt": 1' in ended.err


def test_a_record_that_is_too_long_is_truncated(app: SmallApp) -> None:
    long = event()[:-1] + b" " * 2000 + b"}"
    send(app, long, b"a", HEADERS)
    send(app, event(), None, [])
    ended = app.run_through(source={"record_bytes_max": 1000})
    assert ended.code == 0, ended.err
    (dead_letter,) = app.dead_letters()
    assert (dead_letter.record.value, dead_letter.record.omitted_bytes) == (
        long[:1000],
        len(long) - 1000,
    )
    assert dead_letter.code == "too_large"
    assert str(len(long) - 1000) in dead_letter.reason


def test_the_dead_letter_of_the_largest_record_fits(app: SmallApp) -> None:
    """By default a broker accepts 1 MiB and twelve bytes, headers included."""
    headers: Headers = [(f"h{n}", b"x" * 200) for n in range(200)]
    room = 1_048_588 - 200 * 210 - 200
    large = b"\xff" * room
    send(app, large, None, headers)
    send(app, event(), None, [])
    ended = app.run_through(source={"record_bytes_max": 1 << 21})
    assert ended.code == 0, ended.err
    (dead_letter,) = app.dead_letters()
    found: Record = dead_letter.record
    assert len(found.value or b"") + found.omitted_bytes == room
    assert large.startswith(found.value or b"x")
    assert found.headers == tuple(headers)[: len(found.headers)]
    assert len(found.headers) > 0


def test_records_of_another_format_become_dead_letters(app: SmallApp) -> None:
    produce(app.bootstrap, app.topic, [(None, event(at=n)) for n in range(20)])
    ended = app.run_through(source={"format": "msgpack"})
    assert ended.code == 0, ended.err
    assert len(app.dead_letters()) == 20


def test_a_header_that_is_not_text_stops_the_worker(app: SmallApp) -> None:
    """The client cannot read such a record, so it cannot become a dead letter."""

    class Raw(str):
        def encode(self, *_: object) -> bytes:
            return b"\xff\xfe"

    send(app, event(), None, [])
    send(app, event(), None, [(Raw("x"), b"1")])
    ended = app.run()
    assert ended.code == 3
    assert "CorruptRecordError" in ended.err
    assert "kafka-delete-records" in ended.err
    assert "Traceback" not in ended.err
    assert app.committed() == {0: 1}
