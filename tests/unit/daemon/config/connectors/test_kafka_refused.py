"""Wrong configurations for Kafka: each is refused with file, line, key and what was expected."""

import sys
from pathlib import Path

import pytest

from tests.support.kafka.yaml import FILES, SOUND, SOURCE, check, started

SECURITY = "kafka.security"
START = "expected earliest, latest, {timestamp: TIME} or {offset: NUMBER}"
TIME = "expected a time since 1970 with Z or an offset, such as 2026-01-01T00:00:00Z"
TOPIC = "expected a topic of 1 to 249 letters, digits, dots, dashes and underscores"
SERVERS = "expected brokers, each host:port, such as kafka-1:9092"
OWN = "expected a topic of its own"
TLS = "expected no such key, since kafka.security.protocol is plaintext"
TARGET = "use_record_key: true\n  use_record_time: true"

# What to replace in the sound one, by what; then line, key and message of the one problem.
CASES = [
    # connection and identity
    ("[127.0.0.1:9092]", "[]", 4, "kafka.bootstrap_servers", "expected at least one, got an empty"),
    ("[127.0.0.1:9092]", "''", 4, "kafka.bootstrap_servers", f"{SERVERS}, got ''"),
    ("[127.0.0.1:9092]", "a:1,b", 4, "kafka.bootstrap_servers", f"{SERVERS}, got 'a:1,b'"),
    ("[127.0.0.1:9092]", "[a:1, b]", 4, "kafka.bootstrap_servers.1", f"{SERVERS}, got 'b'"),
    ("[127.0.0.1:9092]", "a:0", 4, "kafka.bootstrap_servers", f"{SERVERS}, got 'a:0'"),
    ("[127.0.0.1:9092]", "a:65536", 4, "kafka.bootstrap_servers", f"{SERVERS}, got 'a:65536'"),
    (
        "[127.0.0.1:9092]",
        "[a:1, a:1]",
        4,
        "kafka.bootstrap_servers",
        "each one once, got 'a:1' twi",
    ),
    ("[127.0.0.1:9092]", "9092", 4, "kafka.bootstrap_servers", "expected host:port, or several"),
    ("  security:", "  group: a b\n  security:", 5, "kafka.group", "got 'a b'"),
    ("  security:", "  worker_id: ''\n  security:", 5, "kafka.worker_id", "got ''"),
    (
        *("  security:", "  session_timeout_ms: 999\n  security:", 5),
        *("kafka.session_timeout_ms", "from 1000 to 300000, got 999"),
    ),
    (
        *("  security:", "  transaction_timeout_ms: 900001\n  security:", 5),
        *("kafka.transaction_timeout_ms", "from 1000 to 900000, got 900001"),
    ),
    # security
    ("protocol: tls", "protocol: ssl", 6, f"{SECURITY}.protocol", "plaintext or tls, got 'ssl'"),
    ("ca_file: ca.pem", "ca_file: no.pem", 7, f"{SECURITY}.ca_file", "read, got No such file"),
    ("ca_file: ca.pem", "ca_file: .", 7, f"{SECURITY}.ca_file", "read, got Is a directory"),
    ("    key_file: worker.key\n", "", 5, f"{SECURITY}.key_file", "there is a cert_file, got noth"),
    ("    cert_file: worker.pem\n", "", 8, f"{SECURITY}.key_file", "beside a cert_file only"),
    (
        *("    cert_file: worker.pem\n    key_file: worker.key\n", "", 8),
        *(f"{SECURITY}.key_password", "no such key, since there is no key_file, got one"),
    ),
    ("{env: KEY}", "s3cr3t", 10, f"{SECURITY}.key_password", "got something else, which is not"),
    ("      username: worker\n", "", 11, f"{SECURITY}.sasl.username", "not empty, got nothing"),
    ("username: worker", "username: ''", 13, f"{SECURITY}.sasl.username", "not empty, got ''"),
    (
        *("      password: {env: PASSWORD}\n", "", 11),
        *(f"{SECURITY}.sasl.password", "expected {file: PATH} or {env: NAME}, got nothing"),
    ),
    ("{env: PASSWORD}", "s3cr3t", 14, f"{SECURITY}.sasl.password", "got something else, which is"),
    (
        *("{env: PASSWORD}", "{file: none}", 14),
        *(f"{SECURITY}.sasl.password.file", "expected a file that can be read, got No such file"),
    ),
    (
        *("mechanism: PLAIN", "mechanism: GSSAPI", 12),
        *(f"{SECURITY}.sasl.mechanism", "SCRAM-SHA-256 or SCRAM-SHA-512, got 'GSSAPI'"),
    ),
    # source
    ("topic: pumps\n", "topic: a/b\n", 17, "source.topic", f"{TOPIC}, got 'a/b'"),
    ("topic: pumps\n", "topic: ..\n", 17, "source.topic", f"{TOPIC}, got '..'"),
    ("topic: pumps\n", f"topic: {'x' * 250}\n", 17, "source.topic", TOPIC),
    (SOURCE, "format: avro", 18, "source.format", "json or msgpack or float32, got 'avro'"),
    (
        SOURCE,
        "on_offset_out_of_range: skip",
        18,
        "source.on_offset_out_of_range",
        "earliest or latest, got 'skip'",
    ),
    (SOURCE, "record_bytes_max: 1", 18, "source.record_bytes_max", "from 64 to 1073741824, got 1"),
    (SOURCE, "path: a", 18, "source.path", "got 'path'"),
    (*started("first"), 18, "source.start", f"{START}, got 'first'"),
    (*started("3"), 18, "source.start", f"{START}, got 3"),
    (*started("{}"), 18, "source.start", f"{START}, got a mapping"),
    (*started("{ofset: 3}"), 18, "source.start", f"{START}, got the key 'ofset'"),
    (*started("{offset: -1}"), 18, "source.start.offset", "from 0 to 9223372036854775807, got -1"),
    (*started("{offset: true}"), 18, "source.start.offset", "9223372036854775807, got True"),
    (*started('{timestamp: "2026-01-01"}'), 18, "source.start.timestamp", TIME),
    (*started('{timestamp: "1969-12-31T23:59:59Z"}'), 18, "source.start.timestamp", TIME),
    (*started('{timestamp: "2026-01-01T24:00:00Z"}'), 18, "source.start.timestamp", TIME),
    (*started("{timestamp: noon}"), 18, "source.start.timestamp", f"{TIME}, got 'noon'"),
    (*started("{timestamp: 17}"), 18, "source.start.timestamp", f"{TIME}, got 17"),
    (
        *started("{timestamp: 2026-01-01T00:00:00Z}"),
        *(18, "source.start.timestamp", 'write "2026-01-01T00:00:00Z" in quotes'),
    ),
    # schema
    (
        TARGET,
        "key: a\n  use_record_key: true",
        21,
        "schema.use_record_key",
        "since key is the field 'a'",
    ),
    (
        TARGET,
        "time: a\n  use_record_time: true",
        21,
        "schema.use_record_time",
        "time is the field 'a'",
    ),
    (
        *("format: msgpack\nschema:\n  use_record_key: true", "format: float32\nschema:\n  key: a"),
        *(
            20,
            "schema.key",
            "float32 has no named fields, got 'a': say use_record_key: true instead",
        ),
    ),
    (
        *(f"{SOURCE}\nschema:\n  {TARGET}", "format: float32\nschema:\n  time: a", 20),
        *("schema.time", "float32 has no named fields, got 'a': say use_record_time: true instead"),
    ),
    # outbox
    (
        "  kind: kafka\ncommands",
        "  kind: stdout\ncommands",
        24,
        "outbox.kind",
        "kafka, since the so",
    ),
    (
        *("  kind: kafka\ncommands", "  kind: kafka\n  chunk_bytes: 999\ncommands", 25),
        *("outbox.chunk_bytes", "from 1000 to 100000000, got 999"),
    ),
    (
        *("  kind: kafka\ncommands", "  kind: kafka\n  compression: zip\ncommands", 25),
        *("outbox.compression", "none or gzip or lz4 or zstd or snappy, got 'zip'"),
    ),
    (
        *("  kind: kafka\ncommands", "  kind: kafka\n  alerts_topic: a b\ncommands", 25),
        *("outbox.alerts_topic", f"{TOPIC}, got 'a b'"),
    ),
    # topics of their own
    (
        *("  kind: kafka\ncommands", "  kind: kafka\n  alerts_topic: pumps\ncommands", 25),
        *("outbox.alerts_topic", f"{OWN}, got 'pumps', that of source.topic"),
    ),
    (
        *(
            "  kind: kafka\ncommands",
            "  kind: kafka\n  applied_commands_topic: pumps.alerts\ncommands",
            25,
        ),
        *(
            "outbox.applied_commands_topic",
            f"{OWN}, got 'pumps.alerts', that of outbox.alerts_topic",
        ),
    ),
    (
        *("topic: pumps\n", "topic: pumps.snapshots\n", 23),
        *("outbox.snapshots_topic", f"{OWN}, got 'pumps.snapshots', that of source.topic"),
    ),
    ("topic: pumps.commands", "topic: pumps", 26, "commands.topic", f"{OWN}, got 'pumps', that of"),
    (
        *("topic: pumps.commands", "topic: pumps.alerts", 26),
        *("commands.topic", f"{OWN}, got 'pumps.alerts', that of outbox.alerts_topic"),
    ),
    # what goes with what
    (
        "topic: pumps.commands",
        "path: c.jsonl",
        25,
        "commands.topic",
        "a topic, got nothing: the source",
    ),
    (
        *("topic: pumps.commands", "topic: c\n  path: c", 27),
        *("commands.path", "expected no path, since the source is kafka, got 'c'"),
    ),
    (
        "  path: streams",
        "  snapshot_every: 9",
        27,
        "state.path",
        "since the outbox is kafka, got no",
    ),
]

# The same for a source of files: to add to the sound one, or to replace in it.
WITH_FILES = [
    (
        *("outbox: {kind: stdout}", "outbox: {kind: kafka}\nstate: {path: s}", 5),
        *(
            "outbox.kind",
            "expected sqlite or jsonl or stdout, since the source is jsonl, got 'kafka'",
        ),
    ),
    (
        *("app: pumps", 'app: pumps\nkafka: {bootstrap_servers: "a:1"}', 3),
        *("kafka", "expected no such section, since the source is jsonl, got a mapping"),
    ),
    (
        *("{target: flow}", "{target: flow, use_record_key: true}", 4),
        *("schema.use_record_key", "expected false, since the source is jsonl, got True"),
    ),
    (
        *("{target: flow}", "{target: flow, use_record_time: true}", 4),
        *("schema.use_record_time", "expected false, since the source is jsonl, got True"),
    ),
    (
        *("app: pumps", "app: pumps\ncommands: {topic: c}", 3),
        *("commands.path", "expected a path, got nothing: the source is jsonl"),
    ),
    (
        *("app: pumps", "app: pumps\ncommands: {topic: c, path: c}", 3),
        *("commands.topic", "expected no topic, since the source is jsonl, got 'c'"),
    ),
]


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "message"), CASES, ids=[f"{c[3]}-{c[1][:30]}" for c in CASES]
)
def test_it_is_refused(
    tmp_path: Path, old: str, new: str, line: int, key: str, message: str
) -> None:
    assert old in SOUND
    check(tmp_path, SOUND.replace(old, new, 1), line, key, message)


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "message"), WITH_FILES, ids=[f"{c[3]}" for c in WITH_FILES]
)
def test_files_have_nothing_of_kafka(
    tmp_path: Path, old: str, new: str, line: int, key: str, message: str
) -> None:
    check(tmp_path, FILES.replace(old, new, 1), line, key, message)


def test_kafka_needs_its_section(tmp_path: Path) -> None:
    text = SOUND[: SOUND.index("kafka:")] + SOUND[SOUND.index("source:") :]
    check(
        tmp_path, text, 1, "kafka", "with bootstrap_servers, since the source is kafka, got nothing"
    )


@pytest.mark.parametrize(
    "given", ["ca_file: ca.pem", "check_hostname: false", "key_password: {env: KEY}"]
)
def test_what_only_tls_has_is_refused_without(tmp_path: Path, given: str) -> None:
    text = SOUND[: SOUND.index("    protocol")] + f"    {given}\n" + SOUND[SOUND.index("source:") :]
    check(tmp_path, text, 6, f"{SECURITY}.{given.split(':', maxsplit=1)[0]}", TLS)


@pytest.mark.parametrize(
    ("name", "module", "package"),
    [
        ("lz4", "lz4", "lz4"),
        ("zstd", "zstandard", "zstandard"),
        ("snappy", "snappy", "python-snappy"),
    ],
)
def test_a_compression_must_be_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, module: str, package: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    check(
        tmp_path,
        SOUND.replace("commands:", f"  compression: {name}\ncommands:"),
        25,
        "outbox.compression",
        f"'{name}': install the package {package}",
    )
