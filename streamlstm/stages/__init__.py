"""Stages: how does a record become an event, and an alert event a message? No I/O."""

from streamlstm.stages.alert import AlertOrigin, alert_json_schema, form_alert, severity
from streamlstm.stages.alert_event import AlertEvent
from streamlstm.stages.commands import (
    Acknowledge,
    Command,
    CommandError,
    Expected,
    Forget,
    Mute,
    Reset,
    command_bytes,
    parse_command,
)
from streamlstm.stages.decode.decoder import Decoder
from streamlstm.stages.decode.format import Format
from streamlstm.stages.decode.table import FORMATS
from streamlstm.stages.event import DeadLetterCode, DecodeError, Event
from streamlstm.stages.schema import Schema, SchemaError

__all__ = [
    "FORMATS",
    "Acknowledge",
    "AlertEvent",
    "AlertOrigin",
    "Command",
    "CommandError",
    "DeadLetterCode",
    "DecodeError",
    "Decoder",
    "Event",
    "Expected",
    "Forget",
    "Format",
    "Mute",
    "Reset",
    "Schema",
    "SchemaError",
    "alert_json_schema",
    "command_bytes",
    "form_alert",
    "parse_command",
    "severity",
]
