"""Rows of bare float32 numbers to events: no names, no text, no gaps between them."""

import math
import struct

from streamlstm.stages.decode.format import Format
from streamlstm.stages.decode.head import head_reader
from streamlstm.stages.event import DeadLetterCode, DecodeError, Event
from streamlstm.stages.fields import VALUE_MAX, missing, not_finite
from streamlstm.stages.schema import Schema


class Float32Decoder:
    """Decodes the features and then the targets of a schema, each four bytes, the lowest first.

    A NaN is a missing number, as a null is elsewhere: the format has no other way to leave one out,
    so a sender whose numbers are broken is not told. Key and time can only be the record's own.

    Parameters
    ----------
    schema : Schema
        What the numbers are.

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
        self._read_head = head_reader(schema)

    def decode(
        self, value: bytes, record_key: bytes | None = None, record_time_ms: int | None = None
    ) -> Event:
        """Decode one row; `DecodeError` if it cannot be."""
        if len(value) != self._layout.size:
            reason = f"it has {len(value)} bytes, and {len(self._names)} numbers of four bytes "
            raise DecodeError(DeadLetterCode.WRONG_COLUMNS, f"{reason}have {self._layout.size}")
        row = self._layout.unpack(value)
        # A NaN hides no other number from these two: the first makes them false, later ones lose.
        if not (min(row) >= -VALUE_MAX and max(row) <= VALUE_MAX):
            self._check(row)
        targets = row[self._targets_at :]
        if targets[0] != targets[0] and all(map(math.isnan, targets)):
            raise missing(DeadLetterCode.MISSING_TARGET, *self._schema.targets)
        key, time_s, clock = self._schema.stream, None, None
        if self._read_head is not None:
            head = (key, time_s, clock)
            key, time_s, clock = self._read_head(head, record_key, record_time_ms)
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
