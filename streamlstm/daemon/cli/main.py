"""Command line: the group of all commands, and run, check and command."""

import signal
import sys
from importlib.metadata import entry_points

import click
import msgspec
from rich.console import Console

from streamlstm import __version__
from streamlstm.daemon.cli.common import CONFIG, exit_on_error, load
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
    """The daemon's commands, and those that other packages register as entry points."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the names of all commands."""
        return sorted({*super().list_commands(ctx), *entry_points(group=ENTRY_POINTS).names})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command. A registered one is imported on first use."""
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
    """Detect anomalies in streams with models that learn from every event.

    Example: streamlstm run configs/replay.yaml
    """


@main.command()
@CONFIG
def run(config: str) -> None:
    """Run a worker.

    The worker runs until the end of its input, or until SIGTERM or SIGINT. It then commits and
    exits with 0. Alerts go to the outbox, log events to standard error.

    Example: streamlstm run configs/replay.yaml
    """
    with exit_on_error():
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
    """Check a configuration, and that its files or topics exist.

    Nothing is changed. Each problem is reported with file, line, key and expected value.

    Example: streamlstm check configs/replay.yaml
    """
    with exit_on_error():
        loaded = load(config)
        if not loaded.source.capabilities.shared:
            make_source(loaded).close()
        else:
            from streamlstm.daemon.admin.topics import look  # noqa: PLC0415 - takes .2 s

            planned, _ = look(loaded)
            refuse_faults(planned)
        learner = make_learner(loaded)
        click.echo(f"{config}: valid; memory for {learner.streams_max:,} streams")


@main.command()
@CONFIG
@click.argument("verb", type=click.Choice(VERBS))
@click.argument("stream")
@click.option("--events", type=int, help="Number of events; required by expected and mute.")
@click.option(
    "--at-offset",
    type=int,
    help="First offset at which the command applies. [default: the next record]",
)
@click.option(
    "--partition",
    type=int,
    help="Only in this partition. [default: every partition that has the stream]",
)
def command(
    config: str,
    verb: str,
    stream: str,
    events: int | None,
    at_offset: int | None,
    partition: int | None,
) -> None:
    """Queue an operator command about a stream.

    \b
    expected     the next EVENTS events are anomalous: no alert opens, and
                 they do not count as normal when scores are calibrated
    mute         no alert in the next EVENTS events
    acknowledge  close the open alert
    reset        replace the stream's model with a new one
    forget       delete the stream's model

    The configuration needs the section commands. A running worker applies the command before the
    next record it reads; otherwise the next worker that starts does. The name of the stream is not
    checked. With --at-offset the command waits for the
    record at that offset of the partition. Applied commands are part of the committed state: a
    replay applies them at the same offset.

    Example: streamlstm command configs/replay.yaml mute pump-7 --events 24
    """  # noqa: D301 - \b keeps click from wrapping the table
    with exit_on_error():
        loaded = load(config)
        if loaded.commands is None:
            raise click.UsageError(f"{config}: the configuration has no section commands")
        words = {"verb": verb, "stream": stream, "events": events}
        words |= {"at_offset": at_offset, "partition": partition}
        payload = msgspec.json.encode({k: v for k, v in words.items() if v is not None})
        try:
            line = command_bytes(parse_command(payload))
        except CommandError as error:
            raise click.UsageError(str(error)) from None
        put_command(loaded, line)
        click.echo(line.decode())


for command in (dead_letters, lag, relay, replay, state, topics):
    main.add_command(command)
