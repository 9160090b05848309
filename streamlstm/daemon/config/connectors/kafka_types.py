"""The kinds of values that only sections of Kafka are made of."""

import importlib.util
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from streamlstm.daemon.config.types import Place, distinct, refused
from streamlstm.stages import FORMATS
from streamlstm.stages.clock import refuse_hour_24
from streamlstm.stages.event import DecodeError

TOPIC_CHARACTERS_MAX = 249
OFFSET_MAX = 2**63 - 1

_TOPIC = re.compile(rf"(?!\.{{1,2}}$)[A-Za-z0-9._-]{{1,{TOPIC_CHARACTERS_MAX}}}")
_SERVER = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})")
_PORT_MAX = 65_535
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_START = "earliest, latest, {timestamp: TIME} or {offset: NUMBER}"
_TIME = "a time since 1970 with Z or an offset, such as 2026-01-01T00:00:00Z"
_LIBRARIES = {"lz4": ("lz4", "lz4"), "snappy": ("snappy", "python-snappy")}
_LIBRARIES |= {"zstd": ("zstandard", "zstandard")}

Start = Literal["earliest", "latest"] | int | tuple[Literal["timestamp"], int]
"""Where reading begins; a number is an offset, a timestamp is in milliseconds since 1970 UTC."""


def is_topic(text: str) -> bool:
    """Say whether a text may name a topic.

    Examples
    --------
    >>> is_topic("pumps.alerts"), is_topic("pumps/alerts"), is_topic("x" * 250)
    (True, False, False)
    """
    return _TOPIC.fullmatch(text) is not None


def _topic(text: str) -> str:
    if not is_topic(text):
        raise refused(
            f"a topic of 1 to {TOPIC_CHARACTERS_MAX} letters, digits, dots, dashes and underscores"
        )
    return text


def _servers(value: Any) -> Any:
    """Take one text for the list it holds."""
    return tuple(part.strip() for part in value.split(",")) if isinstance(value, str) else value


def _server(text: str) -> str:
    match = _SERVER.fullmatch(text)
    if match is None or not 0 < int(match.group(1)) <= _PORT_MAX:
        raise refused("brokers, each host:port, such as kafka-1:9092")
    return text


def _readable(path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            file.read(1)
    except OSError as error:
        raise refused("a file that can be read", str(error.strerror)) from None
    return path


def _start(value: Any) -> Any:
    if value in ("earliest", "latest"):
        return value
    if not isinstance(value, Mapping) or len(value) != 1:
        raise refused(_START)
    ((kind, given),) = value.items()
    if kind == "timestamp":
        return "timestamp", _time_ms(given)
    if kind != "offset":
        raise refused(_START, f"the key {kind!r}")
    if type(given) is not int or not 0 <= given <= OFFSET_MAX:
        raise refused(f"a whole number from 0 to {OFFSET_MAX}", at="offset")
    return given


def _time_ms(text: Any) -> int:
    try:
        time = datetime.fromisoformat(text)
        refuse_hour_24(text)
        past = time - _EPOCH
    except (TypeError, ValueError, OverflowError, DecodeError):
        raise refused(_TIME, at="timestamp") from None
    if past < timedelta():
        raise refused(_TIME, at="timestamp")
    return past // timedelta(milliseconds=1)


def _compression(name: str) -> str:
    module, package = _LIBRARIES.get(name, ("gzip", ""))
    if importlib.util.find_spec(module) is None:
        raise refused(
            "a compression that is installed",
            hint=f": install the package {package} (pip install 'streamlstm[service]'), "
            "or take gzip or none",
        )
    return name


Topic = Annotated[
    str,
    AfterValidator(_topic),
    Field(
        json_schema_extra={"x-expected": "a topic of letters, digits, dots, dashes, underscores"}
    ),
]
Servers = Annotated[
    tuple[Annotated[str, AfterValidator(_server)], ...],
    AfterValidator(distinct),
    BeforeValidator(_servers),
    WithJsonSchema(
        {
            "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
            "x-expected": "host:port, or several, as a list or with commas between",
        }
    ),
]
ReadableFile = Annotated[Place, AfterValidator(_readable)]
StartAt = Annotated[
    Start,
    BeforeValidator(_start),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": ["earliest", "latest"]},
                {
                    "type": "object",
                    "properties": {
                        "timestamp": {"type": "string", "x-expected": _TIME},
                        "offset": {"type": "integer", "minimum": 0, "maximum": OFFSET_MAX},
                    },
                    "additionalProperties": False,
                    "minProperties": 1,
                    "maxProperties": 1,
                },
            ],
            "x-expected": _START,
        }
    ),
]
Compression = Annotated[
    Literal["none", "gzip", "lz4", "zstd", "snappy"], AfterValidator(_compression)
]

if TYPE_CHECKING:
    RecordFormat = str
else:  # the table of decoders is the only list of formats
    RecordFormat = Literal[tuple(name for name, form in FORMATS.items() if not form.has_header)]
