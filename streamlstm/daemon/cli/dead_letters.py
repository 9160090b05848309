"""Commands for dead letters: records that could not be decoded."""

from collections import Counter, deque
from contextlib import closing
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from connectors import DeadLetter
from streamlstm.daemon.admin.committed import make_view
from streamlstm.daemon.cli.common import CONFIG, JSON, exit_on_error, load, load_kafka, print_json

CODE = click.option("--code", help="Only dead letters with this code.")
VALUE_CHARACTERS = 60
BY_HAND = "correct the file and run again; a dead letter holds the original record"


@click.group("dead-letters")
def dead_letters() -> None:
    """List and redrive dead letters: records that could not be decoded.

    Example: streamlstm dead-letters list configs/kafka.yaml
    """


@dead_letters.command("list")
@CONFIG
@CODE
@click.option(
    "--limit",
    type=click.IntRange(1),
    default=50,
    show_default=True,
    help="Most dead letters to show.",
)
@JSON
def list_(config: str, code: str | None, limit: int, *, as_json: bool) -> None:
    """List the newest dead letters, and the number of each code.

    The command can run while workers run. --json prints one object a line; keys and values are
    base64.

    Example: streamlstm dead-letters list configs/kafka.yaml --code not_json
    """
    with exit_on_error():
        newest: deque[DeadLetter] = deque(maxlen=limit)
        counts: Counter[str] = Counter()
        with closing(make_view(load(config))) as view:
            for dead_letter in view.dead_letters():
                if code in {None, dead_letter.code}:
                    newest.append(dead_letter)
                    counts[dead_letter.code] += 1
        if as_json:
            for dead_letter in newest:
                print_json(dead_letter)
            return
        table = Table("code", "where", "key", "value", "reason")
        for dead_letter in newest:
            table.add_row(*map(escape, _row(dead_letter)))
        console = Console()
        if newest:
            console.print(table)
        console.print(_counted(counts) or "no dead letters", highlight=False)


def _row(dead_letter: DeadLetter) -> tuple[str, ...]:
    record = dead_letter.record
    where = f"{record.partition.topic}/{record.partition.index}/{record.offset}"
    return dead_letter.code, where, _short(record.key), _short(record.value), dead_letter.reason


def _short(held: bytes | None) -> str:
    if held is None:
        return "–"
    text = held.decode(errors="replace")
    if not text.isprintable() or "\ufffd" in text:
        text = repr(held)[2:-1]
    return text if len(text) <= VALUE_CHARACTERS else f"{text[: VALUE_CHARACTERS - 1]}…"


def _counted(counts: "Counter[str]") -> str:
    return ", ".join(f"{number:,} {name}" for name, number in sorted(counts.items()))


@dead_letters.command()
@CONFIG
@CODE
@click.option("--yes", is_flag=True, help="Skip the confirmation.")
def redrive(config: str, code: str | None, *, yes: bool) -> None:
    """Send dead letters back to their source topic and partition, each one once.

    A record keeps its key and value, and gets the header redriven_from with its old position. It
    keeps its timestamp if schema.use_record_time is true. Progress is stored as offsets of the
    group GROUP.redrive, for as long as the broker retains them (offsets.retention.minutes).
    Truncated dead letters are not sent.

    Example: streamlstm dead-letters redrive configs/kafka.yaml --code not_json
    """
    with exit_on_error():
        loaded = load_kafka(config, BY_HAND)
        from streamlstm.daemon.wiring.kafka import make_redrive  # noqa: PLC0415 - takes .2 s

        with closing(make_redrive(loaded)) as work:
            if not yes:
                fresh: Any = Counter(one.refusal or "to send" for one in work.fresh(code))
                click.echo(_counted(fresh) or "nothing to send")
                if not fresh["to send"]:
                    return
                click.confirm("Send these records?", abort=True)
            counts = work.send(code)
        sent = counts.pop("sent", 0)
        click.echo(f"sent: {sent:,}")
        for reason, number in sorted(counts.items()):
            click.echo(f"not sent: {number:,}, {reason}")
