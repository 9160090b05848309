"""The whole configuration, and the constraints between its sections."""

from typing import Annotated, Any, get_args

from pydantic import ConfigDict, Field, ValidationInfo, field_validator

from streamlstm.daemon.config.connectors.kafka import Kafka, KafkaOutbox, Topics
from streamlstm.daemon.config.connectors.section import OutboxSection, SourceSection
from streamlstm.daemon.config.connectors.table import OUTBOXES, AnyOutbox, AnySource
from streamlstm.daemon.config.sections import (
    Alerts,
    Batch,
    Commands,
    Log,
    LstmModel,
    RecordSchema,
    RiverModel,
    State,
    names,
)
from streamlstm.daemon.config.types import Name, Section, refused
from streamlstm.stages import FORMATS, Schema


class Config(Section):
    """Configuration of a worker.

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
    """Version of the configuration format."""
    app: Name
    """Name of the application. It is part of every alert id, so do not change it."""
    source: Annotated[AnySource, Field(discriminator="kind")]
    """Input of records."""
    kafka: Annotated[Kafka | None, Field(validate_default=True)] = None
    """Connection to Kafka. Required if the source is Kafka."""
    record_schema: Annotated[RecordSchema, Field(alias="schema")]
    """Fields of a record."""
    model: Annotated[LstmModel | RiverModel, Field(discriminator="kind")] = LstmModel(kind="lstm")
    """Model of each stream."""
    alerts: Alerts = Alerts()
    """When alerts open and close."""
    outbox: Annotated[AnyOutbox, Field(discriminator="kind")]
    """Output that alerts, snapshots and positions are committed to."""
    state: Annotated[State, Field(validate_default=True)] = State()
    """Snapshots and memory of the models."""
    commands: Commands | None = None
    """Operator commands."""
    batch: Batch = Batch()
    """Commit size."""
    log: Log = Log()
    """Logging."""

    @field_validator("state")
    @classmethod
    def _state_has_a_place(cls, state: State, info: ValidationInfo) -> State:
        outbox = info.data.get("outbox")
        if outbox is None:
            return state
        place = getattr(outbox, "path", None)
        if outbox.capabilities.durable and state.path is None:
            raise refused(f"a path, since the outbox is {outbox.kind}", "nothing", at="path")
        if place is not None and state.path == place:
            raise refused("a folder of its own", "that of the outbox", at="path")
        return state

    @field_validator("outbox", "commands")
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

    @field_validator("record_schema")
    @classmethod
    def _source_has_it(cls, schema: RecordSchema, info: ValidationInfo) -> RecordSchema:
        source = info.data.get("source")
        if source is None:
            return schema
        for part in ("key", "time"):
            own = f"use_record_{part}"
            if getattr(schema, own) and not source.capabilities.record_metadata:
                raise refused(f"false, since the source is {source.kind}", at=own)
            record_format = FORMATS.get(getattr(source, "format", ""))
            if getattr(schema, part) and record_format and not record_format.has_names:
                hint = f": say {own}: true instead"
                reason = f"no {part}, since {record_format.name} has no named fields"
                raise refused(reason, hint=hint, at=part)
        return schema

    @field_validator("outbox")
    @classmethod
    def _outbox_of_the_source(cls, outbox: Any, info: ValidationInfo) -> Any:
        source = info.data.get("source")
        if source is None:
            return outbox
        fits = [section for section in OUTBOXES if _fits(source, section)]
        if not isinstance(outbox, tuple(fits)):
            others = " or ".join(get_args(each.model_fields["kind"].annotation)[0] for each in fits)
            cannot = "" if source.capabilities.seekable else ", which cannot seek"
            wanted = f"{others}, since the source is {source.kind}{cannot}"
            raise refused(wanted, repr(outbox.kind), at="kind")
        return outbox

    @field_validator("outbox")
    @classmethod
    def _own_topics(cls, outbox: Any, info: ValidationInfo) -> Any:
        source, app, kafka = (info.data.get(name) for name in ("source", "app", "kafka"))
        if not (source and app and kafka and isinstance(outbox, KafkaOutbox)):
            return outbox
        taken = {source.topic: "source.topic"}
        for name, topic in outbox.topics(app, kafka.group_name(app))._asdict().items():
            _refuse_taken(topic, taken, at=f"{name}_topic")
            taken[topic] = f"outbox.{name}_topic"
        return outbox

    @field_validator("kafka")
    @classmethod
    def _kafka_of_the_source(cls, kafka: Kafka | None, info: ValidationInfo) -> Kafka | None:
        source = info.data.get("source")
        if source is None or source.capabilities.shared == (kafka is not None):
            return kafka
        if kafka is None:
            raise refused("a mapping with bootstrap_servers, since the source is kafka")
        raise refused(f"no such section, since the source is {source.kind}")

    @field_validator("commands")
    @classmethod
    def _commands_of_the_source(cls, commands: Commands | None, info: ValidationInfo) -> Any:
        source = info.data.get("source")
        if source is None or commands is None:
            return commands
        key, other = ("topic", "path") if source.capabilities.shared else ("path", "topic")
        if getattr(commands, key) is None:
            raise refused(f"a {key}", "nothing", hint=f": the source is {source.kind}", at=key)
        if getattr(commands, other) is not None:
            raise refused(f"no {other}, since the source is {source.kind}", at=other)
        outbox, app, kafka = (info.data.get(name) for name in ("outbox", "app", "kafka"))
        taken = {source.topic: "source.topic"}
        if isinstance(outbox, KafkaOutbox) and app and kafka:
            named = outbox.topics(app, kafka.group_name(app))._asdict().items()
            taken |= {topic: f"outbox.{name}_topic" for name, topic in named}
        _refuse_taken(commands.topic, taken, at="topic")
        return commands

    @field_validator("batch")
    @classmethod
    def _batch_can_be_replayed(cls, batch: Batch, info: ValidationInfo) -> Batch:
        state = info.data.get("state")
        if state is not None and batch.records_max > state.replay_records_max:
            wanted = f"at most state.replay_records_max, {state.replay_records_max}"
            raise refused(wanted, str(batch.records_max), at="records_max")
        return batch

    @property
    def topics(self) -> Topics:
        """Topics of a Kafka outbox. Another outbox raises `TypeError`.

        Examples
        --------
        >>> config = Config.model_validate({
        ...     "version": 1, "app": "pumps", "schema": {"target": "flow"},
        ...     "source": {"kind": "kafka", "topic": "pumps"}, "outbox": {"kind": "kafka"},
        ...     "kafka": {"bootstrap_servers": "127.0.0.1:9092"}, "state": {"path": "streams"}})
        >>> config.topics.alerts
        'pumps.alerts'
        """
        if self.kafka is None or not isinstance(self.outbox, KafkaOutbox):
            raise TypeError(f"the outbox is {self.outbox.kind}, which has no topics")
        return self.outbox.topics(self.app, self.kafka.group_name(self.app))

    def schema_of_records(self) -> Schema:
        """Return the schema for the decoder."""
        given = self.record_schema
        return Schema(
            format=self.source.value_format,
            targets=given.target,
            features=given.features,
            key=given.key,
            use_record_key=given.use_record_key,
            stream=self.source.topic,
            time=given.time,
            use_record_time=given.use_record_time,
            time_format=given.time_format,
            time_zone=given.time_zone,
            delimiter=self.source.cell_delimiter,
        )


def _fits(source: SourceSection, outbox: type[OutboxSection]) -> bool:
    """Say whether an outbox can keep what it promises over a source."""
    can, commits = source.capabilities, outbox.capabilities
    return can.shared == commits.shared and (can.seekable or not commits.exactly_once)


def _refuse_taken(topic: str | None, taken: dict[str, str], *, at: str) -> None:
    """Refuse a topic that already has another use."""
    if topic in taken:
        raise refused("a topic of its own", f"{topic!r}, that of {taken[topic]}", at=at)
