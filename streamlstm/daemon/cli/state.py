"""Commands for the committed models."""

import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from connectors.errors import map_os_errors
from streamlstm.daemon.admin.committed import make_view, partitions
from streamlstm.daemon.admin.state_reset import reset_state
from streamlstm.daemon.admin.state_view import describe, payloads, streams
from streamlstm.daemon.cli.common import CONFIG, JSON, exit_on_error, load, print_json
from streamlstm.daemon.config.model import Config

PARTITION = click.option("--partition", type=click.IntRange(0), help="Only in this partition.")


@click.group()
def state() -> None:
    """Show, export and reset the committed models.

    Example: streamlstm state list configs/replay.yaml
    """


@state.command("list")
@CONFIG
@JSON
def list_(config: str, *, as_json: bool) -> None:
    """List the streams that have a snapshot. Can run while workers run.

    Example: streamlstm state list configs/replay.yaml
    """
    with exit_on_error():
        loaded = load(config)
        with closing(make_view(loaded)) as view:
            found = [one for where in partitions(loaded) for one in streams(loaded, view, where)]
        if as_json:
            print_json(found)
            return
        table = Table("stream", caption=f"{len(found):,} streams", caption_justify="left")
        for name in ("partition", "next offset", "snapshot bytes", "events"):
            table.add_column(name, justify="right")
        table.add_column("damaged")
        for one in found:
            events = "–" if one.events is None else f"{one.events:,}"
            numbers = (str(one.partition), f"{one.next_offset:,}", f"{one.snapshot_bytes:,}")
            table.add_row(escape(one.key), *numbers, events, escape(one.damaged or ""))
        Console().print(table)


@state.command()
@CONFIG
@click.argument("stream")
@PARTITION
@JSON
def show(config: str, stream: str, partition: int | None, *, as_json: bool) -> None:
    """Show the contents of a stream's last snapshot. Can run while workers run.

    Example: streamlstm state show configs/replay.yaml pump-7
    """
    with exit_on_error():
        loaded = load(config)
        found = [describe(loaded, *one) for one in _found(loaded, stream, partition)]
        if as_json:
            print_json(found)
            return
        for description in found:
            table = Table(title=escape(f"stream {stream}"), show_header=False, title_justify="left")
            for name, value in description.items():
                table.add_row(name.replace("_", " "), escape(_words(value)))
            Console().print(table)


@state.command()
@CONFIG
@click.argument("stream")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@PARTITION
def export(config: str, stream: str, file: str, partition: int | None) -> None:
    """Write a stream's last snapshot to FILE, or to standard output for "-".

    The format is safetensors. The metadata of its header describe the model.

    Example: streamlstm state export configs/replay.yaml pump-7 pump-7.safetensors
    """
    with exit_on_error():
        found = _found(load(config), stream, partition)
        if len(found) > 1:
            indexes = ", ".join(str(where.index) for where, _, _ in found)
            raise click.UsageError(
                f"{stream!r} is in partitions {indexes}: choose one with --partition"
            )
        payload = found[0][2]
        if file == "-":
            sys.stdout.buffer.write(payload)
            return
        with map_os_errors(file):
            Path(file).write_bytes(payload)
        click.echo(f"{file}: {len(payload):,} bytes")


@state.command()
@CONFIG
@click.option("--stream", help="Reset only this stream. [default: all]")
@click.confirmation_option(prompt="Delete the models? Alerts and positions are kept.")
def reset(config: str, stream: str | None) -> None:
    """Delete all models, or one. Workers continue from their position with new models.

    Stop all workers first. To reset one stream while they run, use streamlstm command.

    Example: streamlstm state reset configs/replay.yaml --yes
    """
    with exit_on_error():
        count = reset_state(load(config), stream)
        click.echo(f"reset: {count} streams")


def _found(config: Config, stream: str, partition: int | None) -> list[Any]:
    wanted = tuple(p for p in partitions(config) if partition in {None, p.index})
    with closing(make_view(config)) as view:
        found = list(payloads(view, wanted, stream))
    if not found:
        raise click.UsageError(
            f"no snapshot of {stream!r}: streamlstm state list shows the streams that have one. "
            f"Snapshots are taken every {config.state.snapshot_every:,} events, and when a run ends"
        )
    return found


def _words(value: Any) -> str:
    if value is None:
        return "no"
    if isinstance(value, dict):
        nested = any(isinstance(held, dict) for held in value.values())
        between = "\n\n" if nested else "\n"
        after = ":\n" if nested else " "
        return between.join(f"{name}{after}{_words(held)}" for name, held in value.items())
    if isinstance(value, list):
        return ", ".join(map(_words, value))
    return f"{value:.4g}" if isinstance(value, float) else str(value)
