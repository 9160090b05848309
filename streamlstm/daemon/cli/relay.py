"""Commands that forward alerts to other systems."""

import os
import re
import signal
import threading

import click

from connectors import Relay
from streamlstm.daemon.cli.common import CONFIG, exit_on_error, load
from streamlstm.daemon.config.model import Config
from streamlstm.daemon.wiring.contracts import outbox_wiring

_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}")
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):\s*(.*?)\s*")
_VARIABLE = re.compile(r"\$\{(\w+)\}")


@click.group()
def relay() -> None:
    """Forward alerts to other systems, at least once each.

    A relay has its own position in the outbox.

    Example: streamlstm relay webhook configs/kafka.yaml https://example.org/alerts
    """


@relay.command()
@CONFIG
@click.argument("url")
@click.option(
    "--name",
    default="webhook",
    show_default=True,
    help="Name of the relay. Each name has its own position.",
)
@click.option(
    "--header",
    "headers",
    multiple=True,
    help="HTTP header, such as 'Authorization: Bearer ${TOKEN}'. Repeatable.",
)
def webhook(config: str, url: str, name: str, headers: tuple[str, ...]) -> None:
    """Post each alert as JSON to URL, until SIGTERM or SIGINT.

    The header Idempotency-Key is the alert's id, so that the receiver can drop duplicates. A
    failed request is retried. A status of 3xx or 4xx other than 408, 425 and 429 is final: the
    relay prints the alert's id and exits with 3. ${NAME} in a header is replaced by that
    environment variable, so that secrets stay off the command line.

    Example: streamlstm relay webhook configs/kafka.yaml https://example.org/alerts
    """
    from streamlstm.daemon.admin.webhook import Webhook, forward, is_address  # noqa: PLC0415 - takes .1 s

    with exit_on_error():
        loaded = load(config)
        if not _NAME.fullmatch(name):
            raise click.UsageError("--name: expected letters, digits, dots, dashes, underscores")
        if not loaded.outbox.capabilities.durable:
            raise click.UsageError(
                f"{config}: the outbox is {loaded.outbox.kind}, which keeps no alerts"
            )
        if not is_address(url):
            raise click.UsageError(f"{url}: expected a URL such as https://example.org/alerts")
        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        hook = Webhook(url, dict(map(_header, headers)), stopped, _log)
        try:
            count = forward(lambda: _open(loaded, name), hook, stopped, _log)
        finally:
            hook.close()
        _log(f"stopped; {count:,} alert messages delivered")


def _log(message: str) -> None:
    click.echo(message, err=True)


def _header(text: str) -> tuple[str, str]:
    match = _HEADER.fullmatch(text)
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
    return outbox_wiring(config.outbox).open_relay(config.outbox, config, name)
