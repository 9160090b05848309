"""The whole of a configuration, and what its sections must agree on."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field, ValidationInfo, field_validator

from streamlstm.daemon.config_sections import (
    Alerts,
    Batch,
    Controls,
    CsvSource,
    JsonLinesOutbox,
    JsonLinesSource,
    Log,
    LstmModel,
    RecordSchema,
    RiverModel,
    SqliteOutbox,
    State,
    StdoutOutbox,
    names,
)
from streamlstm.daemon.config_types import Name, Section, refused
from streamlstm.stages import Schema


class Config(Section):
    """Everything a worker is told.

    Examples
    --------
    >>> config = Config.model_validate({
    ...     "version": 1, "app": "pumps", "schema": {"target": "flow"},
    ...     "source": {"kind": "csv", "path": "pumps.csv", "topic": "pumps"},
    ...     "outbox": {"kind": "stdout"}})
    >>> config.model.hidden_size, config.schema_of_records().targets
    (16, ('flow',))
    """

    model_config = ConfigDict(title="streamlstm configuration", protected_namespaces=())

    version: Annotated[int, Field(ge=1, le=1, json_schema_extra={"const": 1})]
    """Version of this format: 1."""
    app: Name
    """Name of the application: part of every alert id, so do not change it."""
    source: Annotated[CsvSource | JsonLinesSource, Field(discriminator="kind")]
    """Where records come from."""
    record_schema: Annotated[RecordSchema, Field(alias="schema")]
    """What their fields mean."""
    model: Annotated[LstmModel | RiverModel, Field(discriminator="kind")] = LstmModel(kind="lstm")
    """What learns."""
    alerts: Alerts = Alerts()
    """When to alert."""
    outbox: Annotated[SqliteOutbox | JsonLinesOutbox | StdoutOutbox, Field(discriminator="kind")]
    """The one place alerts are committed to."""
    state: Annotated[State, Field(validate_default=True)] = State()
    """What is kept of the models."""
    controls: Controls | None = None
    """Where control records come from."""
    batch: Batch = Batch()
    """How much is committed at once."""
    log: Log = Log()
    """How the process speaks."""

    @field_validator("state")
    @classmethod
    def _state_has_a_place(cls, state: State, info: ValidationInfo) -> State:
        outbox = info.data.get("outbox")
        if outbox is None:
            return state
        place = getattr(outbox, "path", None)
        if place is not None and state.path is None:
            raise refused(f"a path, since the outbox is {outbox.kind}", "nothing", at="path")
        if place is not None and state.path == place:
            raise refused("a folder of its own", "that of the outbox", at="path")
        return state

    @field_validator("outbox", "controls")
    @classmethod
    def _own_file(cls, section: Any, info: ValidationInfo) -> Any:
        place = getattr(section, "path", None)
        taken = {
            path: name
            for name in ("source", "outbox", "state")
            for path in names(getattr(info.data.get(name), "path", None))
        }
        if place in taken:
            raise refused("a path of its own", f"that of {taken[place]}", at="path")
        return section

    @field_validator("batch")
    @classmethod
    def _batch_can_be_replayed(cls, batch: Batch, info: ValidationInfo) -> Batch:
        state = info.data.get("state")
        if state is not None and batch.records_max > state.replay_records_max:
            wanted = f"at most state.replay_records_max, {state.replay_records_max}"
            raise refused(wanted, str(batch.records_max), at="records_max")
        return batch

    def schema_of_records(self) -> Schema:
        """Make the schema that the decoder works by."""
        given = self.record_schema
        return Schema(
            format="csv" if self.source.kind == "csv" else "json",
            targets=given.target,
            features=given.features,
            key=given.key,
            stream=self.source.topic,
            time=given.time,
            time_format=given.time_format,
            time_zone=given.time_zone,
            delimiter=self.source.delimiter if isinstance(self.source, CsvSource) else ",",
        )
