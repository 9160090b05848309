"""Accuracy of classification: one pass, defaults, beside river's classifiers in the same run."""

from collections.abc import Callable
from statistics import mean
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress
from river import base, dummy, forest, linear_model, naive_bayes, neighbors, preprocessing, tree

from benchmarks.common.labels import Stream, all_streams
from benchmarks.common.report import Report
from streamlstm import LSTMClassifier

COLUMNS = ("model", "accuracy", "lowest – highest", "required")
WITHOUT_LSTM = ("frequencies", "transitions", "logistic", "random_features")
OURS: dict[str, dict[str, Any]] = {
    "LSTMClassifier": {},
    "without its LSTM": {"experts": WITHOUT_LSTM},
    "its LSTM alone": {"experts": ("lstm",)},
}
NOTE = (
    "Our models are given the events as they are, with their defaults. Those of river are given "
    "them scaled, where that matters: its logistic regression, with softmax where there are more "
    "than two classes, and its nearest neighbours. No change: the last label goes on."
)


def peers(stream: Stream) -> dict[str, Callable[[], base.Classifier]]:
    """Name river's models."""
    binary = len({y for _, y in stream.events}) == 2
    linear = linear_model.LogisticRegression if binary else linear_model.SoftmaxRegression
    quick: dict[str, Callable[[], base.Classifier]] = {
        "no change": dummy.NoChangeClassifier,
        "scaler | linear": lambda: preprocessing.StandardScaler() | linear(),
        "naive Bayes": naive_bayes.GaussianNB,
        "Hoeffding tree": tree.HoeffdingTreeClassifier,
    }
    if stream.answers_only:  # the others take many minutes, and none of them has a memory
        return quick
    return quick | {
        "scaler | neighbours": lambda: (
            preprocessing.StandardScaler() | neighbors.KNNClassifier(n_neighbors=5)
        ),
        "ARF": lambda: forest.ARFClassifier(seed=1),
        "AMF": lambda: forest.AMFClassifier(seed=1),
    }


def row(name: str, scores: list[float], required: float | None = None) -> list[str]:
    """Write one line of a table; the required accuracy says whether it was reached."""
    spread = f"{min(scores):.4f} – {max(scores):.4f}" if len(scores) > 1 else ""
    said = ""
    if required is not None:
        said = f"≥ {required:.4f} {'✓' if mean(scores) >= required else 'MISSED'}"
    return [name, f"{mean(scores):.4f}", spread, said]


def compare(stream: Stream, seeds: int, others: bool, progress: Progress) -> list[list[str]]:
    """Run every model over one stream."""
    found = peers(stream) if others else {}
    task = progress.add_task(stream.name, total=len(OURS) * seeds + len(found))

    def score(model: base.Classifier) -> float:
        accuracy = stream.accuracy(model)
        progress.advance(task)
        return accuracy

    rows = []
    for name, parameters in OURS.items():
        scores = [score(LSTMClassifier(**parameters, seed=seed)) for seed in range(seeds)]
        rows.append(row(name, scores, None if parameters else stream.required))
    rows += [row(name, [score(build())]) for name, build in found.items()]
    progress.remove_task(task)
    return rows


@click.command(epilog="Example: python -m benchmarks.classes --seeds 2 --no-peers")
@click.option("--seeds", default=5, show_default=True, help="Seeds of our models, from 0.")
@click.option("--peers/--no-peers", "others", default=True, help="Run river's models as well.")
@click.option("--only", multiple=True, help="Name of a stream; all without it.")
@click.option("--write", is_flag=True, help="Write the tables to benchmarks/RESULTS.md.")
def main(seeds: int, others: bool, only: tuple[str, ...], write: bool) -> None:
    """Compare LSTMClassifier with river's classifiers, in one run."""
    console = Console()
    report = Report(console)
    report.say(
        "One pass, each label predicted before it is learnt, every event counts. "
        f"Our models have their defaults and {seeds} seeds: mean, lowest and highest."
    )
    with Progress(console=console, transient=True) as progress:
        for stream in all_streams(only):
            rows = compare(stream, seeds, others, progress)
            report.table(f"{stream.name}, {len(stream.events)} events", COLUMNS, rows)
    report.say(NOTE)
    if write:
        report.write("Classification")


if __name__ == "__main__":
    main()
