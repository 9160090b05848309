"""The table of record formats."""

from streamlstm.stages.decode.csv import CSV
from streamlstm.stages.decode.float32 import FLOAT32
from streamlstm.stages.decode.format import Format
from streamlstm.stages.decode.json.decoder import JSON
from streamlstm.stages.decode.msgpack.decoder import MSGPACK

FORMATS: dict[str, Format] = {format.name: format for format in (JSON, MSGPACK, FLOAT32, CSV)}
"""Every format by its name; configurations list the names in this order."""
