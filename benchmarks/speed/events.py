"""Speed of predict and learn through river's interface, its parts, cold start, and memory."""

import math
import pickle
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import click
import numpy as np
from rich.console import Console
from rich.progress import Progress
from river import linear_model, preprocessing

from benchmarks.common.report import Report
from benchmarks.speed.process import FIRST_EVENT, IMPORT, cold_and_warm
from benchmarks.speed.split import measure, split
from streamlstm import Bank, LSTMRegressor, Settings, Shape

REFERENCE = "scaler | linear"
NAME = "hidden {}, every {}"
RATIO_MAX = 3.0
COLD_S_MAX, WARM_S_MAX = 6.0, 0.7
SPLIT_HIDDEN = 16

Event = tuple[dict[str, float], float]


def five_features(events: int, seed: int = 0) -> list[Event]:
    """Draw a stream of five features and a target that leans on two of them."""
    chance = np.random.default_rng(seed)
    made = []
    for t in range(events):
        x = dict(zip("abcde", chance.standard_normal(5).tolist(), strict=True))
        made.append((x, math.sin(t / 9.0) + x["a"] - 0.5 * x["b"]))
    return made


def contenders() -> dict[str, Callable[[], Any]]:
    """Name the models; the first is what the others are compared with."""
    found: dict[str, Callable[[], Any]] = {
        REFERENCE: lambda: preprocessing.StandardScaler() | linear_model.LinearRegression()
    }
    for hidden in (8, 16, 32, 64):
        for every in (4, 1):
            name = NAME.format(hidden, every)
            found[name] = lambda h=hidden, e=every: LSTMRegressor(hidden_size=h, update_every=e)
    return found


def microseconds(model: Any, events: list[Event]) -> float:
    """Time predict_one + learn_one per event."""
    start = time.perf_counter()
    for x, y in events:
        model.predict_one(x)
        model.learn_one(x, y)
    return (time.perf_counter() - start) / len(events) * 1e6


def interleave(events: list[Event], rounds: int, progress: Progress) -> dict[str, list[float]]:
    """Time all models in turn in each round, so that other load affects all equally."""
    models = {name: build() for name, build in contenders().items()}
    for model in progress.track(models.values(), description="warming up"):
        microseconds(model, events)
    found: dict[str, list[float]] = {name: [] for name in models}
    for _ in progress.track(range(rounds), description="rounds"):
        for name, model in models.items():
            found[name].append(microseconds(model, events))
    return found


def interface_table(found: dict[str, list[float]], report: Report) -> None:
    """Show medians, and the medians of the ratios within a round."""
    rows = []
    for name, times in found.items():
        ratio = median(a / b for a, b in zip(times, found[REFERENCE], strict=True))
        required = ""
        if name == NAME.format(16, 4):
            required = f"≤ {RATIO_MAX:.1f} {'✓' if ratio <= RATIO_MAX else 'MISSED'}"
        spread = f"{min(times):.1f} – {max(times):.1f}"
        rows.append([name, f"{median(times):.1f}", spread, f"{ratio:.2f}", required])
    columns = ("model", "µs", "fastest – slowest", "ratio", "required")
    note = (
        "scaler | linear: river's StandardScaler | LinearRegression. hidden, every: LSTMRegressor "
        "of that hidden_size and update_every, mixture and all."
    )
    report.table("predict_one + learn_one, five features", columns, rows, note)


def split_table(events: list[Event], rounds: int, whole: dict[int, float], report: Report) -> None:
    """Show the parts of the time of an event, updating every event and every fourth."""
    taken = measure(events, SPLIT_HIDDEN, rounds)
    splits = {every: split(taken, every) for every in whole}
    rows = [
        [name, *(f"{splits[every][name]:.2f}" for every in whole)]
        for name in splits[next(iter(whole))]
    ]
    sums = {every: sum(splits[every].values()) for every in whole}
    rows.append(
        ["the rest: Python around the calls", *(f"{whole[e] - sums[e]:.2f}" for e in whole)]
    )
    rows.append(["measured through river's interface", *(f"{whole[e]:.2f}" for e in whole)])
    columns = ("piece, µs", *(f"update_every {every}" for every in whole))
    note = (
        "Row and crossing are called alone, with no event. Forecast and learning are batches of "
        "2000 events in one call. Least squares is its kernel in a compiled loop. Scales, mixture, "
        "tape: learning without updates, less forecast and least squares. An update is what it "
        "adds to learning; the way back is the part that grows with the window (16 against 32)."
    )
    report.table(f"Where the time goes, hidden {SPLIT_HIDDEN}", columns, rows, note)


def process_tables(rounds: int, report: Report) -> None:
    """Show start times and memory of fresh processes."""
    cold, warm = cold_and_warm(rounds)
    limits = {FIRST_EVENT: (COLD_S_MAX, math.inf), IMPORT: (math.inf, WARM_S_MAX)}
    rows = []
    for name in [name for name in cold if not name.startswith("peak")]:
        limited = zip((cold[name], warm[name]), limits.get(name, ()), strict=False)
        said = [
            f"≤ {limit} {'✓' if value <= limit else 'MISSED'}"
            for value, limit in limited
            if limit < math.inf
        ]
        rows.append([name, f"{cold[name]:.2f}", f"{warm[name]:.2f}", "".join(said)])
    columns = ("a fresh process, s", "cold", "warm", "required")
    note = (
        "cold: nothing compiled yet; events are interpreted while the compiler works, for at most "
        "1 s. warm: the compiled kernels lie in their cache."
    )
    report.table("Start", columns, rows, note)
    rows = [[name[5:], f"{cold[name]:.0f}", f"{warm[name]:.0f}"] for name in cold if "peak" in name]
    report.table("Memory of a process", ("peak, MiB", "cold", "warm"), rows)


def size_table(events: list[Event], report: Report) -> None:
    """Show the memory of a model with five features."""
    rows = []
    for hidden in (8, 16, 32, 64):
        model = LSTMRegressor(hidden_size=hidden)
        bank = Bank(Shape(hidden=hidden), Settings())
        bank.open("a")
        bank.add_features(events[0][0])
        microseconds(model, events[:50])
        sizes = (bank.slot_bytes, len(bank.snapshot("a")), len(pickle.dumps(model)))
        rows.append([str(hidden), *(f"{size / 1024:.1f}" for size in sizes)])
    columns = ("hidden", "a slot, KiB", "its snapshot", "a pickled LSTMRegressor")
    report.table("Size of a model of five features", columns, rows)


@click.command(epilog="Example: python -m benchmarks.speed.events --rounds 5 --events 500")
@click.option("--rounds", default=15, show_default=True, help="Rounds; medians are shown.")
@click.option("--events", default=1000, show_default=True, help="Events a model takes in a round.")
@click.option("--starts", default=3, show_default=True, help="Cold starts; 0 leaves them out.")
@click.option("--write", is_flag=True, help="Write the tables to benchmarks/RESULTS.md.")
def main(rounds: int, events: int, starts: int, write: bool) -> None:
    """Time LSTMRegressor against river's StandardScaler | LinearRegression, in one run."""
    console = Console()
    report = Report(console)
    report.say(
        f"Medians of {rounds} rounds of {events} events, models taking turns. On a machine that "
        "is shared, ratios mean more than microseconds."
    )
    stream = five_features(max(events, 2000))
    with Progress(console=console, transient=True) as progress:
        found = interleave(stream[:events], rounds, progress)
    interface_table(found, report)
    whole = {every: median(found[NAME.format(SPLIT_HIDDEN, every)]) for every in (4, 1)}
    with console.status("timing the pieces"):
        split_table(stream, rounds, whole, report)
    if starts:
        with console.status("starting fresh processes"):
            process_tables(starts, report)
    size_table(stream, report)
    if write:
        report.write("Speed")


if __name__ == "__main__":
    main()
