"""The command line."""

import signal
import sys
from importlib.metadata import entry_points

import click
import msgspec
from rich.console import Console

from streamlstm import __version__
from streamlstm.daemon.cli.common import CONFIG, load, report_errors
from streamlstm.daemon.cli.dead_letters import dead_letters
from streamlstm.daemon.cli.lag import lag
from streamlstm.daemon.cli.relay import relay
from streamlstm.daemon.cli.replay import replay
from streamlstm.daemon.cli.state import state
from streamlstm.daemon.cli.topics import refuse_faults, topics
from streamlstm.daemon.config.model import Config
from streamlstm.daemon.engine.worker import Worker
from streamlstm.daemon.exit_codes import EXIT_CODES
from streamlstm.daemon.learners.make import make_learner
from streamlstm.daemon.telemetry.events import Telemetry
from streamlstm.daemon.telemetry.json_log import JsonLog
from streamlstm.daemon.telemetry.terminal import Terminal
from streamlstm.daemon.wiring.worker import build, make_source, put_command
from streamlstm.stages import CommandError, command_bytes, parse_command
from streamlstm.stages.commands import VERBS

ENTRY_POINTS = "streamlstm.commands"
RENAMED = {"control": "command"}


def _telemetry(config: Config) -> Telemetry:
    form = config.log.format
    if form == "terminal" or (form == "auto" and sys.stderr.isatty()):
        return Terminal(Console(stderr=True))
    return JsonLog(config.log.level)


class Commands(click.Group):
    """The commands of the daemon, and those that floors above it register as entry points."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give every command by name."""
        return sorted({*super().list_commands(ctx), *entry_points(group=ENTRY_POINTS).names})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Give a command; one that is registered is imported only now."""
        found = super().get_command(ctx, cmd_name)
        if found is None and cmd_name in entry_points(group=ENTRY_POINTS).names:
            found = entry_points(group=ENTRY_POINTS)[cmd_name].load()
        if found is None and cmd_name in RENAMED:
            ctx.fail(f"{cmd_name!r} was renamed: use {RENAMED[cmd_name]!r}")
        return found


@click.group(
    cls=Commands, epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]}
)
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
    with report_errors():
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
    with report_errors():
        loaded = load(config)
        if loaded.kafka is None:
            make_source(loaded).close()
        else:
            from streamlstm.daemon.admin.topics import look  # noqa: PLC0415 - takes .2 s

            planned, _ = look(loaded)
            refuse_faults(planned)
        learner = make_learner(loaded)
        click.echo(f"{config}: good; room for {learner.streams_max:,} streams in memory")


@main.command()
@CONFIG
@click.argument("verb", type=click.Choice(VERBS))
@click.argument("stream")
@click.option("--events", type=int, help="For how many events (expected, mute).")
@click.option("--at-offset", type=int, help="Not before this offset of the partition.")
@click.option("--partition", type=int, help="Only there; else wherever the stream is.")
def command(
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

    Example: streamlstm command configs/replay.yaml mute pump-7 --events 24
    """
    with report_errors():
        loaded = load(config)
        if loaded.commands is None:
            raise click.UsageError(f"{config}: without a section commands nobody would read this")
        words = {"verb": verb, "stream": stream, "events": events}
        words |= {"at_offset": at_offset, "partition": partition}
        said = msgspec.json.encode({k: v for k, v in words.items() if v is not None})
        try:
            line = command_bytes(parse_command(said))
        except CommandError as error:
            raise click.UsageError(str(error)) from None
        put_command(loaded, line)
        click.echo(line.decode())


for command in (dead_letters, lag, relay, replay, state, topics):
    main.add_command(command)
