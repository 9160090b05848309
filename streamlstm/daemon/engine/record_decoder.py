"""Decodes the records of a connector to events."""

from connectors import CSV_HEADER, Record
from streamlstm.stages import FORMATS, Decoder, Event, Schema


class RecordDecoder:
    """Decodes records by a schema, and the records of each CSV file by the header of the file.

    Parameters
    ----------
    schema
        Fields of a record, and its format.

    Examples
    --------
    >>> from connectors import Partition
    >>> decoder = RecordDecoder(Schema("json", targets=("flow",)))
    >>> decoder.decode(Record(Partition("pumps", 0), 0, value=b'{"flow": 1.5}')).targets
    (1.5,)
    """

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._header: bytes | None = None
        self._has_header = FORMATS[schema.format].has_header
        self._decoder = None if self._has_header else Decoder(schema)

    def decode(self, record: Record) -> Event | None:
        """Return the event of a record, None for a record that is ignored.

        Raises
        ------
        DecodeError
            If the record is invalid: it becomes a dead letter.
        SchemaError
            If the columns of the record's file do not match the schema.
        """
        decoder = self._decoder
        if self._has_header:
            header = dict(record.headers).get(CSV_HEADER)
            if header != self._header or decoder is None:
                decoder = self._decoder = Decoder(self._schema, header)
                self._header = header
        assert decoder is not None
        return decoder.decode(record.value, record.omitted_bytes, record.key, record.timestamp_ms)
