"""Types of configuration values.

Each type has a description of the expected value (``x-expected`` of its JSON Schema). Error
messages and the manual both use it.
"""

import difflib
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from streamlstm.stages.clock import zone_names
from streamlstm.stages.schema import is_delimiter, is_field_name

FEATURES_MAX, TARGETS_MAX = 256, 16
SECRET_BYTES_MAX = 65_536

_NAME = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,200}")
_DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")


class Section(BaseModel):
    """A section of the configuration. It is immutable and refuses unknown keys."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True
    )


def refused(
    wanted: str, got: str | None = None, *, hint: str = "", at: str = ""
) -> PydanticCustomError:
    """Return the error for a value of the right type that is not valid.

    Parameters
    ----------
    wanted : str
        Expected value.
    got : str, optional
        Actual value, if it is not the value in the file.
    hint : str
        How to correct it.
    at : str
        Key inside the value that has the problem, if any.

    Examples
    --------
    >>> refused("a {name}", "3").message()
    'expected a {name}, got 3'
    """
    context = {"wanted": wanted, "got": got, "hint": hint, "at": at}
    return PydanticCustomError("refused", "expected {wanted}, got {got}", context)


class OneOf:
    """A text that is a name in a table, so that a new entry of the table is configurable at once.

    Examples
    --------
    >>> from pydantic import TypeAdapter
    >>> TypeAdapter(Annotated[str, OneOf({"adam": 0, "sgd": 1})]).json_schema()["enum"]
    ['adam', 'sgd']
    """

    def __init__(self, table: Iterable[str]) -> None:
        self._names = list(table)

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> CoreSchema:
        """Accept the names of the table only."""
        return core_schema.literal_schema(self._names)


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise refused("a name of 1 to 200 letters, digits, dots, dashes and underscores")
    return text


def _field_name(text: str) -> str:
    if not is_field_name(text):
        raise refused(
            "the name of a field, without quotation marks, backslashes and control characters"
        )
    return text


def _delimiter(text: str) -> str:
    if not is_delimiter(text):
        raise refused("one character such as , or ; to separate cells")
    return text


def _zone(text: str) -> str:
    if text not in zone_names():
        close = difflib.get_close_matches(text, zone_names(), n=1)
        hint = f" (did you mean {close[0]!r}?)" if close else ""
        raise refused("a time zone such as Europe/Rome", hint=hint)
    return text


def _class_name(text: str) -> str:
    if not _DOTTED.fullmatch(text):
        raise refused("a class such as river.anomaly.HalfSpaceTrees")
    return text


def _place(text: str, info: ValidationInfo) -> str:
    """Resolve a path against the folder of the configuration."""
    if not text or "\0" in text or text.startswith("~"):
        raise refused("a path", hint=" (the home folder is ${HOME})")
    folder: Path = (info.context or {}).get("folder", Path())
    return os.path.normpath(folder / text)


def _input(text: str, info: ValidationInfo) -> str:
    return text if text == "-" else _place(text, info)


def _listed(value: Any) -> Any:
    """Return a single text as a list of one."""
    return (value,) if isinstance(value, str) else value


def distinct(names: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse a list with duplicates, or an empty one.

    Examples
    --------
    >>> distinct(("load", "flow"))
    ('load', 'flow')
    """
    if not names:
        raise refused("at least one", "an empty list")
    for place, name in enumerate(names):
        if name in names[:place]:
            raise refused("each one once", f"{name!r} twice")
    return names


def _secret(value: Any, info: ValidationInfo) -> SecretStr:
    """Read a secret. No error message contains what was given or found."""
    sound = isinstance(value, Mapping) and len(value) == 1 and value.keys() <= {"file", "env"}
    if not sound or not isinstance(next(iter(value.values())), str):
        raise refused("{file: PATH} or {env: NAME}", "something else, which is not shown")
    context = info.context or {}
    ((kind, name),) = value.items()
    if kind == "env":
        content = context.get("environment", {}).get(name, "")
    else:
        try:
            with Path(_place(name, info)).open("rb") as file:
                content = file.read(SECRET_BYTES_MAX).decode().strip()
        except OSError as error:
            raise refused("a file that can be read", str(error.strerror), at="file") from None
        except UnicodeDecodeError:
            raise refused("a file of text", "one that is not UTF-8", at="file") from None
    if not content:
        raise refused("a secret in it", "nothing", at=kind)
    return SecretStr(content)


def _expected(words: str) -> Any:
    return Field(json_schema_extra={"x-expected": words})


Name = Annotated[
    str,
    AfterValidator(_name),
    _expected("a name of letters, digits, dots, dashes and underscores"),
]
FieldName = Annotated[str, AfterValidator(_field_name), _expected("the name of a field")]
FieldNames = Annotated[
    tuple[FieldName, ...],
    Field(max_length=FEATURES_MAX),
    _expected(f"a list of at most {FEATURES_MAX} names of fields"),
]
OneOrMoreFields = Annotated[
    tuple[FieldName, ...],
    Field(max_length=TARGETS_MAX),
    AfterValidator(distinct),
    BeforeValidator(_listed),
    WithJsonSchema(
        {
            "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
            "x-expected": f"the name of a field, or a list of at most {TARGETS_MAX}",
        }
    ),
]
OneOrMoreInputs = Annotated[
    tuple[Annotated[str, AfterValidator(_input)], ...],
    AfterValidator(distinct),
    BeforeValidator(_listed),
    WithJsonSchema(
        {
            "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
            "x-expected": "a path, or a list of paths; - is standard input",
        }
    ),
]
Place = Annotated[str, AfterValidator(_place), _expected("a path")]
Delimiter = Annotated[str, AfterValidator(_delimiter), _expected("one character")]
TimeZone = Annotated[str, AfterValidator(_zone), _expected("a time zone such as Europe/Rome")]
ClassName = Annotated[
    str, AfterValidator(_class_name), _expected("a class such as river.anomaly.HalfSpaceTrees")
]
Secret = Annotated[
    SecretStr,
    BeforeValidator(_secret),
    WithJsonSchema({"type": "object", "x-expected": "{file: PATH} or {env: NAME}"}),
]
