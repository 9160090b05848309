"""Loading a configuration from a YAML file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from streamlstm.daemon.config.errors import ConfigError, ConfigProblem
from streamlstm.daemon.config.expected import problems
from streamlstm.daemon.config.model import Config
from streamlstm.daemon.config.yaml_nodes import read_yaml

CONFIG_BYTES_MAX = 1 << 20


def load_config(path: str, environment: Mapping[str, str]) -> Config:
    """Load a configuration.

    Relative paths start at the folder of the file.

    Parameters
    ----------
    path : str
        The file.
    environment : mapping of str to str
        Values of ``${NAME}``.

    Raises
    ------
    ConfigError
        If the file is not valid. It lists every problem with its line and key.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "pumps.yaml")
    ...     _ = file.write_text('''
    ... version: 1
    ... app: pumps
    ... source: {kind: jsonl, path: "-", topic: pumps}
    ... schema: {target: flow}
    ... outbox: {kind: stdout}
    ... ''')
    ...     load_config(str(file), environment={}).schema_of_records().targets
    ('flow',)
    """
    text = _read(path)
    top, refused = read_yaml(text, path, environment)
    if not isinstance(top.plain, dict):
        message = f"expected a mapping, got {top.written}"
        raise ConfigError([ConfigProblem(path, top.line, "", message)])
    context = {"folder": Path(path).absolute().parent, "environment": environment}
    config = None
    found = list(refused)
    try:
        config = Config.model_validate(top.plain, context=context)
    except ValidationError as error:
        known = {problem.key for problem in refused}
        told = problems(error, top, path, config_json_schema())
        found += [problem for problem in told if problem.key not in known]
    if found or config is None:
        raise ConfigError(found)
    return config


def config_json_schema() -> dict[str, Any]:
    """Return the JSON Schema of configurations, for editors.

    Examples
    --------
    >>> "source" in config_json_schema()["properties"]
    True
    """
    schema = Config.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema


def _read(path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            content = file.read(CONFIG_BYTES_MAX + 1)
        if len(content) > CONFIG_BYTES_MAX:
            fault = f"expected at most {CONFIG_BYTES_MAX} bytes, got more"
        else:
            return content.decode("utf-8-sig")
    except OSError as error:
        fault = f"expected a file that can be read, got: {error.strerror}"
    except UnicodeDecodeError as error:
        fault = f"expected UTF-8, got a file whose byte {error.start} is not"
    raise ConfigError([ConfigProblem(path, 1, "", fault)])
