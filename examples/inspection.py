"""Inspect an LSTM, a GRU and a plain RNN that learn to remember: gates, memory, reach.

A feature shows a cue, +1 or −1; ``lag`` events later another asks for it, and the target is the
cue. Every model learns the same stream, one event at a time. Then each is inspected just before a
question: the contents of its memory, and how much of the gradient reaches back to the cue.
"""

import random
from collections.abc import Iterator
from pathlib import Path

import click
from rich.console import Console
from rich.progress import track
from rich.table import Table

from streamlstm import LSTMRegressor
from streamlstm.inspection import gates, plot_gates, plot_memory, reach

OUT = Path("out")
CELLS = {"LSTM": "lstm", "GRU": "gru", "RNN": "rnn"}
DPI = 110
MUTED = "#6b7785"
RECENT = 100  # questions over which recall is measured

Event = tuple[dict[str, float], float]
Models = dict[str, LSTMRegressor]


def cues(lag: int, trials: int, seed: int = 0) -> Iterator[Event]:
    """Show a cue and ask for it ``lag`` events later, one trial after another."""
    chance = random.Random(seed)
    for _ in range(trials):
        cue = chance.choice((-1.0, 1.0))
        yield {"cue": cue, "ask": 0.0}, 0.0
        for _ in range(lag - 1):
            yield {"cue": 0.0, "ask": 0.0}, 0.0
        yield {"cue": 0.0, "ask": 1.0}, cue


def learn(lag: int, trials: int, console: Console) -> tuple[Models, dict[str, float]]:
    """Learn all but the last question; return the models and their recent recall."""
    models = {
        name: LSTMRegressor(
            hidden_size=8, window=lag + 1, mixture=False, autoregressive=False, cell=cell
        )
        for name, cell in CELLS.items()
    }
    hits: dict[str, list[bool]] = {name: [] for name in models}
    stream = list(cues(lag, trials))[:-1]
    for x, y in track(stream, "learning", console=console, transient=True):
        for name, model in models.items():
            if x["ask"]:
                hits[name].append(model.predict_one(x) * y > 0.0)
            model.learn_one(x, y)
    recalled = {name: sum(seen[-RECENT:]) / len(seen[-RECENT:]) for name, seen in hits.items()}
    return models, recalled


def show(models: Models, recalled: dict[str, float], lag: int, console: Console) -> None:
    """Print the recall of each model and the gradient at the cue."""
    table = Table("", "cues recalled", "gradient at the cue", "slowest gate keeps")
    for name, model in models.items():
        keeping = {"lstm": "forget", "gru": "update"}.get(model.cell)
        kept = f"{gates(model)[keeping].mean(axis=0).max():.2f}" if keeping else "no gate"
        table.add_row(name, f"{recalled[name]:.0%}", f"{reach(model)[lag - 1]:.1e}", kept)
    console.print(table)


def draw(models: Models, lag: int, path: Path) -> None:
    """Draw the reach of each memory and the states of the LSTM and the RNN."""
    import matplotlib  # noqa: PLC0415 - the table needs no matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    layout = [["reach", "forget"], ["reach", "cell"], ["reach", "hidden"]]
    figure, panels = plt.subplot_mosaic(layout, figsize=(12, 5.2), layout="constrained")
    plot_memory(models, axes=panels["reach"])
    panels["reach"].axvline(lag - 1, color=MUTED, linestyle=":", linewidth=1)
    place, height = (lag - 1, 0.02), panels["reach"].get_xaxis_transform()
    panels["reach"].annotate("the cue ", place, xycoords=height, ha="right", color=MUTED)
    plot_gates(models["LSTM"], ["forget", "cell"], axes=[panels["forget"], panels["cell"]])
    plot_gates(models["RNN"], ["hidden"], axes=[panels["hidden"]])
    panels["forget"].set_title("LSTM: forget gate, 1 keeps", loc="left", fontweight="bold")
    panels["cell"].set_title("LSTM: cell", loc="left", fontweight="bold")
    panels["cell"].set_xlabel("")
    panels["hidden"].set_title("RNN: hidden state", loc="left", fontweight="bold")
    figure.savefig(path, dpi=DPI)
    plt.close(figure)


@click.command(epilog="Example: python examples/inspection.py --lag 10 --trials 300")
@click.option("--lag", type=click.IntRange(min=1), default=20, show_default=True)
@click.option("--trials", type=click.IntRange(min=2), default=1000, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), default=OUT, show_default=True)
def main(lag: int, trials: int, out: Path) -> None:
    """Let three cells learn to remember a cue, and inspect them."""
    console = Console()
    models, recalled = learn(lag, trials, console)
    show(models, recalled, lag, console)
    out.mkdir(parents=True, exist_ok=True)
    path = out / "inspection.png"
    draw(models, lag, path)
    console.print(f"picture: [bold]{path}")


if __name__ == "__main__":
    main()
