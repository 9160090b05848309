"""Sections of a configuration. docs/configuration.md is generated from their docstrings."""

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from streamlstm.bank.drift import DETECTORS
from streamlstm.daemon.config.connectors.kafka_types import Topic
from streamlstm.daemon.config.types import (
    ClassName,
    FieldName,
    FieldNames,
    OneOf,
    OneOrMoreFields,
    Place,
    Section,
    TimeZone,
    refused,
)
from streamlstm.kernels.cells import CELLS
from streamlstm.kernels.functions.readout import LOSSES
from streamlstm.kernels.layout import Shape
from streamlstm.kernels.network.optimizer import OPTIMIZERS
from streamlstm.stages.clock import TimeFormat

_SEED_MAX = 2**63 - 1


class RecordSchema(Section):
    """Meaning of the fields of a record."""

    key: FieldName | None = None
    """Field that identifies the stream. Each stream has its own model. Without it, all records
    belong to one stream."""
    use_record_key: bool = False
    """Use the key of the Kafka record as the stream, instead of `key`."""
    time: FieldName | None = None
    """Field that holds the time of the event."""
    use_record_time: bool = False
    """Use the timestamp of the Kafka record as the time, instead of `time`."""
    time_format: TimeFormat = "iso8601"
    """Format of the time: ISO 8601 text, or seconds or milliseconds since 1970-01-01 UTC."""
    time_zone: TimeZone = "UTC"
    """Time zone of times without an offset, and of the hour of day and day of week that the model
    uses as features."""
    features: FieldNames = ()
    """Fields with numbers that help to forecast the targets."""
    target: OneOrMoreFields
    """Fields with numbers to forecast. Anomalies are detected in these."""

    @field_validator("use_record_key", "use_record_time")
    @classmethod
    def _excludes_the_field(cls, value: bool, info: ValidationInfo) -> bool:
        name = (info.field_name or "").removeprefix("use_record_")
        if value and info.data.get(name) is not None:
            raise refused(f"false, since {name} is the field {info.data[name]!r}")
        return value

    @field_validator("time", "features", "target")
    @classmethod
    def _one_meaning(cls, value: Any, info: ValidationInfo) -> Any:
        """Refuse a field that is used twice."""
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
    drift_detector: Annotated[str, OneOf(("none", *DETECTORS))] = "none"
    """Detector of growing errors: `page_hinkley`, or `none`. When it detects a drift, the experts
    learn as fast as at first. Events are then learned one by one, which takes more time."""
    drift_threshold: Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)] = 50.0
    """Threshold of the drift detector. A larger one detects later, and less often."""
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
    """An anomaly detector of river for each stream."""

    kind: Literal["river"]
    """An anomaly detector of river."""
    class_: Annotated[ClassName, Field(alias="class")]
    """Import path of the class."""
    parameters: Annotated[dict[str, Any], Field(default_factory=dict)]
    """Arguments of its constructor."""
    threshold: Annotated[float, Field(allow_inf_nan=False)] = 0.9
    """Score at which an alert opens."""
    allow_pickle: bool
    """Must be true. The state of a river detector is stored as a pickle, and anyone who can write
    to the store can run code in the worker."""

    @field_validator("allow_pickle")
    @classmethod
    def _allowed(cls, value: bool) -> bool:
        if not value:
            raise refused(
                "true",
                hint=": the state of a river detector is stored as a pickle, which can run code "
                "when it is loaded, so it must be allowed explicitly",
            )
        return value


class Alerts(Section):
    """Conditions under which an alert opens and closes."""

    false_alarm_rate: Annotated[float, Field(gt=0, le=0.5)] = 0.001
    """Share of normal events that may open an alert. It sets the threshold of the score.
    `model.kind: river` has its own `threshold`."""
    warm_up: Annotated[int, Field(ge=2, le=1_000_000)] = 64
    """Events of a new stream before the first alert can open."""
    cooldown: Annotated[int, Field(ge=0, le=1_000_000)] = 24
    """Events after an alert closes in which no alert opens."""
    resolve_after: Annotated[int, Field(ge=1, le=1_000_000)] = 12
    """Consecutive events below the threshold that close an alert."""


class State(Section):
    """Snapshots of the models, and the memory limit."""

    path: Place | None = None
    """Folder of the local store of inactive streams. It is a cache. Required unless the outbox is
    `stdout`."""
    snapshot_every: Annotated[int, Field(ge=1, le=1_000_000_000)] = 10_000
    """Events of a stream between two snapshots. A smaller value shortens the replay."""
    replay_records_max: Annotated[int, Field(ge=1, le=1_000_000_000)] = 100_000
    """Most records of a partition that are replayed after a restart."""
    memory_max_mib: Annotated[int, Field(ge=1, le=1 << 20)] = 256
    """Memory limit of the models of a partition, in MiB. Above it, the least recently used streams
    move to the local store."""


class Commands(Section):
    """Source of operator commands."""

    path: Place | None = None
    """JSON Lines file that `streamlstm command` appends to. Required if the source is files."""
    topic: Topic | None = None
    """Topic that `streamlstm command` writes to. Required if the source is Kafka."""


class Batch(Section):
    """Size of a commit."""

    records_max: Annotated[int, Field(ge=1, le=1_000_000)] = 1000
    """Most records in one commit."""
    poll_timeout_ms: Annotated[int, Field(ge=0, le=60_000)] = 200
    """Longest wait for the first record, in milliseconds."""


class Log(Section):
    """Log events on standard error."""

    format: Literal["auto", "json", "terminal"] = "auto"
    """`json` writes one object per line, `terminal` a progress display. `auto` is `terminal` on a
    terminal, and `json` otherwise."""
    level: Literal["debug", "info", "warning", "error"] = "info"
    """Lowest level that is logged, if the format is `json`."""


def names(value: Any) -> tuple[str, ...]:
    """Return no name, one name or several names as a tuple.

    Examples
    --------
    >>> names(None), names("flow"), names(["load", "flow"])
    ((), ('flow',), ('load', 'flow'))
    """
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)
