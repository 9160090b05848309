"""Recall of a cue after a lag by each cell: one pass, five seeds, to measure the gates.

A feature shows a cue, +1 or −1; some events later another asks for it, and the target is the cue.
All other targets are 0. Nothing but h and c can carry the cue that far.
"""

from collections.abc import Iterator
from pathlib import Path
from statistics import mean, stdev

import click
import numpy as np
from rich.console import Console
from rich.progress import Progress

from benchmarks.common.report import Report
from streamlstm import LSTMRegressor

LAGS = (10, 20, 50)
GATES = {
    "lstm": "input, forget, output",
    "gru": "reset, update",
    "lstm_1997": "input, output",
    "rnn": "none",
    "elstm": "forget, output",
}
COLOURS = {
    "lstm": "#0b6e99",
    "gru": "#d9730d",
    "lstm_1997": "#6940a5",
    "rnn": "#888888",
    "elstm": "#0f7b6c",
}
PICTURE = Path(__file__).with_name("memory.svg")
NOTE = (
    "Mean share of signs recalled in the second half of the pass ± standard deviation over the "
    "seeds; 0.50 is chance. LSTMRegressor with mixture and autoregressive off, "
    "the window one longer than the lag, all else as it is by default; elstm learns by real-"
    "time recurrent learning, without a window. Streams of a seed are the same for every cell. "
    "The gates that keep (forget, update) begin with spans of four events up to the window. "
    "When all began with the same, the LSTM had 0.98, 0.97 and 0.71. Where the last target is "
    "an input they still do: such spans took 1 to 4 % from the forecasts there."
)

Event = tuple[dict[str, float], float]
Recalls = dict[tuple[str, int], list[float]]


def cues(lag: int, trials: int, seed: int) -> Iterator[Event]:
    """Show a cue and ask for it ``lag`` events later, one trial after another."""
    for cue in np.random.default_rng(seed).choice((-1.0, 1.0), trials).tolist():
        yield {"cue": cue, "ask": 0.0}, 0.0
        for _ in range(lag - 1):
            yield {"cue": 0.0, "ask": 0.0}, 0.0
        yield {"cue": 0.0, "ask": 1.0}, cue


def recall(cell: str, lag: int, trials: int, seed: int) -> float:
    """Return the share of cues whose sign is forecast, in the second half of one pass."""
    model = LSTMRegressor(cell=cell, window=lag + 1, mixture=False, autoregressive=False, seed=seed)
    hits = []
    for x, y in cues(lag, trials, seed):
        if x["ask"]:
            hits.append(model.predict_one(x) * y > 0.0)
        model.learn_one(x, y)
    return mean(hits[len(hits) // 2 :])


def said(found: list[float]) -> str:
    """Write mean and spread."""
    spread = f" ± {stdev(found):.2f}" if len(found) > 1 else ""
    return f"{mean(found):.2f}{spread}"


def draw(found: Recalls, path: Path) -> None:
    """Draw recall against lag: the mean of each cell, and every seed as a dot."""
    import matplotlib  # noqa: PLC0415 - here, so that the table needs none

    matplotlib.use("Agg")
    matplotlib.rcParams |= {"svg.hashsalt": "memory", "svg.fonttype": "none"}
    from matplotlib import pyplot as plt  # noqa: PLC0415

    figure, axes = plt.subplots(figsize=(7.5, 4.5), layout="constrained")
    lags = sorted({lag for _, lag in found})
    for place, (cell, colour) in enumerate(COLOURS.items()):
        aside = [lag + 0.5 * (place - (len(COLOURS) - 1) / 2) for lag in lags]
        means = [mean(found[cell, lag]) for lag in lags]
        axes.plot(aside, means, "o-", color=colour, label=f"{cell}: {GATES[cell]}")
        for at, lag in zip(aside, lags, strict=True):
            seeds = found[cell, lag]
            axes.scatter([at] * len(seeds), seeds, color=colour, alpha=0.35, s=14, linewidths=0)
    axes.axhline(0.5, color="#bbbbbb", linestyle=":", linewidth=1)
    axes.annotate("chance", (lags[-1], 0.5), ha="right", va="bottom", color="#888888")
    axes.set(xlabel="events between cue and question", ylabel="signs recalled", xticks=lags)
    axes.set_title("Recall of a cue, by cell and its gates", loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


@click.command(epilog="Example: python -m benchmarks.memory --seeds 2 --trials 500")
@click.option("--seeds", default=5, show_default=True, help="Seeds of model and stream, from 0.")
@click.option("--trials", default=2000, show_default=True, help="Cues in a stream.")
@click.option("--picture", type=click.Path(path_type=Path), help="Where to draw recall by lag.")
@click.option("--write", is_flag=True, help="Write the table to benchmarks/RESULTS.md, and draw.")
def main(seeds: int, trials: int, picture: Path | None, write: bool) -> None:
    """Compare the cells by how far back they recall, through river's interface."""
    console = Console()
    report = Report(console)
    found: Recalls = {}
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("recalling", total=len(GATES) * seeds * sum(LAGS))
        for lag in LAGS:
            for cell in GATES:
                found[cell, lag] = []
                for seed in range(seeds):
                    found[cell, lag].append(recall(cell, lag, trials, seed))
                    progress.advance(task, lag)
    columns = ("cell and its gates", *(f"lag {lag}" for lag in LAGS))
    rows = [
        [f"{cell}: {gates}", *(said(found[cell, lag]) for lag in LAGS)]
        for cell, gates in GATES.items()
    ]
    report.table(f"Recall of a cue, {trials} cues, {seeds} seeds", columns, rows)
    report.say(NOTE)
    if write:
        picture = picture or PICTURE
        report.say(f"![Recall against lag]({picture.name})")
    if picture:
        draw(found, picture)
    if write:
        report.write("Memory")


if __name__ == "__main__":
    main()
