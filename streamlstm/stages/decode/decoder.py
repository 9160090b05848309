"""Decodes the value of a record in any format of the table."""

from streamlstm.stages.decode.table import FORMATS
from streamlstm.stages.event import DeadLetterCode, DecodeError, Event
from streamlstm.stages.schema import Schema, SchemaError


class Decoder:
    """Decodes records by a schema. It has no state: an event depends on its record alone.

    Parameters
    ----------
    schema : Schema
        Format and fields of a record.
    csv_header : bytes, optional
        For CSV, the first line of the file: the names of its columns.

    Raises
    ------
    SchemaError
        If the format is unknown or does not fit the schema, or if the header of CSV is missing or
        does not fit the schema.

    Examples
    --------
    >>> decoder = Decoder(Schema("csv", targets=("flow",), time="at"), b"at,flow")
    >>> decoder.decode(b"1970-01-02T12:00:00,0.25")
    Event(key='all', time_s=129600.0, clock=(12.0, 4.5), features=(), targets=(0.25,))
    >>> decoder.decode(b"1970-01-02T12:00:00,high")
    Traceback (most recent call last):
    streamlstm.stages.event.DecodeError: wrong_type: 'flow' is 'high', not a number
    >>> decoder.decode(b"") is None
    True
    """

    def __init__(self, schema: Schema, csv_header: bytes | None = None) -> None:
        form = FORMATS.get(schema.format)
        if form is None:
            names = ", ".join(FORMATS)
            raise SchemaError(f"format must be one of {names}; got {schema.format!r}")
        if not form.has_names:
            _refuse_named_fields(schema)
        if form.has_header and csv_header is None:
            raise SchemaError(f"{schema.format} needs a header")
        self._is_text = form.is_text
        self._decode = form.decoder(schema, csv_header or b"")

    def decode(
        self,
        value: bytes | None,
        omitted_bytes: int = 0,
        record_key: bytes | None = None,
        record_time_ms: int | None = None,
    ) -> Event | None:
        """Decode one record.

        Parameters
        ----------
        value : bytes or None
            The record's value.
        omitted_bytes : int
            Number of bytes that the source left out because the record is too long.
        record_key : bytes, optional
            The record's own key.
        record_time_ms : int, optional
            The record's own time, in milliseconds since 1970 UTC.

        Returns
        -------
        Event or None
            None for a record that is ignored: a tombstone, or white space only in a text format.

        Raises
        ------
        DecodeError
            If the record is invalid, with the code of its fault. No other exception is raised,
            whatever the bytes.
        """
        if omitted_bytes:
            reason = f"the record is {omitted_bytes} bytes longer than the source allows"
            raise DecodeError(DeadLetterCode.TOO_LARGE, reason)
        if not value or (value.isspace() and self._is_text):
            return None
        return self._decode(value, record_key, record_time_ms)


def _refuse_named_fields(schema: Schema) -> None:
    """Refuse a schema with a key or time field where values have no named fields."""
    for part, name in (("key", schema.key), ("time", schema.time)):
        if name is not None:
            raise SchemaError(
                f"{schema.format} values have no named fields, so the {part} cannot be the field "
                f"{name!r}: leave {part} out and say use_record_{part} instead"
            )
