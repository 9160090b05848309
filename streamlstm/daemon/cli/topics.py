"""The commands that look after topics."""

from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table

from connectors import Fatal
from streamlstm.daemon.cli.common import CONFIG, JSON, load_kafka, report_errors, say_json
from streamlstm.daemon.exit_codes import Exit

if TYPE_CHECKING:
    from streamlstm.daemon.admin.topics import Planned

NO_TOPICS = "they need no topics"


@click.group()
def topics() -> None:
    """Look after the topics a configuration needs.

    Example: streamlstm topics plan configs/kafka.yaml
    """


@topics.command()
@CONFIG
@JSON
def plan(config: str, *, as_json: bool) -> None:
    """Show the topics that are needed, how they must be, and what differs; change nothing.

    Ends with 0 where all is good, with 3 where something is missing or wrong.

    Example: streamlstm topics plan configs/kafka.yaml
    """
    with report_errors():
        from streamlstm.daemon.admin.topics import look  # noqa: PLC0415 - takes .2 s

        planned, _ = look(load_kafka(config, NO_TOPICS))
        show(planned, as_json=as_json)
        if any(topic.faults for topic in planned):
            raise SystemExit(Exit.FATAL)


@topics.command()
@CONFIG
@click.option("--partitions", type=click.IntRange(1), help="Of the input, if that is missing too.")
@click.option(
    "--replication-factor", type=click.IntRange(1), help="Instead of 3, or all brokers if fewer."
)
def create(config: str, partitions: int | None, replication_factor: int | None) -> None:
    """Make the topics that are missing; change nothing that is there.

    Ends with 3 where something that was there is wrong.

    Example: streamlstm topics create configs/kafka.yaml --partitions 12
    """
    with report_errors():
        from streamlstm.daemon.admin.topics import look  # noqa: PLC0415 - takes .2 s

        loaded = load_kafka(config, NO_TOPICS)
        planned, _ = look(loaded, partitions, replication_factor)
        first = planned[0]
        if first.found is None and partitions is None:
            raise click.UsageError(
                f"the input {first.need.name} does not exist: create it, or say how many "
                "partitions it is to have: --partitions N"
            )
        planned, created = look(loaded, partitions, replication_factor, create=True)
        for topic in created:
            settings = ", ".join(f"{name}={value}" for name, value in topic.settings.items())
            told = (
                f"created {topic.name}: {topic.partitions} partitions, {topic.replication} of each"
            )
            click.echo(f"{told}{', ' if settings else ''}{settings}")
        names = {topic.name for topic in created}
        for left in planned:
            if left.need.name not in names and not left.faults:
                click.echo(f"left as it is: {left.need.name}")
        refuse_faults(planned)


def refuse_faults(planned: "list[Planned]") -> None:
    """Raise what is wrong with topics, if anything is."""
    faults = [f"topic {topic.need.name}: {fault}" for topic in planned for fault in topic.faults]
    if faults:
        raise Fatal("\n".join(faults), "mend it: streamlstm topics plan CONFIG shows it all")


def show(planned: "list[Planned]", *, as_json: bool) -> None:
    """Show topics as a table, with what is wrong below it, or as JSON."""
    if as_json:
        say_json({"topics": [_plain(topic) for topic in planned]})
        return
    table = Table()
    for name in ("topic", "for", "partitions", "copies", "settings", "state"):
        table.add_column(name, overflow="fold")  # what is cut off cannot be copied
    for topic in planned:
        state = "missing" if not topic.found else "wrong" if topic.faults else "good"
        wanted, shown = topic.wanted, topic.found or topic.wanted
        settings = "\n".join(f"{name}={value}" for name, value in wanted.settings.items())
        colour = "green" if state == "good" else "red"
        table.add_row(
            wanted.name,
            topic.need.purpose,
            str(shown.partitions or "?"),
            str(shown.replication),
            settings,
            f"[{colour}]{state}[/]",
        )
    Console().print(table)
    for topic in planned:
        for told in (*topic.faults, *topic.notes):
            click.echo(f"{topic.need.name}: {told}")


def _plain(topic: "Planned") -> dict[str, Any]:
    return {
        "name": topic.need.name,
        "purpose": topic.need.purpose,
        "exists": topic.found is not None,
        "partitions": (topic.found or topic.wanted).partitions or None,
        "replication_factor": (topic.found or topic.wanted).replication,
        "settings": topic.wanted.settings,
        "faults": topic.faults,
        "notes": topic.notes,
    }
