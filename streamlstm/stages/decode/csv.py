"""Decodes rows of CSV to events."""

import csv
from collections.abc import Callable
from typing import Any

from streamlstm.stages.clock import Moment, bad_time, time_reader
from streamlstm.stages.decode.format import Format
from streamlstm.stages.decode.json.plain import read_text
from streamlstm.stages.decode.record_metadata import Clock, metadata_reader
from streamlstm.stages.event import DeadLetterCode, DecodeError, Event
from streamlstm.stages.fields import (
    ABSENT,
    VALUE_MAX,
    bad_key,
    is_key,
    missing,
    not_finite,
    wrong_type,
)
from streamlstm.stages.schema import Schema, SchemaError


class CsvDecoder:
    r"""Decodes rows of CSV by a schema and the file's first line.

    An empty or blank cell is missing. Numbers have the syntax of Python, without underscores and
    with ASCII digits. Cells may be quoted.

    Parameters
    ----------
    schema : Schema
        Fields of a record.
    header : bytes
        The first line of the file: the names of its columns.

    Raises
    ------
    SchemaError
        If the header lacks a column of the schema, or has it twice.

    Examples
    --------
    >>> decoder = CsvDecoder(Schema("csv", targets=("flow",)), b"note,flow")
    >>> decoder.decode(b'"two\nlines",3.5').targets
    (3.5,)
    """

    def __init__(self, schema: Schema, header: bytes) -> None:
        self._schema = schema
        self._read_time: Callable[[Any], Moment] = time_reader(schema.time_format, schema.time_zone)
        self._time_is_text = schema.time_format == "iso8601"
        try:
            columns = self._cells(read_text(header))
        except DecodeError as error:
            raise SchemaError(f"the header cannot be parsed: {error.reason}") from None
        for name in schema.fields:
            if columns.count(name) != 1:
                fault = "no column" if name not in columns else "two columns of the name"
                raise SchemaError(
                    f"the header has {fault} {name!r}; its columns are {', '.join(columns)}"
                )
        self._width = len(columns)
        self._key_at = None if schema.key is None else columns.index(schema.key)
        self._time_at = None if schema.time is None else columns.index(schema.time)
        self._names = schema.features + schema.targets
        self._places = [columns.index(name) for name in self._names]
        self._features = len(schema.features)
        self._use_record = metadata_reader(schema)

    def decode(
        self, value: bytes, record_key: bytes | None = None, record_time_ms: int | None = None
    ) -> Event:
        """Decode one row; raise `DecodeError` if it is invalid."""
        text = read_text(value)
        cells = self._cells(text)
        if len(cells) != self._width:
            reason = f"the row has {len(cells)} cells, but the header has {self._width}"
            raise DecodeError(DeadLetterCode.WRONG_COLUMNS, reason)
        key = self._schema.stream
        if self._key_at is not None:
            key = cells[self._key_at]
            if not key:
                raise missing(DeadLetterCode.MISSING_KEY, self._schema.key or "")
            if not is_key(key):
                raise bad_key(key)
        time_s: float | None = None
        clock: Clock | None = None
        if self._time_at is not None:
            time_s, clock = self._time(cells[self._time_at])
        numbers = self._plain_numbers(text, cells) or self._numbers(cells)
        targets = numbers[self._features :]
        if targets[0] is ABSENT and targets.count(ABSENT) == len(targets):
            raise missing(DeadLetterCode.MISSING_TARGET, *self._schema.targets)
        if self._use_record is not None:
            key, time_s, clock = self._use_record((key, time_s, clock), record_key, record_time_ms)
        return Event(key, time_s, clock, numbers[: self._features], targets)

    def _cells(self, text: str) -> list[str]:
        if '"' not in text:
            return text.split(self._schema.delimiter)
        try:
            rows = list(csv.reader((text,), delimiter=self._schema.delimiter, strict=True))
        except csv.Error as error:
            reason = f"not a row of CSV: {error}"
            raise DecodeError(DeadLetterCode.NOT_CSV, reason) from None
        return rows[0]

    def _time(self, cell: str) -> Moment:
        cell = cell.strip()
        if not cell:
            raise missing(DeadLetterCode.MISSING_TIME, self._schema.time or "")
        if self._time_is_text:
            return self._read_time(cell)
        try:
            number = float(cell)
        except ValueError:
            raise bad_time(cell) from None
        if not cell.isascii() or "_" in cell:
            raise bad_time(cell)
        return self._read_time(number)

    def _plain_numbers(self, text: str, cells: list[str]) -> tuple[float, ...] | None:
        """Parse the numbers fast; return None if a cell needs the full check."""
        if "_" in text or not text.isascii():
            return None  # Python parses 1_000, and the digits of all scripts
        numbers = []
        try:
            for place in self._places:
                number = float(cells[place])
                if not -VALUE_MAX <= number <= VALUE_MAX:
                    return None
                numbers.append(number)
        except ValueError:
            return None
        return tuple(numbers)

    def _numbers(self, cells: list[str]) -> tuple[float, ...]:
        named = zip(self._names, self._places, strict=True)
        return tuple([_number(name, cells[place].strip()) for name, place in named])


def _number(name: str, cell: str) -> float:
    if not cell:
        return ABSENT
    if "_" in cell or not cell.isascii():
        raise wrong_type(name, cell)
    try:
        number = float(cell)
    except ValueError:
        raise wrong_type(name, cell) from None
    if not -VALUE_MAX <= number <= VALUE_MAX:
        raise not_finite(name, cell)
    return number


CSV = Format(
    name="csv",
    content="one row of a CSV file",
    decoder=lambda schema, header: CsvDecoder(schema, header).decode,
    has_header=True,
)
