"""Command for consumer lag."""

import click
import msgspec
from rich.console import Console
from rich.table import Table

from streamlstm.daemon.cli.common import CONFIG, JSON, exit_on_error, load_kafka, print_json


@click.command()
@CONFIG
@JSON
def lag(config: str, *, as_json: bool) -> None:
    """Show the lag, the owner and the replay length of each partition, in records.

    The replay length is the number of records that a restart would replay. The command can run
    while workers run, and does not join their group.

    Example: streamlstm lag configs/kafka.yaml
    """
    with exit_on_error():
        loaded = load_kafka(config, "lag does not apply, since a run ends at the end of its files")
        from streamlstm.daemon.admin.lag import group_lag  # noqa: PLC0415 - takes .2 s

        assert loaded.kafka is not None
        group, found = loaded.kafka.group_name(loaded.app), group_lag(loaded)
        waiting, replay = sum(one.lag for one in found), sum(one.replay for one in found)
        if as_json:
            partitions = [msgspec.to_builtins(one) for one in found]
            total = {"lag": waiting, "replay": replay}
            topic = loaded.source.topic
            print_json({"group": group, "topic": topic, "partitions": partitions, "total": total})
            return
        table = Table(title=f"group {group}, topic {loaded.source.topic}", title_justify="left")
        for name in ("partition", "committed", "end", "lag", "replay from", "replay"):
            table.add_column(name, justify="right")
        table.add_column("worker")
        table.add_column("host")
        for one in found:
            numbers = (one.committed, one.end, one.lag, one.replay_from, one.replay)
            cells = ("–" if number is None else f"{number:,}" for number in numbers)
            table.add_row(str(one.partition), *cells, one.worker or "unassigned", one.host or "")
        table.add_section()
        table.add_row("total", "", "", f"{waiting:,}", "", f"{replay:,}", "", "")
        Console().print(table)
