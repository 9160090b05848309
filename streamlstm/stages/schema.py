"""Which fields of a record are the key, the time, the features and the targets."""

import json
from dataclasses import dataclass

from streamlstm.stages.clock import TimeFormat, load_zone


class SchemaError(ValueError):
    """The schema contradicts itself, its format or the header of a CSV file."""


@dataclass(frozen=True, slots=True)
class Schema:
    """Format and fields of a record.

    Parameters
    ----------
    format : str
        Name of the format: ``json``, ``msgpack``, ``float32`` or ``csv``. `Decoder` checks it.
    targets : tuple of str
        Fields to forecast and to monitor, at least one.
    features : tuple of str
        Fields used as additional inputs; each may be absent from a record.
    key : str, optional
        Field with the key of the stream. Without a key all records belong to one stream.
    use_record_key : bool
        Use the record's own key instead of a field.
    stream : str
        Key of the stream if neither ``key`` nor ``use_record_key`` is given.
    time : str, optional
        Field with the time of the event.
    use_record_time : bool
        Use the record's own time, in milliseconds since 1970 UTC, instead of a field.
    time_format : str
        ``iso8601``, ``epoch_s`` or ``epoch_ms``.
    time_zone : str
        IANA name of the zone of local times without an offset, and of the clock of an event.
    delimiter : str
        Separator of the cells of CSV, one ASCII character.

    Raises
    ------
    SchemaError
        If the schema contradicts itself.

    Examples
    --------
    >>> Schema("json", targets=("flow",), features=("load",), time="at").fields
    ('at', 'load', 'flow')
    >>> Schema("json", targets=("flow",), features=("flow",))
    Traceback (most recent call last):
    streamlstm.stages.schema.SchemaError: 'flow' is named twice
    """

    format: str
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
        """Check the fields against each other."""
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
        if not is_delimiter(self.delimiter):
            raise SchemaError(f"{self.delimiter!r} cannot separate cells")
        load_zone(self.time_zone)

    @property
    def fields(self) -> tuple[str, ...]:
        """All fields, in the order key, time, features, targets."""
        head = tuple(name for name in (self.key, self.time) if name is not None)
        return head + self.features + self.targets


def is_field_name(name: str) -> bool:
    r"""Return whether a name is written in JSON without escapes; the JSON decoder relies on it.

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
    """Return whether a text can separate cells: one ASCII character not used in numbers or quotes.

    Examples
    --------
    >>> is_delimiter(";"), is_delimiter("."), is_delimiter("::")
    (True, False, False)
    """
    return len(text) == 1 and text.isascii() and not text.isalnum() and text not in "\"'\r\n\0.+-_:"
