"""Alerts keep to their published schema, byte for byte the same for the same alert event."""

import json
import math
from typing import Any

import jsonschema
import pytest

from streamlstm.stages import (
    AlertEvent,
    AlertOrigin,
    alert_json_schema,
    form_alert,
    severity,
)

Alert = tuple[bytes, bytes]

VALIDATOR = jsonschema.Draft202012Validator(alert_json_schema())


def opened(**changed: Any) -> Alert:
    """Form the alert of an event that opens one, with other arguments where named."""
    arguments: dict[str, Any] = {
        "kind": "opened",
        "app": "app",
        "topic": "pumps",
        "partition": 3,
        "targets": ("level", "flow"),
        "threshold": 3.0,
        "stream": "pump-3",
        "offset": 41,
        "opened_offset": 41,
        "time_s": 1647774000.25,
        "score": 4.5,
        "peak_score": 4.5,
        "observed": (1.0, 9.5),
        "forecast": (1.25, 3.0),
        "half_width": (0.25, 0.5),
        "standardised_error": (2.0, 6.0),
        "weights": {"lstm": 0.7, "persistence": 0.3},
    } | changed
    origin, event = (
        {name: arguments.pop(name) for name in struct.__struct_fields__ if name in arguments}
        for struct in (AlertOrigin, AlertEvent)
    )
    return form_alert(AlertOrigin(**origin), AlertEvent(**event), **arguments)


def closed(**changed: Any) -> Alert:
    """Form the alert of an event that closes one."""
    given = {"kind": "closed", "offset": 60, "reason": "resolved", "events": 19, "peak_score": 9.0}
    return opened(**given | changed)


def closed_by_command(reason: str) -> Alert:
    """Form the alert that a command closes: no event belongs to it."""
    numbers = ("observed", "forecast", "half_width", "standardised_error")
    empty: dict[str, Any] = dict.fromkeys(numbers, ())
    return closed(**empty, weights={}, time_s=None, score=0.0, reason=reason)


ALERTS = {
    "opened": opened(),
    "closed": closed(),
    "acknowledged": closed_by_command("acknowledged"),
    "reset": closed_by_command("reset"),
    "forgotten": closed_by_command("forgotten"),
    "missing": opened(observed=(1.0, math.nan), forecast=(1.25, math.nan)),
    "no forecast": opened(
        forecast=(math.nan,) * 2, half_width=(math.nan,) * 2, standardised_error=(0.0,) * 2
    ),
    "no time": opened(time_s=None),
    "odd key": opened(stream='pümp "3"/\u2028', app="a.b-c_d"),
    "long ago": opened(time_s=-62135596800.0),
    "large": opened(score=300.0, peak_score=300.0, observed=(1.0, 1e30)),
}


@pytest.mark.parametrize("name", ALERTS)
def test_alerts_keep_to_the_schema(name: str) -> None:
    alert_id, body = ALERTS[name]
    content = json.loads(body)
    assert [error.message for error in VALIDATOR.iter_errors(content)] == []
    assert content["id"] == alert_id.decode()
    assert b"\n" not in body


@pytest.mark.parametrize("kind", ["opened", "closed"])
def test_the_schema_bites(kind: str) -> None:
    content = json.loads(ALERTS[kind][1])
    assert VALIDATOR.is_valid(content)
    for name in content:
        less = {key: value for key, value in content.items() if key != name}
        assert not VALIDATOR.is_valid(less), f"{name} may be left out"
        assert not VALIDATOR.is_valid(content | {name: [True]}), f"{name} may be anything"
    assert not VALIDATOR.is_valid(content | {"more": 1})


def test_the_schema_is_sound_itself() -> None:
    jsonschema.Draft202012Validator.check_schema(alert_json_schema())


def test_the_opening_message_byte_for_byte() -> None:
    alert_id, body = opened()
    assert alert_id == b"app/pumps/3/41/score"
    assert body.decode() == (
        '{"kind":"opened","id":"app/pumps/3/41/score","rule":"score","severity":"medium",'
        '"app":"app","topic":"pumps","partition":3,"offset":41,"stream":"pump-3",'
        '"time":"2022-03-20T11:00:00.250000Z","time_s":1647774000.25,"score":4.5,"threshold":3.0,'
        '"observed":{"flow":9.5,"level":1.0},"expected":{"flow":3.0,"level":1.25},'
        '"interval":{"flow":[2.5,3.5],"level":[1.0,1.5]},'
        '"contributions":[{"feature":"flow","share":0.75},{"feature":"level","share":0.25}],'
        '"experts":{"lstm":0.7,"persistence":0.3}}'
    )


def test_the_closing_message_says_what_it_closes() -> None:
    alert_id, body = closed()
    content = json.loads(body)
    assert alert_id == b"app/pumps/3/41/score/close"
    assert (content["opening_id"], content["opened_offset"]) == ("app/pumps/3/41/score", 41)
    assert (content["offset"], content["reason"], content["events"]) == (60, "resolved", 19)
    assert (content["severity"], content["peak_score"]) == ("critical", 9.0)


def test_the_closing_message_of_a_command_byte_for_byte() -> None:
    alert_id, body = closed_by_command("acknowledged")
    assert alert_id == b"app/pumps/3/41/score/close"
    assert body.decode() == (
        '{"kind":"closed","opening_id":"app/pumps/3/41/score","opened_offset":41,'
        '"reason":"acknowledged","events":19,"peak_score":9.0,'
        '"id":"app/pumps/3/41/score/close","rule":"score","severity":"critical",'
        '"app":"app","topic":"pumps","partition":3,"offset":60,"stream":"pump-3","time":null,'
        '"time_s":null,"score":0.0,"threshold":3.0,"observed":{},"expected":{},"interval":{},'
        '"contributions":[],"experts":{}}'
    )


def test_the_order_of_targets_and_experts_does_not_show() -> None:
    turned: dict[str, Any] = {
        "targets": ("flow", "level"),
        "observed": (9.5, 1.0),
        "forecast": (3.0, 1.25),
        "half_width": (0.5, 0.25),
        "standardised_error": (6.0, 2.0),
        "weights": {"persistence": 0.3, "lstm": 0.7},
    }
    assert opened(**turned) == opened()


def test_numbers_read_back_the_same() -> None:
    values = {"a": 0.1 + 0.2, "b": 5e-324, "c": 1.7976931348623157e308, "d": -0.0, "e": 1e16}
    none: dict[str, Any] = dict.fromkeys(("forecast", "half_width", "standardised_error"), ())
    _, body = opened(targets=tuple(values), observed=tuple(values.values()), **none)
    assert {name: repr(value) for name, value in json.loads(body)["observed"].items()} == {
        name: repr(value) for name, value in values.items()
    }


def test_missing_numbers_are_null() -> None:
    content = json.loads(ALERTS["missing"][1])
    assert content["observed"] == {"flow": None, "level": 1.0}
    assert content["interval"] == {"flow": [None, None], "level": [1.0, 1.5]}


@pytest.mark.parametrize(
    ("excess", "expected"),
    [
        (0.0, "low"),
        (0.999, "low"),
        (1.0, "medium"),
        (1.999, "medium"),
        (2.0, "high"),
        (3.999, "high"),
        (4.0, "critical"),
        (297.0, "critical"),
        (-1.0, "low"),
    ],
)
def test_severity_counts_powers_of_ten(excess: float, expected: str) -> None:
    assert severity(3.0 + excess, 3.0) == expected


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ({"score": math.nan}, "not finite"),
        ({"threshold": math.inf}, "not finite"),
        ({"peak_score": -math.inf}, "not finite"),
        ({"time_s": math.nan}, "not finite"),
        ({"standardised_error": (1.0, math.inf)}, "not finite"),
        ({"weights": {"lstm": math.nan}}, "not finite"),
        ({"reason": "resolved"}, "a reason is required at closing, and only there"),
        ({"kind": "closed"}, "a reason is required at closing, and only there"),
        ({"offset": 42}, "it opens at offset 42"),
    ],
)
def test_mistakes_of_the_caller_are_raised(wrong: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        opened(**wrong)
