"""LSTMRegressor learns the water flow of a pipeline, hour by hour, in one pass.

The script prints the running error and that of persistence (repeat the last value). It draws the
series with the forecasts, both errors, and the weight of each expert.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from river import datasets

from streamlstm import LSTMRegressor

OUT = Path("out")
RECENT = 100  # events the drawn error is a mean of
BAR_WIDTH = 30
DPI = 130
GAP = timedelta(hours=2)
DARK, MUTED, ACCENT, GOOD = "#1f3044", "#6b7785", "#e4572e", "#2a9d6f"
EXPERTS = {  # from the bottom up, with their colours
    "lstm": ACCENT,
    "memory": "#f2a58e",
    "seasonal": "#e9c46a",
    "periodic": "#c9a227",
    "linear_features": "#5aa9a0",
    "linear_24": "#8fb8de",
    "linear_1": "#b9d3ea",
    "persistence": "#d5dae0",
}


@dataclass
class Run:
    """The results of one pass, one entry for each event."""

    times: list[datetime] = field(default_factory=list)
    flow: list[float] = field(default_factory=list)
    forecast: list[float] = field(default_factory=list)
    weights: list[dict[str, float]] = field(default_factory=list)

    def errors(self) -> list[float]:
        """Give the absolute errors, from the second event."""
        return [abs(f - y) for f, y in zip(self.forecast[1:], self.flow[1:], strict=True)]

    def persistence_errors(self) -> list[float]:
        """Give the absolute errors of persistence, from the second event."""
        return [abs(a - y) for a, y in zip(self.flow, self.flow[1:], strict=False)]


def learn(events: int | None, console: Console) -> Run:
    """Forecast each event, then learn it."""
    model, run = LSTMRegressor(), Run()
    total, plain = 0.0, 0.0
    stream = list(datasets.WaterFlow())[:events]
    with Progress(
        TextColumn("learning"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("mean error {task.fields[ours]:.3f} l/s, persistence {task.fields[plain]:.3f}"),
        console=console,
    ) as progress:
        task = progress.add_task("", total=len(stream), ours=0.0, plain=0.0)
        for n, (x, flow) in enumerate(stream):
            forecast = model.predict_one(x)
            if n:
                total += abs(forecast - flow)
                plain += abs(run.flow[-1] - flow)
                progress.update(task, ours=total / n, plain=plain / n)
            model.learn_one(x, flow)
            run.times.append(x["Time"])
            run.flow.append(flow)
            run.forecast.append(forecast)
            run.weights.append(model.expert_weights)
            progress.advance(task)
    return run


def mean(values: Sequence[float]) -> float:
    """Average the values."""
    return sum(values) / len(values)


def show(run: Run, console: Console) -> None:
    """Print both errors, and the experts' weights as bars."""
    ours, plain = mean(run.errors()), mean(run.persistence_errors())
    table = Table("one pass over WaterFlow", "mean absolute error", title_justify="left")
    table.add_row("LSTMRegressor", f"[bold]{ours:.3f} l/s")
    table.add_row("persistence", f"{plain:.3f} l/s")
    table.add_row("ratio", f"[bold {'green' if ours < plain else 'red'}]{ours / plain:.3f}")
    console.print(table)
    experts = Table("who counted at the end", "", "", box=None, padding=(0, 1))
    for name, weight in sorted(run.weights[-1].items(), key=lambda item: -item[1]):
        bar = "━" * round(weight * BAR_WIDTH)
        experts.add_row(name, f"{weight:4.0%}", f"[cyan]{bar}")
    console.print(experts)


def recent_ratio(run: Run) -> list[float]:
    """Divide our error by persistence's, each summed over the last ``RECENT`` hours."""
    ours, plain = run.errors(), run.persistence_errors()
    spans = [slice(max(0, n - RECENT), n) for n in range(1, len(ours) + 1)]
    return [sum(ours[span]) / (sum(plain[span]) or math.nan) for span in spans]


def with_gaps(times: list[datetime], values: list[float]) -> list[float]:
    """Put a NaN where hours are missing before an event, so that no line crosses the gap."""
    steps = [timedelta(0), *(b - a for a, b in itertools.pairwise(times))]
    return [math.nan if step > GAP else value for step, value in zip(steps, values, strict=True)]


def drops(run: Run, low: float) -> list[tuple[int, int]]:
    """Find the spans of at least two hours below ``low``: first and last event of each."""
    below = [n for n, flow in enumerate(run.flow) if flow < low]
    groups = itertools.groupby(enumerate(below), key=lambda pair: pair[1] - pair[0])
    spans = [[n for _, n in group] for _, group in groups]
    return [(span[0], span[-1]) for span in spans if len(span) > 1]


def ordinary_range(run: Run) -> tuple[float, float]:
    """Give the range that all but a few values lie in, with a margin."""
    ordered = sorted(run.flow)
    low, high = (ordered[int(len(ordered) * share)] for share in (0.06, 0.99))
    margin = 0.35 * (high - low) + 1e-9
    return low - margin, high + margin


def draw_series(axes: Any, run: Run) -> None:
    """Draw flow and forecasts over the ordinary range; values outside are written at the edge."""
    low, high = ordinary_range(run)
    axes.set_ylim(low, high)
    axes.plot(run.times, with_gaps(run.times, run.flow), color=DARK, linewidth=2.2)
    axes.plot(run.times[1:], with_gaps(run.times, run.forecast)[1:], color=ACCENT, linewidth=1.0)
    for start, end in drops(run, low):
        place = (run.times[end], low + 0.05 * (high - low))
        axes.annotate(f" ↓ {min(run.flow[start : end + 1]):.0f}", place, color=MUTED)
    axes.set_ylabel("litres per second")
    axes.set_title(
        "$\\bf{Water\\ flow}$ of a pipeline: measured, and forecast one hour ahead", loc="left"
    )


def draw_error(axes: Any, run: Run) -> None:
    """Draw our error divided by that of persistence, shaded where it is smaller."""
    ratio, later = recent_ratio(run), run.times[1:]
    better = [value < 1.0 for value in ratio]
    worse = [not value for value in better]
    axes.fill_between(later, ratio, 1.0, where=better, color=GOOD, alpha=0.35, interpolate=True)
    axes.fill_between(later, ratio, 1.0, where=worse, color=ACCENT, alpha=0.35, interpolate=True)
    axes.plot(later, ratio, color=DARK, linewidth=1.2)
    axes.axhline(1.0, color=MUTED, linewidth=1.0)
    axes.set_ylim(0.6, 1.4)
    axes.annotate("worse than persistence", (0.995, 0.9), xycoords="axes fraction", ha="right")
    axes.annotate("better", (0.995, 0.06), xycoords="axes fraction", ha="right", color=GOOD)
    total = mean(run.errors()) / mean(run.persistence_errors())
    axes.set_ylabel("error ÷ persistence")
    axes.set_title(
        f"$\\bf{{Error}}$ over the last {RECENT} hours, in parts of persistence "
        f"(the last value goes on); {total:.2f} over all",
        loc="left",
    )


def draw_weights(axes: Any, run: Run) -> None:
    """Draw the shares of the experts stacked, named at the right edge."""
    shares = [[weights[name] for weights in run.weights] for name in EXPERTS]
    axes.stackplot(run.times, shares, colors=EXPERTS.values(), edgecolor="white", linewidth=0.4)
    axes.set_ylim(0.0, 1.0)
    axes.yaxis.set_major_formatter("{x:.0%}")
    below, free = 0.0, 0.0
    for name, share in zip(EXPERTS, shares, strict=True):
        height = max(below + 0.5 * share[-1], free)
        place = (1.01, height)
        colour = ACCENT if name == "lstm" else MUTED
        axes.annotate(name, place, xycoords="axes fraction", va="center", color=colour)
        below, free = below + share[-1], height + 0.11
    axes.set_title("$\\bf{Weights}$: each expert's share of the forecast", loc="left")


def draw(run: Run, path: Path) -> None:
    """Draw series, errors and shares, one under the other."""
    import matplotlib  # noqa: PLC0415 - here, so that the rest runs without it

    matplotlib.use("Agg")
    from matplotlib import dates  # noqa: PLC0415
    from matplotlib import pyplot as plt  # noqa: PLC0415

    figure, panels = plt.subplots(
        3, 1, figsize=(11, 8.5), sharex=True, height_ratios=(3, 2, 2), layout="constrained"
    )
    for axes, draw_panel in zip(panels, (draw_series, draw_error, draw_weights), strict=True):
        draw_panel(axes, run)
        axes.spines[["top", "right"]].set_visible(False)
        axes.set_xlim(run.times[0], run.times[-1])
        for start, end in drops(run, ordinary_range(run)[0]):
            axes.axvspan(run.times[start], run.times[end], color=MUTED, alpha=0.25, linewidth=0)
    handles = [plt.Line2D([], [], color=c, linewidth=w) for c, w in ((DARK, 2.2), (ACCENT, 1.2))]
    panels[0].legend(handles, ("measured", "forecast"), loc="upper right", frameon=False, ncols=2)
    locator = dates.AutoDateLocator()
    panels[2].xaxis.set_major_locator(locator)
    panels[2].xaxis.set_major_formatter(dates.ConciseDateFormatter(locator))
    figure.savefig(path, dpi=DPI)
    plt.close(figure)


@click.command(epilog="Example: python examples/waterflow.py --events 300")
@click.option(
    "--events", type=click.IntRange(min=3), help="Stop after this many events; default: all."
)
@click.option("--out", type=click.Path(path_type=Path), default=OUT, show_default=True)
def main(events: int | None, out: Path) -> None:
    """Learn river's WaterFlow in one pass, and draw the result."""
    console = Console()
    run = learn(events, console)
    show(run, console)
    out.mkdir(parents=True, exist_ok=True)
    path = out / "waterflow.png"
    draw(run, path)
    console.print(f"picture: [bold]{path}")


if __name__ == "__main__":
    main()
