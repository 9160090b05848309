"""Messages: records decoded to events, findings formed to alerts, words of control. No I/O."""

from streamlstm.stages.alert import Finding, alert_json_schema, form_alert, severity
from streamlstm.stages.commands import (
    Acknowledge,
    Control,
    ControlError,
    Expected,
    Forget,
    Mute,
    Reset,
    control_bytes,
    parse_control,
)
from streamlstm.stages.decode.decoder import Decoder
from streamlstm.stages.event import DeadLetterCode, DecodeError, Event
from streamlstm.stages.schema import Schema, SchemaError

__all__ = [
    "Acknowledge",
    "Control",
    "ControlError",
    "DeadLetterCode",
    "DecodeError",
    "Decoder",
    "Event",
    "Expected",
    "Finding",
    "Forget",
    "Mute",
    "Reset",
    "Schema",
    "SchemaError",
    "alert_json_schema",
    "control_bytes",
    "form_alert",
    "parse_control",
    "severity",
]
