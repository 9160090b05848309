"""The composition root: creates a worker from a configuration."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from connectors import Outbox, Source
from connectors.effects import CrashPoint, no_crash
from streamlstm.daemon.commands.source import CommandFile, CommandSource, append_command
from streamlstm.daemon.config.model import Config
from streamlstm.daemon.engine.loop import Loop
from streamlstm.daemon.engine.restore import Restorer
from streamlstm.daemon.learners.bank import Observer
from streamlstm.daemon.learners.make import make_learner
from streamlstm.daemon.telemetry.events import Telemetry
from streamlstm.daemon.wiring.contracts import outbox_wiring, source_wiring


def make_source(config: Config) -> Source:
    """Open the source of a configuration."""
    return source_wiring(config.source).open_source(config.source, config)


def make_outbox(
    config: Config, crash_point: CrashPoint = no_crash, source: Source | None = None
) -> Outbox:
    """Open the outbox of a configuration; ``source`` is needed if workers share the outbox."""
    return outbox_wiring(config.outbox).open_outbox(config.outbox, config, source, crash_point)


def make_commands(config: Config) -> CommandSource | None:
    """Open the journal of operator commands, if there is one."""
    section = config.commands
    if section is None:
        return None
    if section.path is not None:
        return CommandFile(Path(section.path), f"{config.source.topic}.controls")
    from streamlstm.daemon.commands.topic import CommandTopic  # noqa: PLC0415 - takes .2 s
    from streamlstm.daemon.wiring.kafka import make_client  # noqa: PLC0415

    assert section.topic is not None
    return CommandTopic(make_client(config), section.topic)


def put_command(config: Config, line: bytes) -> None:
    """Append an operator command to the command journal."""
    section = config.commands
    assert section is not None
    if section.path is not None:
        append_command(Path(section.path), line)
        return
    from streamlstm.daemon.commands.topic import send_command  # noqa: PLC0415 - takes .2 s
    from streamlstm.daemon.wiring.kafka import make_client  # noqa: PLC0415

    assert section.topic is not None
    send_command(make_client(config), section.topic, line)


def _open(config: Config, crash_point: CrashPoint, opened: ExitStack) -> tuple[Source, Outbox]:
    """Open source and outbox; opening the outbox fences an earlier process of the same name.

    A shared source is opened first, since the outbox commits as its group member; the source joins
    the group in its first poll only. The kernels load while the brokers answer.
    """
    if not config.source.capabilities.shared:
        outbox = make_outbox(config, crash_point)
        opened.callback(outbox.close)
        source = make_source(config)
        opened.callback(source.close)
        return source, outbox
    pool = ThreadPoolExecutor(1)
    pool.submit(lambda: make_learner(config).process([]))  # the loop raises its errors
    pool.shutdown(wait=False)
    source = make_source(config)
    opened.callback(source.close)
    outbox = make_outbox(config, crash_point, source)
    opened.callback(outbox.close)
    return source, outbox


def build(
    config: Config,
    telemetry: Telemetry,
    *,
    observer: Observer | None = None,
    crash_point: CrashPoint = no_crash,
) -> tuple[Loop, Callable[[], None]]:
    """Create a worker; return its loop, and a callable that closes its connectors.

    Parameters
    ----------
    config
        The configuration.
    telemetry
        Receiver of metrics and log events.
    observer
        Receives every batch of scored events, for plots.
    crash_point
        Called after each step of a commit; for tests.
    """
    with ExitStack() as opened:
        source, outbox = _open(config, crash_point, opened)
        commands = make_commands(config)
        if commands is not None:
            opened.callback(commands.close)
        loop = Loop(
            source,
            outbox,
            Restorer(config, source, outbox, telemetry, observer).steps,
            commands=commands,
            telemetry=telemetry,
            records_max=config.batch.records_max,
            poll_timeout_ms=config.batch.poll_timeout_ms,
        )
        close = opened.pop_all().close
    return loop, close
