"""Which parts of a record mean what."""

import json
from dataclasses import dataclass
from typing import Literal

from streamlstm.stages.clock import TimeFormat, load_zone


class SchemaError(ValueError):
    """The schema contradicts itself or the header of a CSV file; nothing can be decoded by it."""


@dataclass(frozen=True, slots=True)
class Schema:
    """What to take from a record.

    Parameters
    ----------
    format : str
        ``json``, ``msgpack``, ``csv``, or ``float32``: the features and then the targets, each
        four bytes of IEEE 754, the lowest first; NaN is missing.
    targets : tuple of str
        Fields to forecast and to watch, at least one.
    features : tuple of str
        Fields that help; each may be absent from a record.
    key : str, optional
        Field that tells one stream from another. Without it all records are one stream.
    use_record_key : bool
        Take the record's own key instead of a field.
    stream : str
        Name of the one stream, where nothing tells streams apart.
    time : str, optional
        Field with the time of the event.
    use_record_time : bool
        Take the record's own time, in milliseconds since 1970 UTC, instead of a field.
    time_format : str
        ``iso8601``, ``epoch_s`` or ``epoch_ms``.
    time_zone : str
        IANA name. Local times without an offset are in it, and so is the clock of an event.
    delimiter : str
        What separates the cells of CSV, one ASCII character.

    Raises
    ------
    SchemaError
        Where it contradicts itself, naming the fault.

    Examples
    --------
    >>> Schema("json", targets=("flow",), features=("load",), time="at").fields
    ('at', 'load', 'flow')
    >>> Schema("json", targets=("flow",), features=("flow",))
    Traceback (most recent call last):
    streamlstm.stages.schema.SchemaError: 'flow' is named twice
    """

    format: Literal["json", "msgpack", "csv", "float32"]
    targets: tuple[str, ...]
    features: tuple[str, ...] = ()
    key: str | None = None
    use_record_key: bool = False
    stream: str = "all"
    time: str | None = None
    use_record_time: bool = False
    time_format: TimeFormat = "iso8601"
    time_zone: str = "UTC"
    delimiter: str = ","

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        if not self.targets:
            raise SchemaError("there is no target")
        for place, name in enumerate(self.fields):
            if not is_field_name(name):
                raise SchemaError(
                    f"{name!r} cannot name a field: it must have a letter, and no quotation mark, "
                    "backslash or control character"
                )
            if name in self.fields[:place]:
                raise SchemaError(f"{name!r} is named twice")
        if self.key is not None and self.use_record_key:
            raise SchemaError("the key is taken from a field or from the record, not from both")
        if self.time is not None and self.use_record_time:
            raise SchemaError("the time is taken from a field or from the record, not from both")
        if self.format == "float32":
            self._refuse_named_fields()
        if not is_delimiter(self.delimiter):
            raise SchemaError(f"{self.delimiter!r} cannot separate cells")
        load_zone(self.time_zone)

    def _refuse_named_fields(self) -> None:
        """Refuse a key and a time that a row of numbers cannot hold."""
        for what, name in (("key", self.key), ("time", self.time)):
            if name is not None:
                raise SchemaError(
                    f"float32 holds numbers only, so its {what} cannot be the field {name!r}: "
                    f"leave {what} out and say use_record_{what} instead"
                )

    @property
    def fields(self) -> tuple[str, ...]:
        """Every field that is read: key, time, features, targets."""
        head = tuple(name for name in (self.key, self.time) if name is not None)
        return head + self.features + self.targets


def is_field_name(name: str) -> bool:
    r"""Say whether a name stands in JSON as it is, which looking for it in the bytes relies on.

    Examples
    --------
    >>> is_field_name("Water flow [l/s]"), is_field_name('5" pipe'), is_field_name("")
    (True, False, False)
    """
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return bool(name) and json.dumps(name, ensure_ascii=False) == f'"{name}"'


def is_delimiter(text: str) -> bool:
    """Say whether a text can separate cells: one ASCII character that no number or quote needs.

    Examples
    --------
    >>> is_delimiter(";"), is_delimiter("."), is_delimiter("::")
    (True, False, False)
    """
    return len(text) == 1 and text.isascii() and not text.isalnum() and text not in "\"'\r\n\0.+-_:"
