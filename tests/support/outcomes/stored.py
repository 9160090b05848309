"""What the commit `before-rename` wrote, and what was renamed since.

Names in what it wrote are those of its time. Where a later version writes another name, the table
here says which. Numbers have no table: they are compared exactly.
"""

import hashlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from safetensors.numpy import load as load_tensors

from streamlstm.daemon.engine.commit_metadata import CommitMetadata

FOLDER = Path(__file__).parents[2] / "data" / "before-rename"

# --- what was renamed since -----------------------------------------------------------------------

RENAMED_ALERT_KEYS: dict[str, str] = {"weighed": "contributions"}
"""By the old path of a key in an alert: its new name. ``{"experts.lstm": "network"}``"""
RENAMED_ALERT_VALUES: dict[str, dict[str, str]] = {
    "kind": {"open": "opened", "close": "closed"},
    "reason": {"quiet": "resolved"},
}
"""By the old path of a key: its old values, and the new ones. ``{"reason": {"a": "b"}}``"""
RENAMED_LETTER_CODES: dict[str, str] = {"bad_control": "bad_command"}
"""By the old code of a dead letter: the new one."""
RENAMED_CONTROL_KEYS: dict[str, str] = {}
"""As for alerts, of a stamped operator command. ``{"control.verb": "command"}``"""
RENAMED_CONTROL_VALUES: dict[str, dict[str, str]] = {}
RENAMED_ESTIMATORS: dict[str, str] = {}
"""By the old name of an estimator's class: the new one."""

# --- how today's code is configured ---------------------------------------------------------------

_COMMON = """
version: 1
app: works
state: {path: cold, snapshot_every: 60, replay_records_max: 1000}
commands: {path: controls.jsonl}
batch: {records_max: 50, poll_timeout_ms: 0}
log: {format: json, level: error}
alerts: {false_alarm_rate: 0.01, warm_up: 12, cooldown: 6, resolve_after: 4}
"""
_LINES = """
source: {kind: jsonl, path: [north.jsonl, south.jsonl], topic: pumps}
schema: {key: pump, time: time, time_format: epoch_s, features: [load], target: flow}
"""
_CELLS = """
source: {kind: csv, path: table.csv, topic: pumps}
schema: {key: pump, time: time, time_zone: Europe/Rome, features: [load], target: [flow, heat]}
"""
_LSTM = "model: {kind: lstm, hidden_size: 3, window: 4, update_every: 2, seed: 5}"
_RIVER = """
model:
  kind: river
  class: river.anomaly.HalfSpaceTrees
  parameters: {n_trees: 3, height: 4, window_size: 10, seed: 1}
  threshold: 0.9
  allow_pickle: true
"""
_SQLITE = "\noutbox: {kind: sqlite, path: outbox}"
_JSONL = "\noutbox: {kind: jsonl, path: outbox}"
CONFIGS = {
    "sqlite": _COMMON + _LINES + _LSTM + _SQLITE,
    "jsonl": _COMMON + _CELLS + _LSTM + _JSONL,
    "killed": _COMMON + _LINES + _LSTM + _JSONL,
    "river": _COMMON + _LINES + _RIVER + _SQLITE,
}

# --- models ---------------------------------------------------------------------------------------


def features(event: dict[str, Any]) -> dict[Any, Any]:
    """Read the features of a stored event: JSON has neither tuples nor times."""
    return {
        tuple(name) if isinstance(name, list) else name: datetime.fromisoformat(value["datetime"])
        if isinstance(value, dict)
        else value
        for name, value in event["x"]
    }


def learn(kind: str, model: Any, event: dict[str, Any]) -> None:
    """Teach a model an event, as its estimator takes it; ``kind`` is the old name."""
    x, y = features(event), event["y"]
    if kind == "LSTMDetector":
        model.learn_one({**x, "y": y})
    elif kind == "LSTMForecaster":
        model.learn_one(y, x)
    elif kind == "LSTMClassifier":
        model.learn_one(x, event["label"])
    elif kind == "LSTMMultiTargetRegressor":
        model.learn_one(x, {"y": y, 2: -y})
    else:
        model.learn_one(x, y)


def ask(kind: str, model: Any, event: dict[str, Any]) -> list[float]:
    """Return all that a model says of an event, in the order in which it was written down."""
    x, y = features(event), event["y"]
    if kind == "LSTMDetector":
        score = model.score_one({**x, "y": y})
        expected = [number for three in model.expected.values() for number in three]
        return [score, float(model.alerting), *expected, *model.standardised_errors.values()]
    if kind == "LSTMSupervisedDetector":
        score = model.score_one(x, y)
        return [score, float(model.alerting), *model.expected, model.standardised_error]
    if kind == "LSTMForecaster":
        intervals = model.forecast_intervals(3, [x] * 3)
        return [*model.forecast(3, [x] * 3), *(i for v in intervals for i in (v.lower, v.upper))]
    if kind == "LSTMClassifier":
        return [*model.predict_proba_one(x).values(), *model.expert_weights.values()]
    if kind == "LSTMMultiTargetRegressor":
        intervals = model.predict_one(x, with_interval=True).values()
        said = model.predict_one(x).values()
        return [*said, *(i for v in intervals for i in (v.lower, v.upper))]
    said = [model.predict_one(x), *model.expert_weights.values()]
    if model.interval_levels:
        interval = model.predict_one(x, with_interval=True)
        said += [interval.lower, interval.upper]
    return said


# --- what a worker writes -------------------------------------------------------------------------


def tensor_digest(data: bytes) -> str:
    """Digest the arrays of a safetensors file alone, whatever they are called."""
    each = sorted(
        hashlib.sha256(f"{a.dtype} {a.shape}".encode() + a.tobytes()).hexdigest()
        for a in load_tensors(data).values()
    )
    return hashlib.sha256("".join(each).encode()).hexdigest()


def metadata(metadata: str) -> list[int]:
    """Read the numbers in the metadata of a position."""
    read = CommitMetadata.decode(metadata)
    return [read.replay_from, read.commands, read.commands_read]


def renamed_alert(line: str) -> bytes:
    """Return an alert of old as today's code writes it: members below the top in order of names."""
    return _written(line, RENAMED_ALERT_KEYS, RENAMED_ALERT_VALUES, in_order=True)


def renamed_control(line: str) -> bytes:
    """Return a stamped operator command of old as today's code writes it."""
    return _written(line, RENAMED_CONTROL_KEYS, RENAMED_CONTROL_VALUES, in_order=False)


def _written(
    line: str, keys: dict[str, str], values: dict[str, dict[str, str]], *, in_order: bool
) -> bytes:
    def renamed(value: Any, path: tuple[str, ...]) -> Any:
        if isinstance(value, list):
            return [renamed(item, path) for item in value]
        if isinstance(value, dict):
            members = [
                (keys.get(".".join((*path, key)), key), renamed(item, (*path, key)))
                for key, item in value.items()
            ]
            return dict(sorted(members, key=_name) if in_order and path else members)
        return values.get(".".join(path), {}).get(value, value) if isinstance(value, str) else value

    return msgspec.json.encode(renamed(json.loads(line), ()))


def _name(member: tuple[str, Any]) -> str:
    return member[0]
