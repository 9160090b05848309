"""The demo counts rightly, also what did not happen in the data it comes with."""

import json

import pytest

from streamlstm.demo.alerts import DemoAlert, Outcome, read_alerts
from streamlstm.demo.trace import Disturbance
from streamlstm.stages import AlertEvent, AlertOrigin, form_alert

KNOWN = (
    Disturbance("2022-03-24T08:00+01:00", "2022-03-25T02:00+01:00"),
    Disturbance("2022-03-29T07:00+02:00", "2022-03-29T22:00+02:00"),
)


def line(offset: int, time_s: float, ended: int | None = None, peak: float = 3.5) -> bytes:
    """Form the message of an alert that opens at ``offset``, or of its end."""
    alert_event = AlertEvent(
        kind="opened" if ended is None else "closed",
        reason=None if ended is None else "resolved",
        score=3.5,
        peak_score=peak,
        forecast=(5.0,),
        half_width=(1.0,),
        weights={"lstm": 0.6, "seasonal": 0.4},
    )
    _, body = form_alert(
        AlertOrigin("a", "t", 0, ("flow",), 3.0),
        alert_event,
        stream="",
        offset=offset if ended is None else ended,
        opened_offset=offset,
        time_s=time_s,
        observed=(9.0,),
    )
    return body


def read(*lines: bytes) -> list[DemoAlert]:
    return read_alerts(lines, KNOWN)


def test_an_end_joins_its_beginning() -> None:
    start = KNOWN[0].start_s
    other = line(2, start + 7200.0)
    (first, second) = read(line(1, start), other, line(1, start + 9000.0, ended=5, peak=8.0))
    assert (first.opened_s, first.ended_s) == (start, start + 9000.0)
    assert (first.severity, first.score, first.peak) == ("critical", 3.5, 8.0)
    assert (first.low, first.expected, first.high, first.observed) == (4.0, 5.0, 6.0, 9.0)
    assert (first.expert, first.share) == ("lstm", 0.6)
    assert second.alert_id == json.loads(other)["id"]


def test_an_alert_may_still_be_open() -> None:
    (alert,) = read(line(1, KNOWN[0].start_s))
    assert (alert.ended_s, alert.severity, alert.peak) == (None, "low", 3.5)


@pytest.mark.parametrize(
    ("time_s", "found"),
    [
        (KNOWN[0].start_s, KNOWN[0]),
        (KNOWN[0].end_s, KNOWN[0]),
        (KNOWN[0].start_s - 1.0, None),
        (KNOWN[0].end_s + 1.0, None),
        (KNOWN[1].start_s + 3600.0, KNOWN[1]),
    ],
)
def test_only_what_opens_within_counts(time_s: float, found: Disturbance | None) -> None:
    assert read(line(1, time_s))[0].disturbance == found


def test_two_alerts_in_one_disturbance_find_one() -> None:
    start = KNOWN[0].start_s
    alerts = read(line(1, start), line(2, start + 3600.0), line(3, start - 7200.0))
    outcome = Outcome(alerts, KNOWN, events=1000, seconds=0.5)
    assert (outcome.found, outcome.outside) == (1, 1)
    assert outcome.summary == (
        "1 of 2 known disturbances found, 1 alert outside them, "
        "1000 events in 0.50 s (500 µs per event)"
    )


def test_nothing_is_found_in_nothing() -> None:
    outcome = Outcome([], KNOWN, events=0, seconds=0.0)
    assert (outcome.found, outcome.outside, outcome.event_us) == (0, 0, 0.0)
