"""Times to seconds and a clock on the wall."""

import math
from datetime import UTC, datetime, timedelta

import pytest

from streamlstm.estimators.shared.features import clock_values
from streamlstm.stages.clock import (
    TimeFormat,
    load_zone,
    refuse_hour_24,
    time_reader,
    zone_names,
)
from streamlstm.stages.event import DecodeError
from streamlstm.stages.schema import Schema, SchemaError

HOURS = 3600.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:00:00Z", 0.0),
        ("1970-01-01T00:00:00+00:00", 0.0),
        ("1970-01-01", 0.0),
        ("1970-01-01 01:00", HOURS),
        ("1970-01-01T01", HOURS),
        ("19700101T010000Z", HOURS),
        ("1970-W01-4", 0.0),
        ("1970-01-01T01:00:00+01:00", 0.0),
        ("1969-12-31T23:59:59.5Z", -0.5),
        ("2022-03-20T11:00:00,123456Z", 1647774000.123456),
        ("2022-03-20T11:00:00.123456789Z", 1647774000.123456),
        ("2024-02-29", 1709164800.0),
        ("19240101T002424Z", -1451691336.0),
        ("2024W091T0024", 1708907040.0),
        ("1924-01-01T00:24:24Z", -1451691336.0),
        ("0001-01-01T00:00:00Z", -62135596800.0),
        ("9999-12-31T23:59:59Z", 253402300799.0),
    ],
)
def test_iso8601(text: str, seconds: float) -> None:
    assert time_reader("iso8601", "UTC")(text)[0] == seconds


@pytest.mark.parametrize(
    "date", ["2022-03-20", "20220320", "2022-W11-7", "2022W117", "2022-W11", "2022W11"]
)
@pytest.mark.parametrize("rest", ["T24", "T24:00", " 2400Z", "T24:00:00+01:00"])
def test_no_day_has_an_hour_24(date: str, rest: str) -> None:
    with pytest.raises(DecodeError, match=r"^bad_time: "):
        refuse_hour_24(date + rest)
    with pytest.raises(DecodeError, match=r"^bad_time: "):
        time_reader("iso8601", "UTC")(date + rest)


@pytest.mark.parametrize(
    ("time_format", "number", "seconds"),
    [
        ("epoch_s", 1647774000, 1647774000.0),
        ("epoch_s", 1647774000.25, 1647774000.25),
        ("epoch_ms", 1647774000123, 1647774000.123),
        ("epoch_ms", -1, -0.001),
        ("epoch_s", 0.0, 0.0),
    ],
)
def test_epochs(time_format: TimeFormat, number: float, seconds: float) -> None:
    assert time_reader(time_format, "UTC")(number)[0] == seconds


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2022-03-27T01:59:59", "2022-03-27T00:59:59"),
        ("2022-03-27T02:30:00", "2022-03-27T01:30:00"),  # skipped: half an hour after the gap
        ("2022-03-27T03:30:00", "2022-03-27T01:30:00"),
        ("2022-10-30T02:30:00", "2022-10-30T00:30:00"),  # twice: the earlier
        ("2022-10-30T03:00:00", "2022-10-30T02:00:00"),
        ("2022-10-30T02:30:00+01:00", "2022-10-30T01:30:00"),
        ("2022-07-01T12:00:00Z", "2022-07-01T12:00:00"),
    ],
)
def test_local_times_around_a_change_of_clocks(text: str, utc: str) -> None:
    seconds, clock = time_reader("iso8601", "Europe/Rome")(text)
    instant = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert seconds == instant.timestamp()
    hour, _, weekday = clock_values(instant.astimezone(load_zone("Europe/Rome")))
    assert clock == (hour, weekday)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Rome", "Asia/Kathmandu", "America/St_Johns"])
@pytest.mark.parametrize(
    "text", ["2022-03-20T11:07:13.000001Z", "1970-01-01", "2038-12-31T23:59:59.999999-11:30"]
)
def test_the_clock_has_the_bits_of_the_estimators(text: str, zone: str) -> None:
    time = datetime.fromisoformat(text)
    time = time if time.tzinfo else time.replace(tzinfo=load_zone(zone))
    hour, seconds, weekday = clock_values(time.astimezone(load_zone(zone)))
    assert time_reader("iso8601", zone)(text) == (seconds, (hour, weekday))


@pytest.mark.parametrize("zone", ["UTC", "Europe/Rome"])
def test_both_ways_of_writing_give_the_same(zone: str) -> None:
    moment = time_reader("iso8601", zone)("2022-03-20T11:00:00.250000Z")
    assert time_reader("epoch_s", zone)(1647774000.25) == moment
    assert time_reader("epoch_ms", zone)(1647774000250) == moment


def test_monday_is_zero() -> None:
    assert time_reader("iso8601", "UTC")("2022-03-21T18:00:00Z")[1] == (18.0, 0.75)


def test_every_zone_loads() -> None:
    assert len(zone_names()) > 400
    for name in zone_names():
        assert math.isfinite(time_reader("epoch_s", name)(1e9)[1][0])


@pytest.mark.parametrize("name", ["", "Rome", "europe/rome", "../../etc/localtime", "UTC+1", "/"])
def test_zones_that_nobody_knows(name: str) -> None:
    with pytest.raises(ValueError, match="is not the IANA name of a time zone"):
        load_zone(name)


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"targets": ()}, "there is no target"),
        ({"targets": ("",)}, "'' cannot name a field"),
        ({"targets": ('a"b',)}, "cannot name a field"),
        ({"targets": ("a\\b",)}, "cannot name a field"),
        ({"targets": ("a\n",)}, "cannot name a field"),
        ({"targets": ("\ud800",)}, "cannot name a field"),
        ({"targets": ("a", "a")}, "'a' is named twice"),
        ({"features": ("flow",)}, "'flow' is named twice"),
        ({"key": "flow"}, "'flow' is named twice"),
        ({"time": "at", "key": "at"}, "'at' is named twice"),
        ({"key": "pump", "use_record_key": True}, "not from both"),
        ({"delimiter": ""}, "'' cannot separate cells"),
        ({"delimiter": "::"}, "cannot separate cells"),
        ({"delimiter": '"'}, "cannot separate cells"),
        ({"delimiter": "."}, "cannot separate cells"),
        ({"delimiter": "ü"}, "cannot separate cells"),
        ({"time_zone": "Rome"}, "'Rome' is not the IANA name of a time zone"),
    ],
)
def test_a_schema_that_contradicts_itself_is_refused(
    changed: dict[str, object], fault: str
) -> None:
    with pytest.raises(ValueError, match=fault):
        Schema(**{"format": "json", "targets": ("flow",)} | changed)  # type: ignore[arg-type]


def test_a_schema_error_says_so() -> None:
    with pytest.raises(SchemaError):
        Schema("json", targets=())


HUGE = [1e17, -1e17, 1.7e18, 2.0**62, -(2.0**63), 1e30, 253402300800.0, -62135596801.0]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Rome"])
@pytest.mark.parametrize("number", HUGE)
def test_a_number_that_is_no_time_is_a_dead_letter(number: float, zone: str) -> None:
    with pytest.raises(DecodeError, match=r"^bad_time: "):
        time_reader("epoch_s", zone)(number)


@pytest.mark.parametrize(
    "text",
    ["9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59-12:00"],
)
def test_a_time_that_an_alert_cannot_state_is_a_dead_letter(text: str) -> None:
    with pytest.raises(DecodeError, match=r"^bad_time: "):
        time_reader("iso8601", "UTC")(text)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_every_time_that_is_decoded_can_be_written(text: str) -> None:
    seconds, _ = time_reader("iso8601", "UTC")(text)
    assert datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
