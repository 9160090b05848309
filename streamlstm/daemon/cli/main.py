"""The command line."""

import signal
import sys
from pathlib import Path

import click
import msgspec
from rich.console import Console

from streamlstm import __version__
from streamlstm.daemon.cli.common import CONFIG, explained, load
from streamlstm.daemon.cli.dead_letters import dead_letters
from streamlstm.daemon.cli.lag import lag
from streamlstm.daemon.cli.relay import relay
from streamlstm.daemon.cli.replay import replay
from streamlstm.daemon.cli.state import state
from streamlstm.daemon.cli.topics import refuse_faults, topics
from streamlstm.daemon.config.model import Config
from streamlstm.daemon.exit_codes import EXIT_CODES
from streamlstm.daemon.json_log import JsonLog
from streamlstm.daemon.make_learner import make_learner
from streamlstm.daemon.telemetry import Telemetry
from streamlstm.daemon.terminal import Terminal
from streamlstm.daemon.wiring import build, make_source, put_control
from streamlstm.daemon.worker import Worker
from streamlstm.stages import ControlError, control_bytes, parse_control
from streamlstm.stages.control import VERBS


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
        loaded = load(config)
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
    """Check a configuration, and that its sources or its topics are there; change nothing.

    Example: streamlstm check configs/replay.yaml
    """
    with explained():
        loaded = load(config)
        if loaded.kafka is None:
            make_source(loaded).close()
        else:
            from streamlstm.daemon.kafka_topics import look  # noqa: PLC0415 - takes .2 s

            planned, _ = look(loaded)
            refuse_faults(planned)
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
    from streamlstm.daemon.demo.run import run_demo  # noqa: PLC0415 - a worker needs none of it

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
        loaded = load(config)
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


for command in (dead_letters, lag, relay, replay, state, topics):
    main.add_command(command)
