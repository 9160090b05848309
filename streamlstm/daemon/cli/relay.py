"""The commands that carry alerts on to where people look."""

import os
import re
import signal
import threading

import click

from connectors import JsonlRelay, Relay, SqliteRelay
from streamlstm.daemon.cli.common import CONFIG, load, report_errors
from streamlstm.daemon.config.model import Config
from streamlstm.daemon.config.sections import JsonLinesOutbox, SqliteOutbox

_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}")
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):\s*(.*?)\s*")
_VARIABLE = re.compile(r"\$\{(\w+)\}")


@click.group()
def relay() -> None:
    """Carry alerts on, at least once each, from a position of the relay's own.

    Example: streamlstm relay webhook configs/kafka.yaml https://example.org/alerts
    """


@relay.command()
@CONFIG
@click.argument("url")
@click.option("--name", default="webhook", show_default=True, help="Each name has a position.")
@click.option(
    "--header", "headers", multiple=True, help="Such as 'Authorization: Bearer ${TOKEN}'."
)
def webhook(config: str, url: str, name: str, headers: tuple[str, ...]) -> None:
    """Post each alert as JSON to URL, until asked to stop (SIGTERM, SIGINT).

    The header Idempotency-Key is the alert's id: an alert that comes twice has the same. One is
    tried again until it is taken; where it is refused for good (a status of 3xx or 4xx, other than
    408, 425 and 429) the relay ends with 3, naming it. ${NAME} in a header is taken from the
    environment, where others do not see it.

    Example: streamlstm relay webhook configs/kafka.yaml https://example.org/alerts
    """
    from streamlstm.daemon.admin.webhook import Webhook, forward, is_address  # noqa: PLC0415 - takes .1 s

    with report_errors():
        loaded = load(config)
        if not _NAME.fullmatch(name):
            raise click.UsageError("--name: expected letters, digits, dots, dashes, underscores")
        if loaded.outbox.kind == "stdout":
            raise click.UsageError(f"{config}: the outbox is stdout, which keeps no alerts")
        if not is_address(url):
            raise click.UsageError(f"{url}: expected an address such as https://example.org/alerts")
        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        hook = Webhook(url, dict(map(_header, headers)), stopped, _tell)
        try:
            count = forward(lambda: _open(loaded, name), hook, stopped, _tell)
        finally:
            hook.close()
        _tell(f"stopped; {count:,} alert messages delivered")


def _tell(message: str) -> None:
    click.echo(message, err=True)


def _header(told: str) -> tuple[str, str]:
    match = _HEADER.fullmatch(told)
    if match is None:
        raise click.UsageError("--header: expected 'NAME: VALUE'")
    missing = [name for name in _VARIABLE.findall(match[2]) if name not in os.environ]
    if missing:
        raise click.UsageError(f"--header {match[1]}: ${{{missing[0]}}} is not set")
    value = _VARIABLE.sub(lambda found: os.environ[found[1]], match[2])
    if not (value.isascii() and value.isprintable()):
        raise click.UsageError(f"--header {match[1]}: expected ASCII on one line")
    return match[1], value


def _open(config: Config, name: str) -> Relay:
    outbox = config.outbox
    if isinstance(outbox, SqliteOutbox):
        return SqliteRelay(outbox.path, name)
    if isinstance(outbox, JsonLinesOutbox):
        return JsonlRelay(outbox.path, name)
    from streamlstm.daemon.wiring.kafka import make_relay  # noqa: PLC0415 - takes .2 s

    return make_relay(config, name)
