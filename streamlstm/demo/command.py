"""The command that runs the demo."""

from pathlib import Path

import click
from rich.console import Console

from streamlstm.daemon.cli.common import exit_on_error
from streamlstm.demo.run import run_demo


@click.command()
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("out/demo"),
    show_default=True,
    help="Folder for the page and the alerts. Files of an earlier demo are deleted.",
)
@click.option("--open/--no-open", "open_page", help="Open the page in a browser.")
def demo(out: Path, open_page: bool) -> None:
    """Process two months of real water flow and write a page with the alerts.

    Example: streamlstm demo --open
    """
    with exit_on_error():
        run_demo(out, Console(), open_page=open_page)
