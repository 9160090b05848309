"""What the commands have in common: their arguments, and how each of them ends when it fails."""

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
JSON = click.option("--json", "as_json", is_flag=True, help="As JSON, for machines.")
NUMBERS = {"justify": "right"}  # of a column


@contextmanager
def report_errors() -> Iterator[None]:
    """Turn what can go wrong into one message and an exit code."""
    try:
        yield
    except ConfigError as error:
        leave(str(error), Exit.USAGE)
    except RiverModelError as error:
        leave(str(error), Exit.USAGE)
    except SchemaError as error:
        leave(f"the records do not fit the schema: {error}", Exit.USAGE)
    except (StateMismatchError, DamagedSnapshotError) as error:
        leave(
            f"the committed state does not fit: {error}\n"
            "remedy: undo the change, or forget all models: streamlstm state reset CONFIG",
            Exit.MISMATCH,
        )
    except Fatal as error:
        leave(str(error), Exit.FATAL)
    except Retriable as error:
        leave(str(error), Exit.LATER)


def leave(message: str, code: Exit) -> None:
    """End with a message on standard error."""
    click.echo(message, err=True)
    raise SystemExit(code)


def load(config: str) -> Config:
    """Load a configuration, with what the environment says."""
    return load_config(config, os.environ)


def load_kafka(config: str, instead: str) -> Config:
    """Load a configuration that reads from Kafka; for others, say what to do ``instead``."""
    loaded = load(config)
    if loaded.kafka is None:
        raise click.UsageError(f"{config}: its records come from files: {instead}")
    return loaded


def say_json(what: Any) -> None:
    """Print one line of JSON."""
    click.echo(msgspec.json.encode(what).decode())
