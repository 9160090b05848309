"""The commands that look after records nobody could learn from."""

from collections import Counter, deque
from contextlib import closing
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from connectors import DeadLetter
from streamlstm.daemon.admin.committed import make_view
from streamlstm.daemon.cli.common import CONFIG, JSON, load, load_kafka, report_errors, say_json

CODE = click.option("--code", help="Only those with this code.")
VALUE_CHARACTERS = 60
BY_HAND = "mend the file and run again; a letter holds the record as it came"


@click.group("dead-letters")
def dead_letters() -> None:
    """Look after records nobody could learn from.

    Example: streamlstm dead-letters list configs/kafka.yaml
    """


@dead_letters.command("list")
@CONFIG
@CODE
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="The newest.")
@JSON
def list_(config: str, code: str | None, limit: int, *, as_json: bool) -> None:
    """Show the newest dead letters, and how many there are of each code; works beside workers.

    As JSON, one a line, with values and keys as base64.

    Example: streamlstm dead-letters list configs/kafka.yaml --code not_json
    """
    with report_errors():
        newest: deque[DeadLetter] = deque(maxlen=limit)
        counts: Counter[str] = Counter()
        with closing(make_view(load(config))) as view:
            for dead_letter in view.dead_letters():
                if code in {None, dead_letter.code}:
                    newest.append(dead_letter)
                    counts[dead_letter.code] += 1
        if as_json:
            for dead_letter in newest:
                say_json(dead_letter)
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
    return ", ".join(f"{number:,} {what}" for what, number in sorted(counts.items()))


@dead_letters.command()
@CONFIG
@CODE
@click.option("--yes", is_flag=True, help="Do not ask.")
def redrive(config: str, code: str | None, *, yes: bool) -> None:
    """Send dead letters again to the topic and partition they came from, each once.

    They go as they came, with a header redriven_from that says from where, and with their old time
    if the schema takes the time of the record. What was sent is remembered as the offsets of the
    group GROUP.redrive, as long as the broker keeps these (offsets.retention.minutes). What was not
    kept whole is not sent.

    Example: streamlstm dead-letters redrive configs/kafka.yaml --code not_json
    """
    with report_errors():
        loaded = load_kafka(config, BY_HAND)
        from streamlstm.daemon.wiring.kafka import make_redrive  # noqa: PLC0415 - takes .2 s

        with closing(make_redrive(loaded)) as work:
            if not yes:
                fresh: Any = Counter(one.refusal or "to send" for one in work.fresh(code))
                click.echo(_counted(fresh) or "nothing to send")
                if not fresh["to send"]:
                    return
                click.confirm("Send these again?", abort=True)
            counts = work.send(code)
        sent = counts.pop("sent", 0)
        click.echo(f"sent: {sent:,}")
        for reason, number in sorted(counts.items()):
            click.echo(f"not sent: {number:,}, {reason}")
