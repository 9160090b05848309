"""Key and time of a record itself, which the schema may use instead of fields."""

from collections.abc import Callable

from streamlstm.stages.clock import Moment, time_reader
from streamlstm.stages.event import DeadLetterCode, DecodeError
from streamlstm.stages.fields import use_record_key
from streamlstm.stages.schema import Schema

Clock = tuple[float, float]
Head = tuple[str, float | None, Clock | None]
"""Key, seconds and clock of an event."""
MetadataReader = Callable[[Head, bytes | None, int | None], Head]


def metadata_reader(schema: Schema) -> MetadataReader | None:
    """Make the function that sets key and time from the record; None if the schema uses neither.

    Parameters
    ----------
    schema : Schema
        Its ``use_record_key`` and ``use_record_time`` say which ones to set.

    Examples
    --------
    >>> read = metadata_reader(Schema("json", targets=("flow",), use_record_time=True))
    >>> read(("all", None, None), None, 129_600_000)
    ('all', 129600.0, (12.0, 4.5))
    >>> metadata_reader(Schema("json", targets=("flow",))) is None
    True
    """
    if not (schema.use_record_key or schema.use_record_time):
        return None
    read_time: Callable[[int], Moment] = time_reader("epoch_ms", schema.time_zone)

    def read(head: Head, record_key: bytes | None, record_time_ms: int | None) -> Head:
        key, time_s, clock = head
        if schema.use_record_key:
            key = use_record_key(record_key)
        if schema.use_record_time:
            if record_time_ms is None:
                raise DecodeError(DeadLetterCode.MISSING_TIME, "the record has no time")
            time_s, clock = read_time(record_time_ms)
        return key, time_s, clock

    return read
