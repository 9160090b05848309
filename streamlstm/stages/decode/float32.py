"""Decodes rows of float32 numbers to events."""

import math
import struct

from streamlstm.stages.decode.format import Format
from streamlstm.stages.decode.record_metadata import metadata_reader
from streamlstm.stages.event import DeadLetterCode, DecodeError, Event
from streamlstm.stages.fields import VALUE_MAX, missing, not_finite
from streamlstm.stages.schema import Schema


class Float32Decoder:
    """Decodes features and then targets of a schema as little-endian IEEE 754 binary32 numbers.

    NaN is a missing number: the format has no other way to omit one. Invalid NaN values of a sender
    are therefore not detected. Key and time can only be those of the record.

    Parameters
    ----------
    schema : Schema
        Names of the numbers.

    Examples
    --------
    >>> decoder = Float32Decoder(Schema("float32", targets=("flow",), features=("load", "heat")))
    >>> decoder.decode(struct.pack("<3f", 0.5, float("nan"), 3.5))
    Event(key='all', time_s=None, clock=None, features=(0.5, nan), targets=(3.5,))
    """

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._names = schema.features + schema.targets
        self._layout = struct.Struct(f"<{len(self._names)}f")
        self._targets_at = len(schema.features)
        self._use_record = metadata_reader(schema)

    def decode(
        self, value: bytes, record_key: bytes | None = None, record_time_ms: int | None = None
    ) -> Event:
        """Decode one row; raise `DecodeError` if it is invalid."""
        if len(value) != self._layout.size:
            size, count = self._layout.size, len(self._names)
            reason = f"the value has {len(value)} bytes, but {count} numbers need {size}"
            raise DecodeError(DeadLetterCode.WRONG_COLUMNS, reason)
        row = self._layout.unpack(value)
        # A NaN makes a comparison false if it comes first, and is otherwise ignored by min and max.
        if not (min(row) >= -VALUE_MAX and max(row) <= VALUE_MAX):
            self._check(row)
        targets = row[self._targets_at :]
        if targets[0] != targets[0] and all(map(math.isnan, targets)):
            raise missing(DeadLetterCode.MISSING_TARGET, *self._schema.targets)
        key, time_s, clock = self._schema.stream, None, None
        if self._use_record is not None:
            head = (key, time_s, clock)
            key, time_s, clock = self._use_record(head, record_key, record_time_ms)
        return Event(key, time_s, clock, row[: self._targets_at], targets)

    def _check(self, row: tuple[float, ...]) -> None:
        for name, number in zip(self._names, row, strict=True):
            if not (math.isnan(number) or -VALUE_MAX <= number <= VALUE_MAX):
                raise not_finite(name, number)


FLOAT32 = Format(
    name="float32",
    content="features and targets, four bytes each",
    decoder=lambda schema, header: Float32Decoder(schema).decode,
    is_text=False,
    has_names=False,
)
