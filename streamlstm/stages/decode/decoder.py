"""Bytes to events: the first stage."""

from streamlstm.stages.decode.csv import CsvDecoder
from streamlstm.stages.decode.float32 import Float32Decoder
from streamlstm.stages.decode.json.decoder import JsonDecoder
from streamlstm.stages.decode.msgpack.decoder import MsgpackDecoder
from streamlstm.stages.event import DeadLetterCode, DecodeError, Event
from streamlstm.stages.schema import Schema, SchemaError


class Decoder:
    """Decodes records by a schema. It keeps nothing: an event depends on its record alone.

    Parameters
    ----------
    schema : Schema
        What to take from a record.
    csv_header : bytes, optional
        For CSV, the first line of the file: the names of its columns.

    Raises
    ------
    SchemaError
        If CSV comes without a header, or with one that does not fit the schema.

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
        decoder: JsonDecoder | MsgpackDecoder | Float32Decoder | CsvDecoder
        if schema.format == "json":
            decoder = JsonDecoder(schema)
        elif schema.format == "msgpack":
            decoder = MsgpackDecoder(schema)
        elif schema.format == "float32":
            decoder = Float32Decoder(schema)
        elif csv_header is None:
            raise SchemaError("CSV has no header")
        else:
            decoder = CsvDecoder(schema, csv_header)
        self._is_text = schema.format in ("json", "csv")
        self._decode = decoder.decode

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
            Bytes that the source left out, because there were too many.
        record_key : bytes, optional
            The record's own key.
        record_time_ms : int, optional
            The record's own time, in milliseconds since 1970 UTC.

        Returns
        -------
        Event or None
            None for a record that is ignored: a tombstone, or nothing but white space, which in
            ``msgpack`` and ``float32`` is as good as any other bytes.

        Raises
        ------
        DecodeError
            For a record nobody can learn from, with its code. No other exception is raised,
            whatever the bytes.
        """
        if omitted_bytes:
            reason = f"it is {omitted_bytes} bytes longer than what the source may hold of it"
            raise DecodeError(DeadLetterCode.TOO_LARGE, reason)
        if not value or (value.isspace() and self._is_text):
            return None
        return self._decode(value, record_key, record_time_ms)
