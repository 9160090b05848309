"""The command that says how far behind the workers are."""

import click
import msgspec
from rich.console import Console
from rich.table import Table

from streamlstm.daemon.cli.common import CONFIG, JSON, load_kafka, report_errors, say_json


@click.command()
@CONFIG
@JSON
def lag(config: str, *, as_json: bool) -> None:
    """Show for each partition what waits, who owns it, and what a restart would learn again.

    Works while workers run, and disturbs none.

    Example: streamlstm lag configs/kafka.yaml
    """
    with report_errors():
        loaded = load_kafka(config, "a run of them ends when it has read them all")
        from streamlstm.daemon.admin.lag import group_lag  # noqa: PLC0415 - takes .2 s

        assert loaded.kafka is not None
        group, found = loaded.kafka.group_name(loaded.app), group_lag(loaded)
        waiting, replay = sum(one.lag for one in found), sum(one.replay for one in found)
        if as_json:
            partitions = [msgspec.to_builtins(one) for one in found]
            total = {"lag": waiting, "replay": replay}
            topic = loaded.source.topic
            say_json({"group": group, "topic": topic, "partitions": partitions, "total": total})
            return
        table = Table(title=f"group {group}, topic {loaded.source.topic}", title_justify="left")
        for name in ("partition", "committed", "end", "lag", "replay from", "replay"):
            table.add_column(name, justify="right")
        table.add_column("worker")
        table.add_column("host")
        for one in found:
            numbers = (one.committed, one.end, one.lag, one.replay_from, one.replay)
            told = ("–" if number is None else f"{number:,}" for number in numbers)
            table.add_row(str(one.partition), *told, one.worker or "nobody", one.host or "")
        table.add_section()
        table.add_row("total", "", "", f"{waiting:,}", "", f"{replay:,}", "", "")
        Console().print(table)
