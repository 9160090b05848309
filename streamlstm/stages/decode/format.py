"""What a record format defines."""

from collections.abc import Callable
from dataclasses import dataclass

from streamlstm.stages.event import Event
from streamlstm.stages.schema import Schema

DecodeFunction = Callable[[bytes, bytes | None, int | None], Event]
"""Takes the value, the key and the time of a record, in milliseconds; raises `DecodeError`."""


@dataclass(frozen=True)
class Format:
    """A record format.

    Parameters
    ----------
    name : str
        Its name in schemas and configurations.
    content : str
        What a value of a record contains, in a few words.
    decoder : callable
        Takes a schema, and the header of the file if ``has_header``; returns the function that
        decodes a record.
    is_text : bool, default True
        Whether a value of white space only is empty, and therefore ignored.
    has_names : bool, default True
        Whether values have named fields, so that key and time can be fields. Otherwise they can
        only be the record's own.
    has_header : bool, default False
        Whether the first line of a file defines its columns. Such a format needs a file.

    Examples
    --------
    >>> from streamlstm.stages.decode.table import FORMATS
    >>> [name for name, format in FORMATS.items() if format.has_header]
    ['csv']
    """

    name: str
    content: str
    decoder: Callable[[Schema, bytes], DecodeFunction]
    is_text: bool = True
    has_names: bool = True
    has_header: bool = False
