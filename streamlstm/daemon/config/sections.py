"""The sections of a configuration; the manual is made from what is said here."""

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from streamlstm.daemon.config.kafka_types import Topic
from streamlstm.daemon.config.types import (
    ClassName,
    Delimiter,
    FieldName,
    FieldNames,
    Name,
    OneOf,
    OneOrMoreFields,
    OneOrMoreInputs,
    Place,
    Section,
    TimeZone,
    refused,
)
from streamlstm.kernels.layout import CELLS, Shape
from streamlstm.kernels.network.optimizer import OPTIMIZERS
from streamlstm.kernels.readout import LOSSES
from streamlstm.stages.clock import TimeFormat

_SEED_MAX = 2**63 - 1


class CsvSource(Section):
    """Records from CSV files, gzip or not; the first line names the columns."""

    kind: Literal["csv"]
    """Read CSV."""
    path: OneOrMoreInputs
    """Files, each a partition of its own."""
    topic: Name
    """Name of the journal: part of every alert id, so do not change it."""
    delimiter: Delimiter = ","
    """What separates cells."""
    line_bytes_max: Annotated[int, Field(ge=64, le=1 << 30)] = 1 << 20
    """A longer record becomes a dead letter."""


class JsonLinesSource(Section):
    """Records from files with one JSON object a line, gzip or not."""

    kind: Literal["jsonl"]
    """Read JSON lines."""
    path: OneOrMoreInputs
    """Files, each a partition of its own."""
    topic: Name
    """Name of the journal: part of every alert id, so do not change it."""
    line_bytes_max: Annotated[int, Field(ge=64, le=1 << 30)] = 1 << 20
    """A longer record becomes a dead letter."""


class RecordSchema(Section):
    """What the fields of a record mean."""

    key: FieldName | None = None
    """Tells streams apart, each with a model of its own; without, all records are one stream."""
    use_record_key: bool = False
    """Tell them apart by the key a record of Kafka has beside its value, instead."""
    time: FieldName | None = None
    """Time of the event."""
    use_record_time: bool = False
    """Take the timestamp a record of Kafka has beside its value, instead."""
    time_format: TimeFormat = "iso8601"
    """How the time is written: text, or a number of seconds or milliseconds since 1970 UTC."""
    time_zone: TimeZone = "UTC"
    """Of times without an offset, and of the hour of day and day of week the model sees."""
    features: FieldNames = ()
    """Numbers that help to forecast."""
    target: OneOrMoreFields
    """Numbers to forecast and to watch."""

    @field_validator("use_record_key", "use_record_time")
    @classmethod
    def _instead(cls, value: bool, info: ValidationInfo) -> bool:
        name = (info.field_name or "").removeprefix("use_record_")
        if value and info.data.get(name) is not None:
            raise refused(f"false, since {name} is the field {info.data[name]!r}")
        return value

    @field_validator("time", "features", "target")
    @classmethod
    def _once(cls, value: Any, info: ValidationInfo) -> Any:
        """A field has one meaning."""
        taken = [name for key in ("key", "time", "features") for name in names(info.data.get(key))]
        for name in names(value):
            if name in taken:
                raise refused("each field to have one meaning", f"{name!r} twice")
            taken.append(name)
        return value


class LstmModel(Section):
    """A recurrent network for each stream. It learns from every event."""

    kind: Literal["lstm"]
    """A recurrent network of this library."""
    cell: Annotated[str, OneOf(CELLS)] = "lstm"
    """Recurrent cell. `rnn` is a plain tanh network, `lstm_1997` has no forget gate, and `elstm`
    learns by exact real-time recurrent learning: `window` and `loss_decay` do not affect it."""
    layers: Annotated[int, Field(ge=1, le=16)] = 1
    """Stacked cells. Cost grows in proportion. `elstm` supports 1 only."""
    hidden_size: Annotated[int, Field(ge=1, le=1024)] = 16
    """Units of each cell. A larger network learns more, and more slowly."""
    window: Annotated[int, Field(ge=1, le=1024)] = 16
    """Truncation of backpropagation through time, in events."""
    update_every: Annotated[int, Field(ge=1, le=1024)] = 1
    """Events between two optimizer steps. 1 learns fastest; 4 costs about a third of that."""
    optimizer: Annotated[str, OneOf(OPTIMIZERS)] = "adam"
    """Optimizer of the network."""
    learning_rate: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 0.003
    """Step size of the optimizer. 0 freezes the network."""
    learning_rate_decay: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 0.0
    """d in learning_rate / (1 + d * steps). The rate never falls below a quarter. 0 keeps it."""
    loss: Annotated[str, OneOf(LOSSES)] = "huber"
    """Loss of a forecast."""
    loss_decay: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 0.0
    """Weight of an event's loss at each later step within the window. 0 uses it once."""
    clip_norm: Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)] = 1.0
    """Largest norm of a gradient. 0 disables clipping."""
    seed: Annotated[int, Field(ge=0, le=_SEED_MAX)] = 0
    """Seed of the initial weights, combined with the stream's name."""

    @field_validator("layers")
    @classmethod
    def _layers_of_the_cell(cls, layers: int, info: ValidationInfo) -> int:
        cell = info.data.get("cell")
        if cell is not None and layers > 1 and Shape(cell).real_time:
            raise refused(f"1, since model.cell is {cell}")
        return layers


class RiverModel(Section):
    """A detector of river's for each stream."""

    kind: Literal["river"]
    """Any anomaly detector of river's."""
    class_: Annotated[ClassName, Field(alias="class")]
    """Its class."""
    parameters: Annotated[dict[str, Any], Field(default_factory=dict)]
    """What its constructor takes."""
    threshold: Annotated[float, Field(allow_inf_nan=False)] = 0.9
    """The score of this detector at which an alert opens."""
    allow_pickle: bool
    """Must be true: its state is kept as a pickle, and whoever can write that can run code here."""

    @field_validator("allow_pickle")
    @classmethod
    def _allowed(cls, value: bool) -> bool:
        if not value:
            raise refused(
                "true",
                hint=": the state of a river detector is kept as a pickle, which can run code "
                "when it is loaded, so this must be allowed in so many words",
            )
        return value


class Alerts(Section):
    """When an alert opens and closes."""

    false_alarm_rate: Annotated[float, Field(gt=0, le=0.5)] = 0.001
    """How many of the events of a sound stream may open an alert: it sets the threshold."""
    warm_up: Annotated[int, Field(ge=2, le=1_000_000)] = 64
    """Events of a new stream before any alert."""
    cooldown: Annotated[int, Field(ge=0, le=1_000_000)] = 24
    """Events after an alert in which none opens."""
    resolve_after: Annotated[int, Field(ge=1, le=1_000_000)] = 12
    """Events without anything odd that close an alert."""


class SqliteOutbox(Section):
    """Alerts, snapshots and positions in one SQLite file: exactly once."""

    kind: Literal["sqlite"]
    """Commit to SQLite."""
    path: Place
    """The file; made if it is not there."""


class JsonLinesOutbox(Section):
    """Alerts, snapshots and positions as files of JSON lines in one folder: exactly once."""

    kind: Literal["jsonl"]
    """Commit to JSON lines."""
    path: Place
    """The folder; made if it is not there."""


class StdoutOutbox(Section):
    """Alerts on standard output, and nothing kept: after a restart they come again."""

    kind: Literal["stdout"]
    """Print."""


class State(Section):
    """What is kept of the models, and how much of it in memory."""

    path: Place | None = None
    """Folder of the local store for streams that lie still; a cache. Needed unless the outbox is
    standard output."""
    snapshot_every: Annotated[int, Field(ge=1, le=1_000_000_000)] = 10_000
    """Events of a stream between two snapshots."""
    replay_records_max: Annotated[int, Field(ge=1, le=1_000_000_000)] = 100_000
    """Most records of a partition that are learnt again after a restart."""
    memory_max_mib: Annotated[int, Field(ge=1, le=1 << 20)] = 256
    """Memory of the models; those that lie still longest go to the local store."""


class Commands(Section):
    """Operator commands: what people say to a stream."""

    path: Place | None = None
    """File of JSON lines that `streamlstm command` appends to, where records come from files."""
    topic: Topic | None = None
    """Topic that `streamlstm command` writes to, where records come from Kafka."""


class Batch(Section):
    """How many records make one commit."""

    records_max: Annotated[int, Field(ge=1, le=1_000_000)] = 1000
    """Most records."""
    poll_timeout_ms: Annotated[int, Field(ge=0, le=60_000)] = 200
    """Longest wait for the first of them."""


class Log(Section):
    """What the process says of itself."""

    format: Literal["auto", "json", "terminal"] = "auto"
    """`auto` is `terminal` on a terminal, else `json`."""
    level: Literal["debug", "info", "warning", "error"] = "info"
    """How much."""


def names(value: Any) -> tuple[str, ...]:
    """Take what may be nothing, one name or several for several.

    Examples
    --------
    >>> names(None), names("flow"), names(["load", "flow"])
    ((), ('flow',), ('load', 'flow'))
    """
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)
