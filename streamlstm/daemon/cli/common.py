"""Shared arguments of the commands, and the mapping of errors to exit codes."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
import msgspec

from connectors import Fatal, Retriable
from streamlstm.daemon.config.errors import ConfigError
from streamlstm.daemon.config.load import load_config
from streamlstm.daemon.config.model import Config
from streamlstm.daemon.engine.commit_metadata import StateMismatchError
from streamlstm.daemon.engine.stream_cache import DamagedSnapshotError
from streamlstm.daemon.exit_codes import Exit
from streamlstm.daemon.learners.make import RiverModelError
from streamlstm.stages import SchemaError

CONFIG = click.argument("config", type=click.Path(dir_okay=False))
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@contextmanager
def exit_on_error() -> Iterator[None]:
    """Map an expected error to a message on standard error and an exit code."""
    try:
        yield
    except ConfigError as error:
        leave(str(error), Exit.USAGE)
    except RiverModelError as error:
        leave(str(error), Exit.USAGE)
    except SchemaError as error:
        leave(f"the records do not match the schema: {error}", Exit.USAGE)
    except (StateMismatchError, DamagedSnapshotError) as error:
        leave(
            f"the committed state does not match the configuration: {error}\n"
            "remedy: undo the change, or drop all models: streamlstm state reset CONFIG",
            Exit.MISMATCH,
        )
    except Fatal as error:
        leave(str(error), Exit.FATAL)
    except Retriable as error:
        leave(str(error), Exit.LATER)


def leave(message: str, code: Exit) -> None:
    """Print a message to standard error and exit."""
    click.echo(message, err=True)
    raise SystemExit(code)


def load(config: str) -> Config:
    """Load a configuration with the variables of the environment."""
    return load_config(config, os.environ)


def load_kafka(config: str, instead: str) -> Config:
    """Load a configuration that reads from Kafka; for others, fail with ``instead`` as advice."""
    loaded = load(config)
    if loaded.kafka is None:
        raise click.UsageError(f"{config}: its source is files, not Kafka: {instead}")
    return loaded


def print_json(value: Any) -> None:
    """Print one line of JSON."""
    click.echo(msgspec.json.encode(value).decode())
