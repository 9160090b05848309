"""Sound configurations: what they say, and the files and the manual that come with the project."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from pydantic import SecretStr, TypeAdapter, ValidationError
from river.datasets import WaterFlow

from streamlstm.daemon.config.docs import configuration_page
from streamlstm.daemon.config.errors import ConfigError
from streamlstm.daemon.config.expected import problems
from streamlstm.daemon.config.load import config_json_schema, load_config
from streamlstm.daemon.config.model import Config
from streamlstm.daemon.config.types import Secret, Section
from streamlstm.daemon.config.yaml_nodes import read_yaml
from streamlstm.stages import Decoder, Schema

ROOT = Path(__file__).parents[4]
LEAST = """
version: 1
app: pumps
source: {kind: jsonl, path: in.jsonl, topic: pumps}
schema: {target: flow}
outbox: {kind: stdout}
"""


def load(folder: Path, text: str, **environment: str) -> Config:
    file = folder / "pumps.yaml"
    file.write_text(text, encoding="utf-8")
    return load_config(str(file), environment)


def test_the_least_one_has_sound_defaults(tmp_path: Path) -> None:
    config = load(tmp_path, LEAST)
    assert config.source.path == (str(tmp_path / "in.jsonl"),)
    assert config.model.kind == "lstm"
    assert (config.model.hidden_size, config.model.window, config.model.update_every) == (16, 16, 1)
    assert (config.alerts.false_alarm_rate, config.alerts.cooldown) == (0.001, 24)
    assert (config.state.path, config.state.memory_max_mib) == (None, 256)
    assert (config.commands, config.batch.records_max, config.log.format) == (None, 1000, "auto")
    assert config.schema_of_records() == Schema("json", targets=("flow",), stream="pumps")


def test_paths_are_taken_from_the_folder_of_the_file(tmp_path: Path) -> None:
    text = LEAST.replace("in.jsonl", '[a.jsonl, ../b.jsonl, "/c/d.jsonl", "-"]')
    config = load(tmp_path, text)
    assert config.source.path == (
        str(tmp_path / "a.jsonl"),
        str(tmp_path.parent / "b.jsonl"),
        "/c/d.jsonl",
        "-",
    )


def test_river_models_take_parameters_as_they_are(tmp_path: Path) -> None:
    model = """
model:
  kind: river
  class: river.anomaly.HalfSpaceTrees
  allow_pickle: true
  parameters: {n_trees: 5, limits: {flow: [0, 1.5]}, seed: null, name: "no"}
"""
    config = load(tmp_path, LEAST + model)
    assert config.model.kind == "river"
    assert config.model.class_ == "river.anomaly.HalfSpaceTrees"
    assert config.model.parameters == {
        "n_trees": 5,
        "limits": {"flow": (0, 1.5)},
        "seed": None,
        "name": "no",
    }


def test_variables_are_put_in_and_keep_their_type(tmp_path: Path) -> None:
    text = LEAST.replace("app: pumps", "app: ${APP}-${ZONE:-eu}") + (
        "batch:\n  records_max: ${MOST:-7}\nmodel: {kind: lstm, seed: 3}\n"
        'commands:\n  path: "${HOME:-x}/$${y}"\n'
    )
    config = load(tmp_path, text, APP="pumps", ZONE="", MOST="12")
    assert (config.app, config.batch.records_max) == ("pumps-eu", 12)
    assert config.commands is not None
    assert config.commands.path == str(tmp_path / "x/${y}")


def test_cells_may_be_separated_by_more_than_commas(tmp_path: Path) -> None:
    text = LEAST.replace("kind: jsonl", 'kind: csv, delimiter: "\\t"')
    schema = load(tmp_path, text).schema_of_records()
    assert (schema.format, schema.delimiter) == ("csv", "\t")


def test_anchors_stand_for_their_value(tmp_path: Path) -> None:
    text = LEAST.replace("app: pumps", "app: &name fans").replace("topic: pumps", "topic: *name")
    config = load(tmp_path, text)
    assert (config.app, config.source.topic) == ("fans", "fans")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("1e-3", 0.001),
        ("1", 1.0),
        ("+0.5", 0.5),
        (".25", 0.25),
        ("0", 0.0),
        ("-0.0", -0.0),
    ],
)
def test_numbers_are_read_by_yaml_1_2(tmp_path: Path, written: str, read: float) -> None:
    text = f"{LEAST}model:\n  kind: lstm\n  learning_rate: {written}\n"
    config = load(tmp_path, text)
    assert config.model.kind == "lstm"
    assert config.model.learning_rate == read


@pytest.mark.parametrize("word", ['"no"', "'on'", '"12:30"', "!!str 010", "n", "y", "1.2.3", "0x"])
def test_text_in_quotes_is_text(tmp_path: Path, word: str) -> None:
    config = load(tmp_path, LEAST.replace("{target: flow}", f"\n  target: {word}"))
    assert config.record_schema.target == (word.removeprefix("!!str ").strip("\"'"),)


def test_a_configuration_does_not_change(tmp_path: Path) -> None:
    config = load(tmp_path, LEAST)
    with pytest.raises(ValidationError, match="frozen"):
        config.app = "fans"
    with pytest.raises(ValidationError, match="frozen"):
        config.batch.records_max = 3


@pytest.mark.parametrize("file", sorted((ROOT / "configs").glob("*.yaml")), ids=lambda f: f.name)
def test_the_configurations_of_the_project_load(file: Path) -> None:
    config = load_config(str(file), {"STREAMLSTM_DEMO_DATA": str(WaterFlow().path)})
    assert config.schema_of_records().targets


def test_the_demo_reads_the_data_of_river() -> None:
    data = Path(WaterFlow().path)
    config = load_config(str(ROOT / "configs/demo.yaml"), {"STREAMLSTM_DEMO_DATA": str(data)})
    assert config.source.path == (str(data),)
    header, *rows = data.read_bytes().splitlines()
    decoder = Decoder(config.schema_of_records(), header)
    events = [decoder.decode(row) for row in rows]
    assert len(events) == 1268
    assert [event.targets[0] for event in events if event] == [y for _, y in _river()]
    assert [event.time_s for event in events if event] == [
        x["Time"].timestamp() for x, _ in _river()
    ]


def _river() -> list[tuple[dict[str, Any], float]]:
    return list(WaterFlow())


@pytest.mark.parametrize(("name", "unused"), [("replay", {"kafka"}), ("kafka", set())])
def test_every_section_is_in_use_in_the_examples(name: str, unused: set[str]) -> None:
    """They show the keys of our own model; those of a river model stand in the manual."""
    example = yaml.safe_load((ROOT / f"configs/{name}.yaml").read_text())
    assert example.keys() | unused == config_json_schema()["properties"].keys()


def test_the_manual_is_current() -> None:
    page = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    assert page == configuration_page(), "run python -m streamlstm.daemon.config.docs"


def test_the_manual_names_every_key() -> None:
    page = configuration_page()
    sections = [config_json_schema(), *config_json_schema()["$defs"].values()]
    names = [name for section in sections for name in section.get("properties", {})]
    assert len(names) > 40
    assert [name for name in names if f"| `{name}` |" not in page] == []


@pytest.mark.parametrize(
    ("file", "sound"),
    [
        (LEAST, True),
        (LEAST.replace("flow", "[flow, level]"), True),
        (LEAST.replace("stdout", "mail"), False),
        (LEAST.replace("{target: flow}", "{}"), False),
        (LEAST + "batch: {records_max: 0}", False),
        (LEAST + "btch: {}", False),
    ],
)
def test_editors_get_a_json_schema(file: str, sound: bool) -> None:
    schema = config_json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert jsonschema.Draft202012Validator(schema).is_valid(yaml.safe_load(file)) is sound
    assert json.loads(json.dumps(schema)) == schema


SECRET: TypeAdapter[SecretStr] = TypeAdapter(Secret)


class Vault(Section):
    """A section as later ones will be."""

    password: Secret


@pytest.fixture
def secrets(tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "password").write_text("hush\n")
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff")
    return {"folder": tmp_path, "environment": {"PASSWORD": "hush", "EMPTY": ""}}


@pytest.mark.parametrize("given", [{"file": "password"}, {"env": "PASSWORD"}])
def test_secrets_are_fetched_and_never_shown(given: Any, secrets: dict[str, Any]) -> None:
    secret = SECRET.validate_python(given, context=secrets)
    assert secret.get_secret_value() == "hush"
    assert "hush" not in f"{secret} {secret!r}"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("hush", "expected {file: PATH} or {env: NAME}, got something else"),
        (7, "got something else"),
        ({}, "got something else"),
        ({"value": "hush"}, "got something else"),
        ({"env": 7}, "got something else"),
        ({"env": "PASSWORD", "file": "password"}, "got something else"),
        ({"env": "NONE"}, "expected a secret in it, got nothing"),
        ({"env": "EMPTY"}, "expected a secret in it, got nothing"),
        ({"file": "none"}, "expected a file that can be read, got No such file"),
        ({"file": "."}, "expected a file that can be read, got Is a directory"),
        ({"file": "empty"}, "expected a secret in it, got nothing"),
        ({"file": "binary"}, "expected a file of text, got one that is not UTF-8"),
        ({"file": ""}, "expected a path"),
    ],
)
def test_no_error_shows_a_secret(given: Any, message: str, secrets: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        SECRET.validate_python(given, context=secrets)
    (error,) = caught.value.errors(include_input=False)
    assert message in error["msg"]
    assert "hush" not in error["msg"]


@pytest.mark.parametrize("given", ["hush", "[hush]", "{hush: hush}", "'${PASSWORD}'"])
def test_no_problem_shows_a_secret(given: str, secrets: dict[str, Any]) -> None:
    text = f"password: {given}"
    top, refused = read_yaml(text, "a.yaml", secrets["environment"])
    with pytest.raises(ValidationError) as caught:
        Vault.model_validate(top.plain, context=secrets)
    (problem,) = problems(caught.value, top, "a.yaml", Vault.model_json_schema())
    assert refused == []
    assert str(problem).startswith("a.yaml:1: password: expected {file: PATH} or {env: NAME}, got ")
    assert "hush" not in str(problem)


@pytest.mark.parametrize(
    ("old", "new"), [("  rest: 3", "cooldown"), ("  quiet: 3", "resolve_after")]
)
def test_an_old_key_is_refused_with_its_new_name(tmp_path: Path, old: str, new: str) -> None:
    file = tmp_path / "old.yaml"
    file.write_text(f"version: 1\nalerts:\n{old}\n")
    with pytest.raises(ConfigError) as caught:
        load_config(str(file), environment={})
    name = old.strip().partition(":")[0]
    assert f"expected {new!r}, the new name of {name!r}" in str(caught.value)
