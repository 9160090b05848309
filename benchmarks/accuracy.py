"""Accuracy of one pass: forecast each event, then learn it. Defaults, no tuning, five seeds."""

import math
from collections.abc import Callable
from pathlib import Path
from statistics import mean

import click
from rich.console import Console
from rich.progress import Progress

from benchmarks.common.peers import Forecaster, Persistence, one_pass, peers
from benchmarks.common.report import Report, number
from benchmarks.common.series import Series, all_series
from streamlstm import LSTMRegressor
from streamlstm.kernels import layout as at

COLUMNS = ("model", "score", "lowest – highest", "ratio", "required")
DIVERGED = 100.0
NOTE = (
    "ratio: to persistence. LSTM alone: mixture=False. Without its LSTM: the network and the "
    "readout of its memory have no weight. SNARIMAX to HoltWinters are river's. "
    "linear, ARF and AMF (LinearRegression and two forests) are given inputs and target scaled, "
    "the hour, weekday and month of a time, and the last 1 or 12 targets: the better of both is "
    "shown. Our models are given the events as they are. The bar of the sines was met on another "
    "series of their kind, whose persistence had 0.475. What is missed here is missed after each "
    "switch; the noise alone is 0.126."
)


def without_lstm(seed: int) -> LSTMRegressor:
    """Build a model whose network and memory never count in the forecast."""
    model = LSTMRegressor(seed=seed)
    losses = model._stream.bank.views("model")["targets"][:, at.T_LOSSES :]
    losses[:, [at.EXPERTS.index(name) for name in ("lstm", "memory")]] = math.inf
    return model


OURS: dict[str, Callable[[int], LSTMRegressor]] = {
    "LSTMRegressor": lambda seed: LSTMRegressor(seed=seed),
    "without its LSTM": without_lstm,
    "its LSTM alone": lambda seed: LSTMRegressor(mixture=False, seed=seed),
}


def row(name: str, scores: list[float], bar: float, ratio_max: float | None = None) -> list[str]:
    """Write one line of a table; the required ratio says whether it was kept."""
    score = mean(scores)
    if not score < DIVERGED * bar:
        return [name, "diverges", "", "", ""]
    spread = f"{number(min(scores))} – {number(max(scores))}" if len(scores) > 1 else ""
    required = ""
    if ratio_max is not None:
        required = f"≤ {ratio_max:.3f} {'✓' if score <= ratio_max * bar else 'MISSED'}"
    return [name, number(score), spread, f"{score / bar:.3f}", required]


def compare(series: Series, seeds: int, progress: Progress) -> list[list[str]]:
    """Run every model over one series; persistence comes first."""
    others = peers(series)
    task = progress.add_task(
        series.name, total=1 + len(OURS) * seeds + sum(map(len, others.values()))
    )

    def score(model: Forecaster) -> float:
        found = series.score(one_pass(model, series.events))
        progress.advance(task)
        return found

    bar = score(Persistence())
    rows = [row("persistence", [bar], bar)]
    for name, build_ours in OURS.items():
        scores = [score(build_ours(seed)) for seed in range(seeds)]
        whole = name == "LSTMRegressor"
        rows.append(row(name, scores, bar, series.ratio_max if whole else None))
    for name, variants in others.items():
        rows.append(row(name, [min(score(build()) for build in variants)], bar))
    progress.remove_task(task)
    return rows


@click.command(epilog="Example: python -m benchmarks.accuracy --seeds 2 --nab path/to/NAB")
@click.option("--seeds", default=5, show_default=True, help="Seeds of our models, from 0.")
@click.option(
    "--nab",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of the Numenta Anomaly Benchmark; adds the taxi passengers of New York.",
)
@click.option("--write", is_flag=True, help="Write the tables to benchmarks/RESULTS.md.")
def main(seeds: int, nab: Path | None, write: bool) -> None:
    """Compare LSTMRegressor with persistence and with river's models, in one run."""
    console = Console()
    report = Report(console)
    report.say(
        "One pass, each event forecast before it is learnt; the first forecast does not count. "
        f"Our models have their defaults and {seeds} seeds: mean, lowest and highest."
    )
    with Progress(console=console, transient=True) as progress:
        for load in all_series(nab):
            series = load()
            rows = compare(series, seeds, progress)
            title = f"{series.name}, {len(series.events)} events: {series.metric}"
            report.table(title, COLUMNS, rows)
    report.say(NOTE)
    if write:
        report.write("Accuracy")


if __name__ == "__main__":
    main()
