"""What people are told: a finding of the detector, formed to one message.

The message is a function of the finding alone, byte for byte; its fields are published as
``alert.schema.json`` beside this file.
"""

import importlib.resources
import json
import math
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import msgspec

RULE = "score"
SEVERITY_STEPS = ((4.0, "critical"), (2.0, "high"), (1.0, "medium"))
"""How far the score passes the threshold; it counts powers of ten of improbability."""

Kind = Literal["opened", "closed"]
CloseReason = Literal["resolved", "acknowledged", "reset", "forgotten"]
Severity = Literal["low", "medium", "high", "critical"]
Numbers = dict[str, float]
Intervals = dict[str, tuple[float, float]]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class AlertMessage(msgspec.Struct, frozen=True, kw_only=True):
    """What the detector says when an alert opens or closes.

    Parameters
    ----------
    kind : str
        ``open`` or ``close``.
    app, topic : str
        Of the configuration.
    partition : int
        Where in the topic.
    offset : int
        Of the event that opened or closed it.
    opened_offset : int
        Of the event that opened it: ``offset`` itself, while it opens.
    stream : str
        Key of the stream.
    time_s : float or None
        Time of the event, seconds since 1970 UTC.
    score : float
        Of the event: −log₁₀ of the probability of something at least this odd.
    threshold : float
        Above which an alert opens.
    observed, expected : dict of str to float
        By target. NaN is missing.
    interval : dict of str to (float, float)
        By target: what would not have been odd.
    contributions : list of (str, float)
        Features and their share in the decision, most first.
    experts : dict of str to float
        How far the forecast trusts each expert.
    reason : str, optional
        Why it closes: ``resolved``, ``acknowledged``, ``reset`` or ``forgotten``.
    events : int
        How many events it lasted.
    peak_score : float
        The highest score while it was open.

    Examples
    --------
    >>> AlertMessage(
    ...     kind="opened", app="a", topic="pumps", partition=0, offset=41, opened_offset=41,
    ...     stream="pump-3", time_s=None, score=4.5, threshold=3.0, peak_score=4.5).alert_id
    'a/pumps/0/41/score'
    """

    kind: Kind
    app: str
    topic: str
    partition: int
    offset: int
    opened_offset: int
    stream: str
    time_s: float | None
    score: float
    threshold: float
    peak_score: float
    observed: Numbers = {}
    expected: Numbers = {}
    interval: Intervals = {}
    contributions: list[tuple[str, float]] = []
    experts: Numbers = {}
    reason: CloseReason | None = None
    events: int = 1

    @property
    def alert_id(self) -> str:
        """The id of the message: where in the journal the alert opened, and by which rule."""
        opening = f"{self.app}/{self.topic}/{self.partition}/{self.opened_offset}/{RULE}"
        return opening if self.kind == "opened" else f"{opening}/close"


class _Body(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """The fields of every message, in the order in which they are written."""

    id: str
    rule: str
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
    interval: Intervals
    contributions: list[dict[str, str | float]]
    experts: Numbers


class _Open(_Body, frozen=True, tag="opened"):
    pass


class _Close(_Body, frozen=True, tag="closed"):
    opening_id: str
    opened_offset: int
    reason: CloseReason
    events: int
    peak_score: float


def severity(score: float, threshold: float) -> Severity:
    """Grade an alert by how far its score passes the threshold.

    Less than 1 above it, up to ten times rarer than what is called odd, is ``low``; less than 2 is
    ``medium``, less than 4 ``high``, more ``critical``.

    Parameters
    ----------
    score : float
        Of the event; for a message of closing, the highest.
    threshold : float
        Above which an alert opens.

    Examples
    --------
    >>> [severity(score, threshold=3.0) for score in (3.5, 4.0, 6.9, 7.0)]
    ['low', 'medium', 'high', 'critical']
    """
    excess = score - threshold
    for step, name in SEVERITY_STEPS:
        if excess >= step:
            return name  # type: ignore[return-value]  # the steps are named as the type is
    return "low"


def form_alert(message: AlertMessage) -> tuple[str, bytes]:
    """Form the message: its id, and one JSON object on one line.

    Fields stand in a fixed order, members named by targets, features or experts in that of their
    names, numbers in the shortest form that reads back the same. A missing number is null.

    Parameters
    ----------
    message : Finding
        What there is to say.

    Raises
    ------
    ValueError
        If score, threshold, peak, shares, weights or time are not finite, an alert closes without
        reason, or opens at two offsets: mistakes of the caller.

    Examples
    --------
    >>> alert_id, body = form_alert(AlertMessage(
    ...     kind="opened", app="a", topic="pumps", partition=0, offset=41, opened_offset=41,
    ...     stream="pump-3", time_s=3600.0, score=4.5, threshold=3.0, peak_score=4.5,
    ...     observed={"flow": 9.5}, expected={"flow": 3.0}, interval={"flow": (2.5, 3.5)}))
    >>> alert_id, json.loads(body)["severity"], json.loads(body)["time"]
    ('a/pumps/0/41/score', 'medium', '1970-01-01T01:00:00Z')
    """
    _check(message)
    opens = message.kind == "opened"
    common: dict[str, Any] = {
        name: getattr(message, name)
        for name in _Body.__struct_fields__
        if name in AlertMessage.__struct_fields__
    }
    common |= {
        "id": message.alert_id,
        "rule": RULE,
        "severity": severity(message.score if opens else message.peak_score, message.threshold),
        "time": None if message.time_s is None else _written(message.time_s),
        "contributions": [
            {"feature": name, "share": share} for name, share in message.contributions
        ],
    }
    body: _Body
    if opens:
        body = _Open(**common)
    else:
        body = _Close(
            **common,
            opening_id=message.alert_id.removesuffix("/close"),
            opened_offset=message.opened_offset,
            reason=message.reason or "resolved",
            events=message.events,
            peak_score=message.peak_score,
        )
    return message.alert_id, msgspec.json.encode(body, order="deterministic")


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


def _check(message: AlertMessage) -> None:
    numbers = [message.score, message.threshold, message.peak_score, message.time_s or 0.0]
    numbers += [share for _, share in message.contributions] + list(message.experts.values())
    if not all(map(math.isfinite, numbers)):
        raise ValueError(
            f"{message.alert_id}: a score, a share, a weight or the time is not finite"
        )
    if message.kind == "opened" and message.offset != message.opened_offset:
        raise ValueError(f"{message.alert_id}: it opens at offset {message.offset}")
    if (message.kind == "closed") != (message.reason is not None):
        raise ValueError(f"{message.alert_id}: it has a reason if, and only if, it closes")


def _written(time_s: float) -> str:
    """Write a time for people, to the microsecond; the exact one stands beside it."""
    return (_EPOCH + timedelta(seconds=time_s)).isoformat().replace("+00:00", "Z")
