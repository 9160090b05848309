"""The composition root: from a configuration to a loop that can run."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from connectors import FileSource, JsonlOutbox, Outbox, Source, SqliteOutbox, StdoutOutbox
from connectors.effects import CrashPoint, no_crash
from connectors.errors import map_os_errors
from streamlstm.daemon.commands.source import CommandFile, CommandSource, append_command
from streamlstm.daemon.config.kafka import KafkaSource
from streamlstm.daemon.config.model import Config
from streamlstm.daemon.config.sections import CsvSource, JsonLinesOutbox
from streamlstm.daemon.config.sections import SqliteOutbox as SqliteOutboxSection
from streamlstm.daemon.engine.loop import Loop
from streamlstm.daemon.engine.restore import Restorer
from streamlstm.daemon.learners.bank import Observer
from streamlstm.daemon.learners.make import make_learner
from streamlstm.daemon.telemetry.events import Telemetry


def make_source(config: Config) -> Source:
    """Open the files of a configuration, or join the group that reads its topic."""
    source = config.source
    if isinstance(source, KafkaSource):
        from streamlstm.daemon.wiring.kafka import make_kafka_source  # noqa: PLC0415 - takes .2 s

        return make_kafka_source(config)
    paths = [source.path] if isinstance(source.path, str) else list(source.path)
    csv = isinstance(source, CsvSource)
    return FileSource(
        paths,
        source.topic,
        "csv" if csv else "jsonl",
        delimiter=source.delimiter.encode() if isinstance(source, CsvSource) else b",",
        line_bytes_max=source.line_bytes_max,
    )


def make_outbox(config: Config, crash_point: CrashPoint = no_crash) -> Outbox:
    """Open the one place effects are committed to, for when nobody else works there."""
    section = config.outbox
    if isinstance(section, SqliteOutboxSection):
        with map_os_errors(section.path):
            Path(section.path).parent.mkdir(parents=True, exist_ok=True)
        return SqliteOutbox(section.path, crash_point=crash_point)
    if isinstance(section, JsonLinesOutbox):
        return JsonlOutbox(section.path, crash_point=crash_point)
    if section.kind == "stdout":
        return StdoutOutbox(crash_point=crash_point)
    from streamlstm.daemon.wiring.kafka import make_kafka_outbox  # noqa: PLC0415 - takes .2 s

    return make_kafka_outbox(config, crash_point=crash_point)


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
    """Append an operator command to their journal."""
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
    """Open both ends; the outbox first, which shuts out an earlier process of the same name."""
    if not isinstance(config.source, KafkaSource):
        outbox = make_outbox(config, crash_point)
        opened.callback(outbox.close)
        source = make_source(config)
        opened.callback(source.close)
        return source, outbox
    from streamlstm.daemon.wiring.kafka import (  # noqa: PLC0415 - takes .2 s
        make_kafka_outbox,
        make_kafka_source,
    )

    pool = ThreadPoolExecutor(1)  # the kernels load while the brokers are talked to
    pool.submit(lambda: make_learner(config).process([]))  # what is wrong there, the loop will meet
    pool.shutdown(wait=False)
    member = make_kafka_source(config)  # joins no group before its first poll
    opened.callback(member.close)
    kafka_outbox = make_kafka_outbox(config, member.membership, crash_point)
    opened.callback(kafka_outbox.close)
    return member, kafka_outbox


def build(
    config: Config,
    telemetry: Telemetry,
    *,
    observer: Observer | None = None,
    crash_point: CrashPoint = no_crash,
) -> tuple[Loop, Callable[[], None]]:
    """Wire a worker; return its loop, and what closes everything.

    Parameters
    ----------
    config
        What to do.
    telemetry
        Whom to tell.
    observer
        Sees every judged batch of events; for pictures.
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
