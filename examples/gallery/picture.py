"""Shared by the scripts of the gallery: colours, a command, and small pictures."""

import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import fmean as mean
from typing import Protocol, TypeVar

import click
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

OUT = Path("out/gallery")
DPI = 90
PALETTE = 96  # colours of a picture
DARK, MUTED, ACCENT, GOOD = "#1f3044", "#6b7785", "#e4572e", "#2a9d6f"
BLUE, SAND = "#5b8fc7", "#e9c46a"


class Run(Protocol):
    """The results of a script."""

    def line(self) -> str:
        """Return the result and the comparison in one line."""


AnyRun = TypeVar("AnyRun", bound=Run)


def title(axes: Axes, head: str, rest: str) -> None:
    """Set the title of a panel: its subject in bold, then its contents."""
    bold = head.replace(" ", "\\ ")
    axes.set_title(f"$\\bf{{{bold}}}$  {rest}", loc="left", fontsize=10.5, color=DARK)


def plain(axes: Axes) -> None:
    """Remove the top and right frame."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(colors=MUTED)


def running(axes: Axes, curves: Mapping[str, Sequence[float]], colours: Mapping, last: int) -> None:
    """Draw the mean of the last values of each, named and coloured."""
    for name, values in curves.items():
        ends = range(last // 8, len(values) + 1, max(1, len(values) // 600))
        means = [mean(values[max(0, end - last) : end]) for end in ends]
        axes.plot(ends, means, color=colours[name], linewidth=1.9, label=name)


def save(figure: Figure, path: Path) -> None:
    """Write a PNG of few colours."""
    drawn = io.BytesIO()
    figure.savefig(drawn, dpi=DPI)
    picture = Image.open(drawn).convert("RGB")
    path.parent.mkdir(parents=True, exist_ok=True)
    few = picture.quantize(PALETTE, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


def command(
    name: str, learn: Callable[[], AnyRun], draw: Callable[[AnyRun], Figure]
) -> click.Command:
    """Make the command of a script: learn, print the result in one line, draw it."""

    @click.command(name, help=learn.__doc__)
    @click.option("--out", type=click.Path(path_type=Path), default=OUT, show_default=True)
    def main(out: Path) -> None:
        run = learn()
        click.echo(f"{name}: {run.line()}")
        save(draw(run), out / f"{name}.png")

    return main
