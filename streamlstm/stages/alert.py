"""Writes an alert event as the message that is published.

An alert has two forms: `AlertEvent` holds the numbers that a learner reports, and `form_alert`
writes them as one JSON object, `AlertBody`. The bytes depend on the arguments alone. The fields are
published as ``alert.schema.json`` beside this file.
"""

import importlib.resources
import json
import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import msgspec

from streamlstm.stages.alert_event import AlertEvent, AlertKind, CloseReason

RULE = "score"
SEVERITY_STEPS: tuple[tuple[float, "Severity"], ...] = (
    (4.0, "critical"),
    (2.0, "high"),
    (1.0, "medium"),
)
"""Least difference between score and threshold for each severity; 1 is a factor of ten in
probability."""

Severity = Literal["low", "medium", "high", "critical"]
Numbers = dict[str, float]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class AlertOrigin(msgspec.Struct, frozen=True):
    """What all alerts of a partition have in common.

    Parameters
    ----------
    app : str
        Name of the application.
    topic : str
        Topic of the records.
    partition : int
        Partition of the topic.
    targets : tuple of str
        Names of the targets, in the order of the schema.
    threshold : float
        Score at which an alert opens.

    Examples
    --------
    >>> AlertOrigin("app", "pumps", 0, ("flow",), 3.0).alert_id(41)
    'app/pumps/0/41/score'
    """

    app: str
    topic: str
    partition: int
    targets: Sequence[str]
    threshold: float

    def alert_id(self, opened_offset: int) -> str:
        """Return the id of the alert that opened at an offset."""
        return f"{self.app}/{self.topic}/{self.partition}/{opened_offset}/{RULE}"


class AlertBody(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON object, its fields in the order in which they are written.

    ``alert.schema.json`` describes each field. The five fields after ``kind`` are written at
    closing only.
    """

    kind: AlertKind
    opening_id: str | msgspec.UnsetType = msgspec.UNSET
    opened_offset: int | msgspec.UnsetType = msgspec.UNSET
    reason: CloseReason | msgspec.UnsetType = msgspec.UNSET
    events: int | msgspec.UnsetType = msgspec.UNSET
    peak_score: float | msgspec.UnsetType = msgspec.UNSET
    id: str
    rule: str = RULE
    severity: Severity
    app: str
    topic: str
    partition: int
    offset: int
    stream: str
    time: str | None
    time_s: float | None
    score: float
    threshold: float
    observed: Numbers
    expected: Numbers
    interval: dict[str, tuple[float, float]]
    contributions: list[dict[str, str | float]]
    experts: Numbers


def form_alert(
    origin: AlertOrigin,
    event: AlertEvent,
    *,
    stream: str,
    offset: int,
    opened_offset: int,
    time_s: float | None = None,
    observed: Sequence[float] = (),
) -> tuple[bytes, bytes]:
    """Write an alert event as a message: its key, which is its id, and one line of JSON.

    Fields have a fixed order, members named after targets, features or experts are sorted by name,
    and numbers have the shortest form that reads back the same. A missing number is null.

    Parameters
    ----------
    origin : AlertOrigin
        Application, partition, names of the targets and threshold.
    event : AlertEvent
        The numbers.
    stream : str
        Key of the stream.
    offset : int
        Offset of the record, or of the command, that opened or closed the alert.
    opened_offset : int
        Offset of the record that opened it.
    time_s : float, optional
        Time of the event, in seconds since 1970 UTC.
    observed : sequence of float, optional
        Measured values of the targets; NaN is missing.

    Returns
    -------
    tuple of (bytes, bytes)
        Key and body.

    Raises
    ------
    ValueError
        If a score, the threshold, a share, a weight or the time is not finite, if a reason is given
        without closing or is missing at closing, or if an alert opens at two offsets.

    Examples
    --------
    >>> key, body = form_alert(
    ...     AlertOrigin("a", "pumps", 0, ("flow",), threshold=3.0),
    ...     AlertEvent(
    ...         kind="opened", score=4.5, peak_score=4.5, forecast=(3.0,), half_width=(0.5,)),
    ...     stream="pump-3", offset=41, opened_offset=41, time_s=3600.0, observed=(9.5,))
    >>> key, json.loads(body)["severity"], json.loads(body)["interval"]
    (b'a/pumps/0/41/score', 'medium', {'flow': [2.5, 3.5]})
    """
    opening_id = origin.alert_id(opened_offset)
    alert_id = opening_id if event.kind == "opened" else f"{opening_id}/close"
    shares = _shares(origin, event)
    _check(alert_id, origin, event, shares, time_s)
    if event.kind == "opened" and offset != opened_offset:
        raise ValueError(f"{alert_id}: it opens at offset {offset}")
    body = _body(alert_id, origin, event, shares, stream, offset, time_s, observed)
    if event.reason is not None:
        body = msgspec.structs.replace(
            body,
            opening_id=opening_id,
            opened_offset=opened_offset,
            reason=event.reason,
            events=event.events,
            peak_score=event.peak_score,
        )
    return alert_id.encode(), msgspec.json.encode(body, order="deterministic")


def severity(score: float, threshold: float) -> Severity:
    """Grade an alert by the difference between its score and the threshold.

    A difference below 1 is ``low``, below 2 ``medium``, below 4 ``high``, and ``critical`` from 4
    on. A difference of 1 means that the event was ten times less probable.

    Parameters
    ----------
    score : float
        Score of the event; for a closed alert, its highest score.
    threshold : float
        Score at which an alert opens.

    Examples
    --------
    >>> [severity(score, threshold=3.0) for score in (3.5, 4.0, 6.9, 7.0)]
    ['low', 'medium', 'high', 'critical']
    """
    excess = score - threshold
    return next((name for step, name in SEVERITY_STEPS if excess >= step), "low")


def alert_json_schema() -> dict[str, Any]:
    """Return the published JSON Schema (draft 2020-12) of alerts.

    Examples
    --------
    >>> alert_json_schema()["$schema"]
    'https://json-schema.org/draft/2020-12/schema'
    """
    file = importlib.resources.files("streamlstm.stages").joinpath("alert.schema.json")
    schema: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return schema


def _by_target(origin: AlertOrigin, numbers: Sequence[float]) -> Numbers:
    return dict(zip(origin.targets, numbers, strict=True)) if numbers else {}


def _shares(origin: AlertOrigin, event: AlertEvent) -> list[tuple[str, float]]:
    """Return the share of each target in the score, the largest first."""
    total = math.fsum(event.standardised_error)
    if not total > 0.0:
        return []
    shares = {n: e / total for n, e in _by_target(origin, event.standardised_error).items()}
    return sorted(shares.items(), key=lambda share: -share[1])


def _check(
    alert_id: str,
    origin: AlertOrigin,
    event: AlertEvent,
    shares: list[tuple[str, float]],
    time_s: float | None,
) -> None:
    numbers = [event.score, origin.threshold, event.peak_score, time_s or 0.0]
    numbers += [share for _, share in shares] + [*event.weights.values()]
    if not all(map(math.isfinite, numbers)):
        raise ValueError(f"{alert_id}: a score, a share, a weight or the time is not finite")
    if (event.kind == "closed") != (event.reason is not None):
        raise ValueError(f"{alert_id}: a reason is required at closing, and only there")


def _body(
    alert_id: str,
    origin: AlertOrigin,
    event: AlertEvent,
    shares: list[tuple[str, float]],
    stream: str,
    offset: int,
    time_s: float | None,
    observed: Sequence[float],
) -> AlertBody:
    expected = _by_target(origin, event.forecast)
    widths = _by_target(origin, event.half_width)
    return AlertBody(
        kind=event.kind,
        id=alert_id,
        severity=severity(event.peak_score if event.reason else event.score, origin.threshold),
        app=origin.app,
        topic=origin.topic,
        partition=origin.partition,
        offset=offset,
        stream=stream,
        time=None if time_s is None else _iso8601(time_s),
        time_s=time_s,
        score=event.score,
        threshold=origin.threshold,
        observed=_by_target(origin, observed),
        expected=expected,
        interval={
            name: (expected[name] - width, expected[name] + width) for name, width in widths.items()
        },
        contributions=[{"feature": name, "share": share} for name, share in shares],
        experts=event.weights,
    )


def _iso8601(time_s: float) -> str:
    """Write a time in ISO 8601, rounded to microseconds; ``time_s`` holds the exact one."""
    return (_EPOCH + timedelta(seconds=time_s)).isoformat().replace("+00:00", "Z")
