"""Alerts keep to their published schema, byte for byte the same for the same finding."""

import json
import math
from typing import Any

import jsonschema
import pytest

from streamlstm.stages import AlertMessage, alert_json_schema, form_alert, severity

VALIDATOR = jsonschema.Draft202012Validator(alert_json_schema())


def message(**changed: Any) -> AlertMessage:
    given: dict[str, Any] = {
        "kind": "opened",
        "app": "app",
        "topic": "pumps",
        "partition": 3,
        "offset": 41,
        "opened_offset": 41,
        "stream": "pump-3",
        "time_s": 1647774000.25,
        "score": 4.5,
        "threshold": 3.0,
        "peak_score": 4.5,
        "observed": {"level": 1.0, "flow": 9.5},
        "expected": {"level": 1.25, "flow": 3.0},
        "interval": {"level": (1.0, 1.5), "flow": (2.5, 3.5)},
        "contributions": [("flow", 0.75), ("level", 0.25)],
        "experts": {"lstm": 0.7, "persistence": 0.3},
    }
    return AlertMessage(**given | changed)


def closing(**changed: Any) -> AlertMessage:
    given = {"kind": "closed", "offset": 60, "reason": "resolved", "events": 19, "peak_score": 9.0}
    return message(**given | changed)


MESSAGES = {
    "opened": message(),
    "closed": closing(),
    "acknowledged": closing(reason="acknowledged", time_s=None, observed={}, contributions=[]),
    "reset": closing(reason="reset", experts={}),
    "forgotten": closing(reason="forgotten", interval={}, expected={}),
    "missing": message(observed={"flow": math.nan}, interval={"flow": (-math.inf, 2.0)}),
    "no time": message(time_s=None),
    "odd key": message(stream='pümp "3"/\u2028', app="a.b-c_d"),
    "long ago": message(time_s=-62135596800.0),
    "large": message(score=300.0, peak_score=300.0, observed={"flow": 1e30}),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_alerts_keep_to_the_schema(name: str) -> None:
    alert_id, body = form_alert(MESSAGES[name])
    content = json.loads(body)
    assert [error.message for error in VALIDATOR.iter_errors(content)] == []
    assert content["id"] == alert_id
    assert b"\n" not in body


@pytest.mark.parametrize("kind", ["opened", "closed"])
def test_the_schema_bites(kind: str) -> None:
    content = json.loads(form_alert(MESSAGES[kind])[1])
    assert VALIDATOR.is_valid(content)
    for name in content:
        less = {key: value for key, value in content.items() if key != name}
        assert not VALIDATOR.is_valid(less), f"{name} may be left out"
        assert not VALIDATOR.is_valid(content | {name: [True]}), f"{name} may be anything"
    assert not VALIDATOR.is_valid(content | {"more": 1})


def test_the_schema_is_sound_itself() -> None:
    jsonschema.Draft202012Validator.check_schema(alert_json_schema())


def test_the_opening_message_byte_for_byte() -> None:
    alert_id, body = form_alert(message())
    assert alert_id == "app/pumps/3/41/score"
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
    alert_id, body = form_alert(closing())
    content = json.loads(body)
    assert alert_id == "app/pumps/3/41/score/close"
    assert (content["opening_id"], content["opened_offset"]) == ("app/pumps/3/41/score", 41)
    assert (content["offset"], content["reason"], content["events"]) == (60, "resolved", 19)
    assert (content["severity"], content["peak_score"]) == ("critical", 9.0)


def test_the_order_of_members_does_not_show() -> None:
    turned = {
        name: dict(reversed(getattr(message(), name).items()))
        for name in ("observed", "expected", "interval", "experts")
    }
    assert form_alert(message(**turned)) == form_alert(message())


def test_numbers_read_back_the_same() -> None:
    values = {"a": 0.1 + 0.2, "b": 5e-324, "c": 1.7976931348623157e308, "d": -0.0, "e": 1e16}
    content = json.loads(form_alert(message(observed=values))[1])
    assert {name: repr(value) for name, value in content["observed"].items()} == {
        name: repr(value) for name, value in values.items()
    }


def test_missing_numbers_are_null() -> None:
    content = json.loads(form_alert(MESSAGES["missing"])[1])
    assert content["observed"] == {"flow": None}
    assert content["interval"] == {"flow": [None, 2.0]}


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
        (message(score=math.nan), "not finite"),
        (message(threshold=math.inf), "not finite"),
        (message(peak_score=-math.inf), "not finite"),
        (message(time_s=math.nan), "not finite"),
        (message(contributions=[("flow", math.nan)]), "not finite"),
        (message(experts={"lstm": math.nan}), "not finite"),
        (message(reason="resolved"), "it has a reason if, and only if, it closes"),
        (closing(reason=None), "it has a reason if, and only if, it closes"),
        (message(offset=42), "it opens at offset 42"),
    ],
)
def test_mistakes_of_the_caller_are_raised(wrong: AlertMessage, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        form_alert(wrong)
