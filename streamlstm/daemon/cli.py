"""The command line."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import msgspec
from rich.console import Console

from connectors import Effects, Fatal, Retriable, SnapshotStore
from streamlstm import __version__
from streamlstm.daemon.config import Config, ConfigError, load_config
from streamlstm.daemon.exit_codes import EXIT_CODES, Exit
from streamlstm.daemon.json_log import JsonLog
from streamlstm.daemon.make_learner import RiverModelError, make_learner
from streamlstm.daemon.marks import StateMismatchError
from streamlstm.daemon.state_reset import reset_effects
from streamlstm.daemon.streams import DamagedSnapshotError
from streamlstm.daemon.telemetry import Telemetry
from streamlstm.daemon.terminal import Terminal
from streamlstm.daemon.wiring import build, make_outbox, make_source, put_control
from streamlstm.daemon.worker import Worker
from streamlstm.stages import ControlError, SchemaError, control_bytes, parse_control
from streamlstm.stages.control import VERBS

CONFIG = click.argument("config", type=click.Path(dir_okay=False))


@contextmanager
def explained() -> Iterator[None]:
    """Turn what can go wrong into one message and an exit code."""
    try:
        yield
    except ConfigError as error:
        _leave(str(error), Exit.USAGE)
    except RiverModelError as error:
        _leave(str(error), Exit.USAGE)
    except SchemaError as error:
        _leave(f"the records do not fit the schema: {error}", Exit.USAGE)
    except (StateMismatchError, DamagedSnapshotError) as error:
        _leave(
            f"the committed state does not fit: {error}\n"
            "remedy: undo the change, or forget all models: streamlstm state reset CONFIG",
            Exit.MISMATCH,
        )
    except Fatal as error:
        _leave(str(error), Exit.FATAL)
    except Retriable as error:
        _leave(str(error), Exit.LATER)


def _leave(message: str, code: Exit) -> None:
    click.echo(message, err=True)
    raise SystemExit(code)


def _telemetry(config: Config) -> Telemetry:
    form = config.log.format
    if form == "terminal" or (form == "auto" and sys.stderr.isatty()):
        return Terminal(Console(stderr=True))
    return JsonLog(config.log.level)


@click.group(epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="streamlstm")
def main() -> None:
    """Learn from streams one event at a time, and raise alerts.

    Example: streamlstm run configs/replay.yaml
    """


@main.command()
@CONFIG
def run(config: str) -> None:
    """Run a worker until its journal ends or it is asked to stop (SIGTERM, SIGINT).

    Example: streamlstm run configs/replay.yaml
    """
    with explained():
        loaded = load_config(config, os.environ)
        telemetry = _telemetry(loaded)
        worker = Worker(loaded, telemetry, build)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: worker.stop())
        telemetry.started(
            loaded.app,
            {"source": loaded.source.topic, "outbox": loaded.outbox.kind, "config": config},
        )
        worker.run()


@main.command()
@CONFIG
def check(config: str) -> None:
    """Check a configuration, and that its sources can be opened; change nothing.

    Example: streamlstm check configs/replay.yaml
    """
    with explained():
        loaded = load_config(config, os.environ)
        make_source(loaded).close()
        learner = make_learner(loaded)
        click.echo(f"{config}: good; room for {learner.streams_max:,} streams in memory")


@main.command()
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("out/demo"),
    show_default=True,
    help="Folder for the page and the alerts; emptied of an earlier demo.",
)
@click.option("--open/--no-open", "open_page", help="Show the page in a browser.")
def demo(out: Path, open_page: bool) -> None:
    """Watch two months of real water flow go through; leave a page that shows what was found.

    Example: streamlstm demo --open
    """
    from streamlstm.daemon.demo import run_demo  # noqa: PLC0415 - a worker needs none of it

    with explained():
        run_demo(out, Console(), open_page=open_page)


@main.command()
@CONFIG
@click.argument("verb", type=click.Choice(VERBS))
@click.argument("stream")
@click.option("--events", type=int, help="For how many events (expected, mute).")
@click.option("--at-offset", type=int, help="Not before this offset of the partition.")
@click.option("--partition", type=int, help="Only there; else wherever the stream is.")
def control(
    config: str,
    verb: str,
    stream: str,
    events: int | None,
    at_offset: int | None,
    partition: int | None,
) -> None:
    r"""Tell a running worker something about a stream.

    \b
    expected     the next EVENTS events are expected to be odd
    mute         no alert for the next EVENTS events
    acknowledge  end the open alert
    reset        start the stream's model anew
    forget       drop the stream's model

    Example: streamlstm control configs/replay.yaml mute pump-7 --events 24
    """
    with explained():
        loaded = load_config(config, os.environ)
        if loaded.controls is None:
            raise click.UsageError(f"{config}: without a section controls nobody would read this")
        words = {"verb": verb, "stream": stream, "events": events}
        words |= {"at_offset": at_offset, "partition": partition}
        said = msgspec.json.encode({k: v for k, v in words.items() if v is not None})
        try:
            line = control_bytes(parse_control(said))
        except ControlError as error:
            raise click.UsageError(str(error)) from None
        put_control(loaded, line)
        click.echo(line.decode())


@main.group()
def state() -> None:
    """Look after what was learnt.

    Example: streamlstm state reset configs/replay.yaml
    """


@state.command()
@CONFIG
@click.confirmation_option(prompt="Forget everything that was learnt? Alerts and position stay.")
def reset(config: str) -> None:
    """Forget all models; the worker goes on from its position with fresh ones.

    Example: streamlstm state reset configs/replay.yaml --yes
    """
    with explained():
        loaded = load_config(config, os.environ)
        outbox = make_outbox(loaded)
        try:
            if not isinstance(outbox, SnapshotStore):
                raise click.UsageError(f"{loaded.outbox.kind} keeps no state")
            source = make_source(loaded)
            partitions = source.partitions()
            source.close()
            effects = Effects()
            for partition in partitions:
                reset_effects(partition, outbox, make_learner(loaded).description(), effects)
            outbox.commit(effects)
            click.echo(f"forgotten: {len(effects.snapshots)} streams")
        finally:
            outbox.close()


if __name__ == "__main__":
    main()
