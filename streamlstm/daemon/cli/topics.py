"""Commands for the Kafka topics of a configuration."""

from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table

from connectors import Fatal
from streamlstm.daemon.cli.common import CONFIG, JSON, exit_on_error, load_kafka, print_json
from streamlstm.daemon.exit_codes import Exit

if TYPE_CHECKING:
    from streamlstm.daemon.admin.topics import Planned

NO_TOPICS = "it needs no topics"


@click.group()
def topics() -> None:
    """Plan and create the Kafka topics that a configuration needs.

    Example: streamlstm topics plan configs/kafka.yaml
    """


@topics.command()
@CONFIG
@JSON
def plan(config: str, *, as_json: bool) -> None:
    """Show the required topics, their settings, and any differences. Nothing is changed.

    Exits with 0 if all topics are as required, and with 3 if one is missing or differs.

    Example: streamlstm topics plan configs/kafka.yaml
    """
    with exit_on_error():
        from streamlstm.daemon.admin.topics import look  # noqa: PLC0415 - takes .2 s

        planned, _ = look(load_kafka(config, NO_TOPICS))
        show(planned, as_json=as_json)
        if any(topic.faults for topic in planned):
            raise SystemExit(Exit.FATAL)


@topics.command()
@CONFIG
@click.option(
    "--partitions",
    type=click.IntRange(1),
    help="Partitions of the input topic, if it does not exist.",
)
@click.option(
    "--replication-factor",
    type=click.IntRange(1),
    help="Replicas of each topic. [default: 3, or the number of brokers]",
)
def create(config: str, partitions: int | None, replication_factor: int | None) -> None:
    """Create the missing topics. Existing topics are not changed.

    Exits with 3 if an existing topic differs from what is required.

    Example: streamlstm topics create configs/kafka.yaml --partitions 12
    """
    with exit_on_error():
        from streamlstm.daemon.admin.topics import look  # noqa: PLC0415 - takes .2 s

        loaded = load_kafka(config, NO_TOPICS)
        planned, _ = look(loaded, partitions, replication_factor)
        first = planned[0]
        if first.found is None and partitions is None:
            raise click.UsageError(
                f"the input {first.need.name} does not exist: create it, or give its number of "
                "partitions: --partitions N"
            )
        planned, created = look(loaded, partitions, replication_factor, create=True)
        for topic in created:
            settings = ", ".join(f"{name}={value}" for name, value in topic.settings.items())
            text = (
                f"created {topic.name}: {topic.partitions} partitions, {topic.replication} replicas"
            )
            click.echo(f"{text}{', ' if settings else ''}{settings}")
        names = {topic.name for topic in created}
        for left in planned:
            if left.need.name not in names and not left.faults:
                click.echo(f"unchanged: {left.need.name}")
        refuse_faults(planned)


def refuse_faults(planned: "list[Planned]") -> None:
    """Raise an error that lists the faults of topics, if there are any."""
    faults = [f"topic {topic.need.name}: {fault}" for topic in planned for fault in topic.faults]
    if faults:
        raise Fatal(
            "\n".join(faults),
            "correct the topics: streamlstm topics plan CONFIG lists all differences",
        )


def show(planned: "list[Planned]", *, as_json: bool) -> None:
    """Print topics as a table with their faults below it, or as JSON."""
    if as_json:
        print_json({"topics": [_plain(topic) for topic in planned]})
        return
    table = Table()
    for name in ("topic", "for", "partitions", "replicas", "settings", "state"):
        table.add_column(name, overflow="fold")  # a truncated name cannot be copied
    for topic in planned:
        state = "missing" if not topic.found else "differs" if topic.faults else "ok"
        wanted, shown = topic.wanted, topic.found or topic.wanted
        settings = "\n".join(f"{name}={value}" for name, value in wanted.settings.items())
        colour = "green" if state == "ok" else "red"
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
        for text in (*topic.faults, *topic.notes):
            click.echo(f"{topic.need.name}: {text}")


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
