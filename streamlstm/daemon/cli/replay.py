"""Command that computes the alerts of an offset range without writing anything."""

import sys
from collections.abc import Iterator
from contextlib import closing

import click
import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from connectors import Alert, Partition, Record, Source
from connectors.record import Bound
from streamlstm.daemon.admin.committed import make_view, partitions
from streamlstm.daemon.cli.bound import BOUND, of_files
from streamlstm.daemon.cli.common import CONFIG, JSON, exit_on_error, load
from streamlstm.daemon.config.model import Config
from streamlstm.daemon.engine.replay import ReplayFold
from streamlstm.daemon.telemetry.counts import Counts
from streamlstm.daemon.telemetry.events import total
from streamlstm.daemon.wiring.worker import make_source


@click.command()
@CONFIG
@click.option(
    "--from", "begin", type=BOUND, help="First offset, or a time. [default: the beginning]"
)
@click.option(
    "--to", "end", type=BOUND, help="End offset, or a time; exclusive. [default: the end]"
)
@click.option("--partition", type=click.IntRange(0), help="Only this partition. [default: all]")
@click.option("--stream", help="Only this stream. [default: all]")
@JSON
def replay(
    config: str,
    begin: Bound,
    end: Bound,
    partition: int | None,
    stream: str | None,
    *,
    as_json: bool,
) -> None:
    """Show the alerts that a range of the input would raise. Nothing is written or committed.

    Models start untrained at the first record of the range. The alerts therefore equal those of a
    worker only without --from. Operator commands are applied again at their offsets.

    A time, such as 2026-03-01T00:00:00Z, refers to the timestamps of Kafka records; files support
    offsets only. The output is JSON lines, or a table on a terminal.

    Example: streamlstm replay configs/kafka.yaml --from 2026-03-01T00:00:00Z --stream pump-7
    """
    with exit_on_error():
        loaded = load(config)
        wanted = [p for p in partitions(loaded) if partition in {None, p.index}]
        if not wanted:
            raise click.UsageError(f"{loaded.source.topic} has no partition {partition}")
        counts: dict[Partition, Counts] = {}
        found = _alerts(loaded, wanted, (begin, end), stream, counts)
        if as_json or not sys.stdout.isatty():
            for alert in found:
                click.echo(alert.value.decode())
        else:
            _show(found)
        now = total(counts)
        text = f"{now.records:,} records, {now.learnt:,} learnt, {now.alerts:,} alert messages, "
        click.echo(f"{text}{now.dead_letters:,} dead letters; nothing was written", err=True)


def _alerts(
    config: Config,
    wanted: list[Partition],
    bounds: tuple[Bound, Bound],
    stream: str | None,
    counts: dict[Partition, Counts],
) -> Iterator[Alert]:
    if config.source.capabilities.shared:
        from streamlstm.daemon.wiring.kafka import make_offset_range  # noqa: PLC0415 - takes .2 s

        with closing(make_offset_range(config)) as offset_range:
            for partition in wanted:
                begins, ends = offset_range.bounds(partition, *bounds)
                batches = offset_range.read(partition, begins, ends)
                yield from _fold(config, partition, begins, batches, stream, counts)
        return
    first, last = of_files(bounds)
    with closing(make_source(config)) as source:
        for partition in wanted:
            batches = _read(source, partition, first, last, config.batch.records_max)
            yield from _fold(config, partition, first, batches, stream, counts)


def _fold(
    config: Config,
    partition: Partition,
    begins: int,
    batches: Iterator[list[Record]],
    stream: str | None,
    counts: dict[Partition, Counts],
) -> Iterator[Alert]:
    place = f"{partition.topic}/{partition.index}"
    click.echo(f"{place}: untrained models from offset {begins:,}", err=True)
    applied = []
    if config.commands is not None:
        with closing(make_view(config)) as view:
            applied = [x for x in view.applied_commands(partition, begins) if x is not None]
    with closing(ReplayFold(config, partition, begins, applied, stream)) as fold:
        counts[partition] = fold.counts
        yield from fold.alerts(batches)


def _read(
    source: Source, partition: Partition, begins: int, ends: int | None, records_max: int
) -> Iterator[list[Record]]:
    source.pause(source.partitions())
    source.seek(partition, begins)
    source.resume([partition])
    while not source.finished(partition) and (ends is None or source.position(partition) < ends):
        left = records_max if ends is None else min(records_max, ends - source.position(partition))
        yield source.poll(left, timeout_ms=1000)


def _show(alerts: Iterator[Alert]) -> None:
    table = Table("", "offset", "time", "stream", "severity", "score", "observed", "expected")
    for alert in alerts:
        value = msgspec.json.decode(alert.value)
        table.add_row(
            value["kind"],
            str(value["offset"]),
            value["time"] or "",
            escape(value["stream"]),
            value["severity"],
            f"{value['score']:.1f}",
            *(escape(_numbers(x)) for x in (value["observed"], value["expected"])),
        )
    Console().print(table)


def _numbers(named: dict[str, float | None]) -> str:
    return ", ".join(f"{name} {x:.4g}" for name, x in named.items() if x is not None)
