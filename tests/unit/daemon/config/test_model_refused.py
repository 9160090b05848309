"""Wrong configurations: each is refused with file, line, key and what was expected."""

from pathlib import Path

import pytest

from streamlstm.daemon.config.errors import ConfigError
from streamlstm.daemon.config.load import load_config

SOUND = """\
version: 1
app: pumps
source:
  kind: csv
  path: pumps.csv
  topic: pumps
schema:
  key: pump
  time: at
  features: [load, heat]
  target: flow
model:
  kind: lstm
  hidden_size: 16
alerts:
  warm_up: 64
outbox:
  kind: sqlite
  path: alerts.sqlite
state:
  path: streams
batch:
  records_max: 1000
log:
  level: info
"""
NAME = "expected a name of letters, digits, dots, dashes and underscores"
NAME_FULL = "expected a name of 1 to 200 letters, digits, dots, dashes and underscores"
FIELD = "expected the name of a field, without quotation marks, backslashes and control characters"
YAML = "expected a spelling that all readers of YAML take alike"
WHOLE = "expected a whole number"

# What to replace in the sound one, by what; then line, key and message of the one problem.
CASES = [
    # the top
    ("version: 1\n", "", 1, "version", "expected 1, got nothing"),
    ("version: 1", "version: 2", 1, "version", "expected 1, got 2"),
    ("version: 1", 'version: "1"', 1, "version", "expected 1, got '1'"),
    ("version: 1", "version: true", 1, "version", "expected 1, got True"),
    ("app: pumps", "app:", 2, "app", f"{NAME}, got nothing"),
    ("app: pumps", "app: 7", 2, "app", f"{NAME}, got 7"),
    ("app: pumps", "app: a/b", 2, "app", f"{NAME_FULL}, got 'a/b'"),
    ("app: pumps", "app: ..", 2, "app", f"{NAME_FULL}, got '..'"),
    ("app: pumps", f"app: {'x' * 201}", 2, "app", f"{NAME_FULL}, got '{'x' * 201}'"),
    ("app: pumps", "app: [pumps]", 2, "app", f"{NAME}, got a list"),
    ("app: pumps", "app: pumps\napp: fans", 3, "app", "expected each key once, got it again"),
    ("app: pumps", "app: pumps\n7: x", 3, "7", "expected one of the keys version, app, source"),
    ("app: pumps", "app: pumps\n<<: {a: 1}", 3, "", "expected a key, got something else"),
    ("app: pumps", "app: pumps\n[a]: 1", 3, "", "expected a key, got something else"),
    ("app: pumps", "app: !name pumps", 2, "app", "expected a plain value, got the tag !name"),
    ("app: pumps", "app: !!set {a}", 2, "app", "expected a plain value, got the tag tag:yaml"),
    ("[load, heat]", "&x [load, *x]", 10, "schema.features.1", "got an alias of what it stands in"),
    ("app: pumps", "app: no", 2, "app", f'{YAML}, got no: write "no" in quotes'),
    ("log:\n", "logs:\n", 24, "logs", "got 'logs' (did you mean 'log'?)"),
    # source
    ("kind: csv", "kind: xml", 4, "source.kind", "expected csv or jsonl or kafka, got 'xml'"),
    ("  kind: csv\n", "", 3, "source.kind", "expected csv or jsonl or kafka, got nothing"),
    ("  path: pumps.csv\n", "", 3, "source.path", "expected a path, or a list of paths"),
    ("path: pumps.csv", "path: 3", 5, "source.path", "- is standard input, got 3"),
    ("path: pumps.csv", "path: []", 5, "source.path", "expected at least one, got an empty list"),
    ("path: pumps.csv", "path: [a, b, a]", 5, "source.path", "expected each one once, got '"),
    ("path: pumps.csv", "path: [a, 3]", 5, "source.path.1", "- is standard input, got 3"),
    ("path: pumps.csv", "path: ~/a.csv", 5, "source.path", "expected a path, got '~/a.csv'"),
    ("path: pumps.csv", 'path: ""', 5, "source.path", "expected a path, got ''"),
    ("topic: pumps", "topic: a b", 6, "source.topic", f"{NAME_FULL}, got 'a b'"),
    ("topic: pumps", "topic: p\n  delimiter: '::'", 7, "source.delimiter", "got '::'"),
    (
        "topic: pumps",
        "topic: p\n  line_bytes_max: 0",
        7,
        "source.line_bytes_max",
        f"{WHOLE} from 64",
    ),
    ("topic: pumps", "topic: p\n  pth: x", 7, "source.pth", "(did you mean 'path'?)"),
    # schema
    ("key: pump", "key: ''", 8, "schema.key", f"{FIELD}, got ''"),
    ("key: pump", "key: 'a\"b'", 8, "schema.key", f"{FIELD}, got 'a\"b'"),
    ("key: pump", "key: y\n  time_zone: Rome", 9, "schema.time_zone", "Europe/Rome, got 'Rome'"),
    ("time: at", "time: pump", 9, "schema.time", "to have one meaning, got 'pump' twice"),
    ("time: at", "time: 12:30", 9, "schema.time", f"{YAML}, got 12:30"),
    ("time: at", "time_format: iso", 9, "schema.time_format", "expected iso8601 or epoch_s or"),
    ("[load, heat]", "load", 10, "schema.features", "names of fields, got 'load'"),
    ("[load, heat]", "[load, load]", 10, "schema.features", "one meaning, got 'load' twice"),
    ("[load, heat]", "[load, at]", 10, "schema.features", "one meaning, got 'at' twice"),
    ("[load, heat]", "[load, 3]", 10, "schema.features.1", "expected the name of a field, got 3"),
    ("[load, heat]", "[on]", 10, "schema.features.0", f"{YAML}, got on"),
    ("[load, heat]", "{load: 1}", 10, "schema.features", "names of fields, got a mapping"),
    ("target: flow", "target: load", 11, "schema.target", "one meaning, got 'load' twice"),
    ("target: flow", "target: [flow, flow]", 11, "schema.target", "got 'flow' twice"),
    ("target: flow", "target: []", 11, "schema.target", "expected at least one, got an empty"),
    ("target: flow", "target: 010", 11, "schema.target", f"{YAML}, got 010"),
    ("  target: flow\n", "", 7, "schema.target", "or a list of at most 16, got nothing"),
    (
        "target: flow",
        f"target: [{', '.join('abcdefghijklmpqrs')}]",
        11,
        "schema.target",
        "got a list",
    ),
    # model
    ("kind: lstm", "kind: gru", 13, "model.kind", "expected lstm or river, got 'gru'"),
    (
        "hidden_size: 16",
        "hidden_size: 0",
        14,
        "model.hidden_size",
        f"{WHOLE} from 1 to 1024, got 0",
    ),
    ("hidden_size: 16", "hidden_size: 16.5", 14, "model.hidden_size", "1024, got 16.5"),
    ("hidden_size: 16", "hidden_size: 0x10", 14, "model.hidden_size", f"{YAML}, got 0x10"),
    ("hidden_size: 16", "hiden_size: 16", 14, "model.hiden_size", "(did you mean 'hidden_size'?)"),
    (
        "hidden_size: 16",
        "learning_rate: fast",
        14,
        "model.learning_rate",
        "from 0 to 1, got 'fast'",
    ),
    ("hidden_size: 16", "learning_rate: .nan", 14, "model.learning_rate", "from 0 to 1, got nan"),
    ("hidden_size: 16", "learning_rate: true", 14, "model.learning_rate", "from 0 to 1, got True"),
    ("hidden_size: 16", "window: 1_000", 14, "model.window", f"{YAML}, got 1_000"),
    ("hidden_size: 16", "seed: -1", 14, "model.seed", f"{WHOLE} from 0 to"),
    (
        *("kind: lstm\n  hidden_size: 16", "kind: river\n  class: HST\n  allow_pickle: true"),
        *(14, "model.class", "expected a class such as river.anomaly.HalfSpaceTrees, got 'HST'"),
    ),
    (
        *("kind: lstm\n  hidden_size: 16", "kind: river\n  class: river.anomaly.LODA"),
        *(12, "model.allow_pickle", "expected true or false, got nothing"),
    ),
    (
        *("kind: lstm\n  hidden_size: 16", "kind: river\n  class: a.B\n  allow_pickle: false"),
        *(15, "model.allow_pickle", "expected true, got False: the state of a river detector"),
    ),
    # the rest
    ("warm_up: 64", "warm_up: -1", 16, "alerts.warm_up", f"{WHOLE} from 2 to 1000000, got -1"),
    ("warm_up: 64", "false_alarm_rate: 0", 16, "alerts.false_alarm_rate", "above 0 to 0.5, got 0"),
    ("warm_up: 64", "false_alarm_rate: 1", 16, "alerts.false_alarm_rate", "above 0 to 0.5, got 1"),
    ("warm_up: 64", "resolve_after: 0", 16, "alerts.resolve_after", "from 1 to 1000000, got 0"),
    (
        "kind: sqlite",
        "kind: stdout",
        19,
        "outbox.path",
        "expected one of the keys kind, got 'path'",
    ),
    ("path: alerts.sqlite", "path: x/../pumps.csv", 19, "outbox.path", "got that of source"),
    ("  path: streams", "  snapshot_every: 9", 20, "state.path", "since the outbox is sqlite, got"),
    ("state:\n  path: streams\n", "", 1, "state.path", "since the outbox is sqlite, got nothing"),
    ("path: streams", "path: ./alerts.sqlite", 21, "state.path", "got that of the outbox"),
    (
        "path: streams",
        "path: s\n  memory_max_mib: 0",
        22,
        "state.memory_max_mib",
        "from 1 to 1048576",
    ),
    (
        "path: streams",
        "path: s\n  replay_records_max: 9",
        24,
        "batch.records_max",
        "at most state.rep",
    ),
    ("path: streams", "path: s\ncommands: {}", 22, "commands.path", "expected a path, got nothing"),
    ("path: streams", "path: s\ncommands: 3", 22, "commands", "expected a mapping, got 3"),
    ("path: streams", "path: s\ncommands: {path: s}", 22, "commands.path", "got that of state"),
    ("records_max: 1000", "records_max: none", 23, "batch.records_max", "1000000, got 'none'"),
    ("batch:\n  records_max: 1000\n", "batch: []\n", 22, "batch", "expected a mapping, got a list"),
    (
        "level: info",
        "level: loud",
        25,
        "log.level",
        "debug or info or warning or error, got 'loud'",
    ),
    (
        "level: info",
        "format: xml",
        25,
        "log.format",
        "expected auto or json or terminal, got 'xml'",
    ),
    # variables
    ("app: pumps", "app: ${APP}", 2, "app", "expected the environment variable APP to be set"),
    ("app: pumps", "app: ${1}", 2, "app", "expected ${NAME} or ${NAME:-default}, got '${1}'"),
    ("app: pumps", "app: ${TOKEN}", 2, "app", f"{NAME_FULL}, got the value of ${{TOKEN}}"),
    ("hidden_size: 16", "seed: ${TOKEN}", 14, "model.seed", "got the value of ${TOKEN}"),
    (
        "[load, heat]",
        '["${NONE}"]',
        10,
        "schema.features.0",
        "expected the environment variable NO",
    ),
    ("hidden_size: 16", "window: '${NUMBER}'", 14, "model.window", "got the value of ${NUMBER}"),
]
ENVIRONMENT = {"TOKEN": "s3cr3t/!", "NUMBER": "16"}


def load(folder: Path, text: str | bytes) -> ConfigError:
    file = folder / "pumps.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigError) as caught:
        load_config(str(file), ENVIRONMENT)
    return caught.value


def test_there_are_many_and_the_sound_one_loads(tmp_path: Path) -> None:
    assert len(CASES) >= 40
    file = tmp_path / "pumps.yaml"
    file.write_text(SOUND)
    assert load_config(str(file), {}).app == "pumps"


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "message"), CASES, ids=[f"{c[3]}-{c[1][:30]}" for c in CASES]
)
def test_it_is_refused(
    tmp_path: Path, old: str, new: str, line: int, key: str, message: str
) -> None:
    assert old in SOUND
    error = load(tmp_path, SOUND.replace(old, new, 1))
    assert [(p.line, p.key) for p in error.problems] == [(line, key)]
    assert message in error.problems[0].message
    assert error.problems[0].message.startswith("expected ")
    assert str(error).startswith(f"{tmp_path / 'pumps.yaml'}:{line}:{f' {key}:' if key else ''} ")
    assert "s3cr3t" not in str(error)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "expected a mapping, got nothing"),
        ("# nothing\n", 1, "expected a mapping, got nothing"),
        ("7", 1, "expected a mapping, got 7"),
        ("\n- 1", 2, "expected a mapping, got a list"),
        ("app: [1", 1, "expected YAML, got a fault: expected ',' or ']'"),
        ("a: 1\nb: {c: ${APP}}\n", 2, "inside { } and [ ] put ${...} in quotes"),
        ("a: 1\n\tb: 2", 2, "expected YAML, got a fault: found character"),
        ("a: 1\n---\nb: 2", 2, "expected YAML, got a fault: but found another document"),
        ("a: *b", 1, "expected YAML, got a fault: found undefined alias 'b'"),
        ("a: \x07", 1, "expected YAML, got a fault: special characters are not allowed"),
        (b"a: \xff", 1, "expected UTF-8, got a file whose byte 3 is not"),
        ("a: 1\n".encode("utf-16"), 1, "expected UTF-8, got a file whose byte 0 is not"),
        ("[" * 600, 1, "expected a few levels of nesting, got very many"),
        ("#" * (1 << 20) + "#", 1, "expected at most 1048576 bytes, got more"),
        (
            f"a: &a [{'1, ' * 100}]\nb: [{'*a, ' * 100}]",
            2,
            "expected at most 10000 values, got more",
        ),
    ],
    ids=range(15),
)
def test_a_file_that_is_no_configuration(
    tmp_path: Path, text: str | bytes, line: int, message: str
) -> None:
    (problem,) = load(tmp_path, text).problems
    assert problem.line == line
    assert message in problem.message


@pytest.mark.parametrize("name", ["none.yaml", "."])
def test_a_file_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="expected a file that can be read, got: "):
        load_config(str(tmp_path / name), {})


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    text = SOUND
    for old, new in (
        ("version: 1", "version: 3"),
        ("app: pumps", "app: ${NONE}"),
        ("kind: csv", "kind: xml"),
        ("target: flow", "target: load"),
        ("hidden_size: 16", "hiden_size: 16"),
        ("path: streams", "path: alerts.sqlite"),
        ("level: info", "level: no"),
    ):
        text = text.replace(old, new, 1)
    assert [(problem.line, problem.key) for problem in load(tmp_path, text).problems] == [
        (1, "version"),
        (2, "app"),
        (4, "source.kind"),
        (11, "schema.target"),
        (14, "model.hiden_size"),
        (21, "state.path"),
        (25, "log.level"),
    ]
