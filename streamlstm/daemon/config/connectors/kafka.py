"""Kafka sections of a configuration. docs/configuration.md is generated from their docstrings."""

from typing import Annotated, Any, ClassVar, Literal, NamedTuple

from pydantic import Field, ValidationInfo, field_validator

from connectors.protocols import OutboxCapabilities, SourceCapabilities
from streamlstm.daemon.config.connectors.kafka_types import (
    Compression,
    ReadableFile,
    RecordFormat,
    Servers,
    StartAt,
    Topic,
)
from streamlstm.daemon.config.connectors.section import OutboxSection, SourceSection
from streamlstm.daemon.config.types import Name, Secret, Section, refused


class Topics(NamedTuple):
    """Topics a worker writes to, with defaults filled in.

    Parameters
    ----------
    alerts, dead_letters : str
        With any number of partitions.
    snapshots, applied_commands : str
        With as many partitions as the records have.

    Examples
    --------
    >>> KafkaOutbox(kind="kafka", alerts_topic="alarms").topics("pumps", "pumps")[:2]
    ('alarms', 'pumps.dead-letters')
    """

    alerts: str
    dead_letters: str
    snapshots: str
    applied_commands: str


class Sasl(Section):
    """SASL user name and password."""

    mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]
    """SASL mechanism. `PLAIN` sends the password in clear text; use it with `tls` only."""
    username: Annotated[
        str, Field(min_length=1, json_schema_extra={"x-expected": "text that is not empty"})
    ]
    """User name."""
    password: Secret
    """Password. It is never printed."""


class Security(Section):
    """Encryption and authentication."""

    protocol: Literal["plaintext", "tls"] = "plaintext"
    """Protocol of the connections. `tls` encrypts them."""
    ca_file: ReadableFile | None = None
    """CA certificates used to verify the brokers, in PEM format. Without it, those of the system
    are used."""
    cert_file: ReadableFile | None = None
    """Client certificate of this worker, in PEM format. Required if the brokers request one."""
    key_file: Annotated[ReadableFile | None, Field(validate_default=True)] = None
    """Private key of the client certificate, in PEM format."""
    key_password: Secret | None = None
    """Password of the private key. It is never printed."""
    check_hostname: bool = True
    """Verify that the certificate of a broker matches its host name."""
    sasl: Sasl | None = None
    """SASL authentication, with either protocol."""

    @field_validator("ca_file", "cert_file", "key_file", "key_password", "check_hostname")
    @classmethod
    def _used(cls, value: Any, info: ValidationInfo) -> Any:
        if value is not None and info.data.get("protocol") == "plaintext":
            raise refused("no such key, since kafka.security.protocol is plaintext")
        return value

    @field_validator("key_file")
    @classmethod
    def _pair(cls, value: str | None, info: ValidationInfo) -> str | None:
        certificate = info.data.get("cert_file", value)
        if certificate is not None and value is None:
            raise refused("a path, since there is a cert_file")
        if certificate is None and value is not None:
            raise refused("a key_file beside a cert_file only, and that")
        return value

    @field_validator("key_password")
    @classmethod
    def _opens_key(cls, value: Any, info: ValidationInfo) -> Any:
        if value is not None and "key_file" in info.data and info.data["key_file"] is None:
            raise refused("no such key, since there is no key_file", "one")
        return value

    def client_settings(self) -> dict[str, Any]:
        """Return the settings of a kafka-python client. Passwords are in clear text.

        Examples
        --------
        >>> Security(protocol="tls").client_settings()
        {'security_protocol': 'SSL', 'ssl_check_hostname': True}
        """
        secure = self.protocol == "tls"
        settings: dict[str, Any] = {"security_protocol": "SSL" if secure else "PLAINTEXT"}
        if secure:
            settings["ssl_check_hostname"] = self.check_hostname
            settings |= {"ssl_cafile": self.ca_file, "ssl_certfile": self.cert_file}
            settings["ssl_keyfile"] = self.key_file
        if self.key_password is not None:
            settings["ssl_password"] = self.key_password.get_secret_value()
        if self.sasl is not None:
            settings["security_protocol"] = "SASL_SSL" if secure else "SASL_PLAINTEXT"
            settings["sasl_mechanism"] = self.sasl.mechanism
            settings["sasl_plain_username"] = self.sasl.username
            settings["sasl_plain_password"] = self.sasl.password.get_secret_value()
        return {name: value for name, value in settings.items() if value is not None}


class Kafka(Section):
    """Connection to the brokers, and identity of this worker."""

    bootstrap_servers: Servers
    """Addresses of some brokers. The other brokers are discovered."""
    group: Name | None = None
    """Consumer group. Its workers share the partitions. Without it, the group is named after
    `app`."""
    worker_id: Name = "worker-0"
    """Stable name of this worker, unique in its group. A restarted worker with the same name gets
    its partitions back, and fences an older process of that name."""
    session_timeout_ms: Annotated[int, Field(ge=1000, le=300_000)] = 10_000
    """The broker reassigns a worker's partitions after this many milliseconds without a
    heartbeat."""
    transaction_timeout_ms: Annotated[int, Field(ge=1000, le=900_000)] = 10_000
    """Timeout of a commit, in milliseconds. The broker aborts the transaction after it."""
    security: Security = Security()
    """Encryption and authentication of the connections."""

    def group_name(self, app: str) -> str:
        """Return the consumer group of an application.

        Examples
        --------
        >>> Kafka(bootstrap_servers="127.0.0.1:9092").group_name("pumps")
        'pumps'
        """
        return self.group or app


class KafkaSource(SourceSection):
    """A Kafka topic. It requires the section `kafka` and the outbox `kafka`."""

    wiring: ClassVar = "streamlstm.daemon.wiring.kafka"
    capabilities: ClassVar = SourceCapabilities(shared=True, follows=True, record_metadata=True)

    kind: Literal["kafka"]
    """A Kafka topic."""
    topic: Topic
    """Name of the topic. It is part of every alert id, so do not change it."""
    format: RecordFormat = "json"
    """Format of a value: a JSON object, a MessagePack map, or `float32`: the features and then the
    targets as little-endian 4-byte floats, with NaN for a missing one."""
    start: StartAt = "earliest"
    """First position of a group that has no committed position."""
    on_offset_out_of_range: Literal["refuse", "earliest", "latest"] = "refuse"
    """Action if the next record is no longer retained: `refuse` stops the worker, `earliest` and
    `latest` continue from there and lose records."""
    record_bytes_max: Annotated[int, Field(ge=64, le=1 << 30)] = 1 << 20
    """Longest record, in bytes. A longer one becomes a dead letter."""

    @property
    def value_format(self) -> str:
        """The decoder of a record's value."""
        return self.format


class KafkaOutbox(OutboxSection):
    """Kafka topics, written in one transaction per commit: exactly once."""

    wiring: ClassVar = "streamlstm.daemon.wiring.kafka"
    capabilities: ClassVar = OutboxCapabilities(shared=True)

    kind: Literal["kafka"]
    """Kafka topics."""
    alerts_topic: Topic | None = None
    """Topic of alerts. Default: `APP.alerts`."""
    dead_letters_topic: Topic | None = None
    """Topic of records that could not be decoded. Default: `APP.dead-letters`."""
    snapshots_topic: Topic | None = None
    """Topic of snapshots, compacted, with as many partitions as the source. Default:
    `GROUP.snapshots`."""
    applied_commands_topic: Topic | None = None
    """Topic of applied operator commands, with as many partitions as the source. Default:
    `GROUP.controls.stamped`."""
    chunk_bytes: Annotated[int, Field(ge=1000, le=100_000_000)] = 900_000
    """Largest chunk of a snapshot in one message, in bytes. It must be below `max.message.bytes` of
    the brokers."""
    compression: Compression = "none"
    """Compression of alerts and snapshots. Its package must be installed."""

    def topics(self, app: str, group: str) -> Topics:
        """Return the topics of an application. Those that belong to positions are named by group.

        Examples
        --------
        >>> KafkaOutbox(kind="kafka").topics("pumps", "pumps-2").applied_commands
        'pumps-2.controls.stamped'
        """
        return Topics(
            self.alerts_topic or f"{app}.alerts",
            self.dead_letters_topic or f"{app}.dead-letters",
            self.snapshots_topic or f"{group}.snapshots",
            self.applied_commands_topic or f"{group}.controls.stamped",
        )
