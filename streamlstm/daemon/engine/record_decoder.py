"""Records to events: the stage, given what a connector's record carries."""

from connectors import CSV_HEADER, Record
from streamlstm.stages import Decoder, Event, Schema


class RecordDecoder:
    """Decode records by a schema, each CSV file by its own header.

    Parameters
    ----------
    schema
        What to take from a record.

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
        self._decoder = None if schema.format == "csv" else Decoder(schema)

    def decode(self, record: Record) -> Event | None:
        """Return the event of a record, None for one that is ignored.

        Raises
        ------
        DecodeError
            For a record nobody can learn from.
        SchemaError
            If the columns of the record's file do not fit the schema.
        """
        decoder = self._decoder
        if self._schema.format == "csv":
            header = dict(record.headers).get(CSV_HEADER)
            if header != self._header or decoder is None:
                decoder = self._decoder = Decoder(self._schema, header)
                self._header = header
        assert decoder is not None
        return decoder.decode(record.value, record.omitted_bytes, record.key, record.timestamp_ms)
