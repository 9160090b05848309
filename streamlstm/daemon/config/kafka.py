"""The sections of a configuration that Kafka needs; the manual is made from what is said here."""

from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field, ValidationInfo, field_validator

from streamlstm.daemon.config.kafka_types import (
    Compression,
    ReadableFile,
    RecordFormat,
    Servers,
    StartAt,
    Topic,
)
from streamlstm.daemon.config.types import Name, Secret, Section, refused


class Topics(NamedTuple):
    """Where a worker writes, every default filled in.

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
    """User name and password."""

    mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]
    """How the password is proven; `PLAIN` sends it as it is, so take it with `tls` only."""
    username: Annotated[
        str, Field(min_length=1, json_schema_extra={"x-expected": "text that is not empty"})
    ]
    """Who."""
    password: Secret
    """Never shown."""


class Security(Section):
    """How brokers and worker trust each other."""

    protocol: Literal["plaintext", "tls"] = "plaintext"
    """Whether connections are encrypted."""
    ca_file: ReadableFile | None = None
    """Certificates of those who vouch for the brokers; without, those of the system. PEM, as all
    of these files."""
    cert_file: ReadableFile | None = None
    """Certificate of this worker, where brokers ask for one."""
    key_file: Annotated[ReadableFile | None, Field(validate_default=True)] = None
    """Its private key."""
    key_password: Secret | None = None
    """Of that key, if it has one; never shown."""
    check_hostname: bool = True
    """Whether the certificate of a broker must name its host."""
    sasl: Sasl | None = None
    """User name and password, with either protocol."""

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
    def _opens_something(cls, value: Any, info: ValidationInfo) -> Any:
        if value is not None and "key_file" in info.data and info.data["key_file"] is None:
            raise refused("no such key, since there is no key_file", "one")
        return value

    def client_settings(self) -> dict[str, Any]:
        """Give what a client of kafka-python takes for it, passwords in the clear.

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
    """Connection and identity."""

    bootstrap_servers: Servers
    """Some of the brokers; the others are found through them."""
    group: Name | None = None
    """Consumer group, whose workers share the partitions; without, the name of the application."""
    worker_id: Name = "worker-0"
    """Stable name of this process, another for each worker of a group. Restarted under it, a worker
    gets its partitions back, and shuts out whoever still runs under it."""
    session_timeout_ms: Annotated[int, Field(ge=1000, le=300_000)] = 10_000
    """A worker silent for so long has lost its partitions."""
    transaction_timeout_ms: Annotated[int, Field(ge=1000, le=900_000)] = 10_000
    """A commit that takes longer is given up, by the broker too."""
    security: Security = Security()
    """Encryption, certificates and passwords."""

    def group_name(self, app: str) -> str:
        """Give the consumer group of an application.

        Examples
        --------
        >>> Kafka(bootstrap_servers="127.0.0.1:9092").group_name("pumps")
        'pumps'
        """
        return self.group or app


class KafkaSource(Section):
    """Records from a topic of Kafka; needs the section `kafka` and the outbox `kafka`."""

    kind: Literal["kafka"]
    """Read a topic."""
    topic: Topic
    """The topic: part of every alert id, so do not change it."""
    format: RecordFormat = "json"
    """How values are written: one object of JSON, one map of MessagePack, or nothing but the
    features and then the targets, each four bytes, the lowest first, a NaN being a missing one."""
    start: StartAt = "earliest"
    """Where a group that has no position yet begins."""
    on_offset_out_of_range: Literal["refuse", "earliest", "latest"] = "refuse"
    """What to do where the wanted record is no longer retained: stop, or go on from there, with
    records lost."""
    record_bytes_max: Annotated[int, Field(ge=64, le=1 << 30)] = 1 << 20
    """A longer record becomes a dead letter."""


class KafkaOutbox(Section):
    """Alerts, snapshots and positions in one transaction of Kafka: exactly once."""

    kind: Literal["kafka"]
    """Commit to Kafka."""
    alerts_topic: Topic | None = None
    """Without, APP.alerts."""
    dead_letters_topic: Topic | None = None
    """Records nobody can learn from, as they came; without, APP.dead-letters."""
    snapshots_topic: Topic | None = None
    """Compacted, with as many partitions as the records have; without, GROUP.snapshots."""
    applied_commands_topic: Topic | None = None
    """Operator commands as they took effect, with as many partitions; without,
    GROUP.controls.stamped."""
    chunk_bytes: Annotated[int, Field(ge=1000, le=100_000_000)] = 900_000
    """Largest piece of a snapshot in one message; below what the brokers take."""
    compression: Compression = "none"
    """Of alerts and snapshots; refused where its package is not installed."""

    def topics(self, app: str, group: str) -> Topics:
        """Name the topics of an application; what belongs to a position has its group's name.

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
