"""Prediction intervals and several steps ahead: coverage, width, error and cost. One pass."""

import time
from collections.abc import Callable, Iterator
from statistics import mean, median
from typing import Any

import click
import numpy as np
from rich.console import Console
from river import conf, time_series

from benchmarks.common.report import Report, number
from benchmarks.common.series import Event, Series, all_series
from streamlstm import LSTMForecaster, LSTMRegressor

LEVELS = (0.8, 0.95, 0.99)
POINTS_MAX = 2.0
STEPS, YEARS = 12, 24  # how far ahead, and the events before the first forecast counts
ROUNDS, EVENTS = 15, 1000
WIDTHS = ("width 80 %", "95 %", "99 %")
COVERED = ("covered 80 %", "95 %", "99 %")
AHEAD = (
    "What several steps ahead can promise: a surprise that lasts is missed by a forecast of twelve "
    "steps up to twelve times before the first miss is known. WaterFlow stops three times, for 51 "
    "of its 1268 events, and those are all that the 99 % of twelve steps missed. The errors of "
    "neighbouring months hang together, so of 144 passengers a few points say nothing."
)


def drifting(events: int, seed: int = 0) -> list[Event]:
    """Half-way through, the level jumps by 50 and the noise becomes three times as large."""
    chance = np.random.default_rng(seed)
    late = np.arange(events) >= events // 2
    wave = 2.0 * np.sin(2.0 * np.pi * np.arange(events) / 24.0)
    values = 10.0 + 50.0 * late + wave + (1.0 + 2.0 * late) * chance.standard_normal(events)
    return [({}, y) for y in values.tolist()]


def ours(events: list[Event]) -> Iterator[list[conf.Interval]]:
    """Give the interval of each level before each event."""
    model = LSTMRegressor()
    for x, y in events:
        yield [model.predict_one(x, with_interval=True, level=level) for level in LEVELS]
        model.learn_one(x, y)


def jackknife(events: list[Event], window: int | None) -> Iterator[list[conf.Interval]]:
    """Give what river's RegressionJackknife makes of the same model."""
    plain = LSTMRegressor(interval_levels=None)
    models = [conf.RegressionJackknife(plain.clone(), level, window) for level in LEVELS]
    for x, y in events:
        yield [model.predict_one(x, with_interval=True) for model in models]
        for model in models:
            model.learn_one(x, y)


def shares(held: np.ndarray) -> list[str]:
    """Write the share covered at each level, in per cent."""
    return [f"{100.0 * share:.1f}" for share in held.mean(axis=0)]


def furthest(held: np.ndarray) -> float:
    """Return how many points the worst level is from what it promises."""
    return float(np.abs(100.0 * (held.mean(axis=0) - LEVELS)).max())


def kept(held: np.ndarray) -> str:
    """Say whether every level is within the points that are required."""
    return f"≤ {POINTS_MAX:.0f} points {'✓' if furthest(held) <= POINTS_MAX else 'MISSED'}"


def one_step(series: Series, report: Report) -> None:
    """Compare the intervals of one series, from the third event on: before, none has an error."""
    rows = []
    models: dict[str, Callable[[], Iterator[list[conf.Interval]]]] = {
        "LSTMRegressor": lambda: ours(series.events),
        "Jackknife": lambda: jackknife(series.events, None),
        "Jackknife, 256": lambda: jackknife(series.events, 256),
    }
    for name, intervals in models.items():
        pairs = list(zip(intervals(), series.events, strict=True))[2:]
        held = np.array([[y in interval for interval in row] for row, (_, y) in pairs])
        widths = [mean(row[k].width for row, _ in pairs) for k in range(len(LEVELS))]
        required = kept(held) if name == "LSTMRegressor" else ""
        rows.append([name, *shares(held), *map(number, widths), required])
        if series.name.startswith("drift"):
            middle = len(held) // 2
            rows.append(["… the 300 after it", *shares(held[middle : middle + 300])])
            rows[-1] += [""] * 4
    counted = len(series.events) - 2
    errors = (f"{100.0 * (lv * (1.0 - lv) / counted) ** 0.5:.1f}" for lv in LEVELS)
    note = f"Standard error by chance alone, of {counted} events: {' / '.join(errors)} points."
    title = f"{series.name}, {len(series.events)} events: intervals one step ahead"
    report.table(title, ("model", *COVERED, *WIDTHS, "required"), rows, note)


def steps_ahead(series: Series, report: Report) -> None:
    """Show the coverage of each step, asked at every event."""
    model, held = LSTMForecaster(interval_horizon=STEPS), []
    events = series.events
    for n, (x, y) in enumerate(events):
        if STEPS + 2 <= n <= len(events) - STEPS:
            coming = events[n : n + STEPS]
            xs = [x for x, _ in coming]
            given = [model.forecast_intervals(STEPS, xs, level) for level in LEVELS]
            held.append([[y in g[h] for g in given] for h, (_, y) in enumerate(coming)])
        model.learn_one(y, x)
    found = np.array(held, float)
    rows = [[f"+{h + 1}", *shares(found[:, h]), kept(found[:, h])] for h in (0, 2, 5, 8, 11)]
    report.table(
        f"{series.name}: intervals several steps ahead", ("step", *COVERED, "required"), rows
    )


def error_ahead(model: Any, values: list[float]) -> list[float]:
    """Return the mean absolute error of each step, asked at every event from the third year on."""
    missed = []
    for n, y in enumerate(values):
        if YEARS <= n <= len(values) - STEPS:
            made = model.forecast(STEPS)
            missed.append([abs(m - v) for m, v in zip(made, values[n : n + STEPS], strict=True)])
        model.learn_one(y)
    return np.mean(missed, axis=0).tolist()


def forecasters(series: Series, report: Report) -> None:
    """Compare errors twelve steps ahead; river's two are given the period, ours is not."""
    values = [y for _, y in series.events]
    models = {
        "last value": time_series.HoltWinters(alpha=1.0),
        "LSTMForecaster": LSTMForecaster(),
        "its LSTM alone": LSTMForecaster(mixture=False),
        "HoltWinters, period 12 given": time_series.HoltWinters(
            alpha=0.3, beta=0.1, gamma=0.6, seasonality=12, multiplicative=True
        ),
        "SNARIMAX(12,1,12), period 12 given": time_series.SNARIMAX(p=12, d=1, q=12, m=12, sd=1),
    }
    rows = []
    for name, model in models.items():
        errors = error_ahead(model, values)
        rows.append([name, *(number(errors[h]) for h in (0, 5, 11)), number(mean(errors))])
    columns = ("model", "+1", "+6", "+12", "mean of 12")
    note = (
        "Each step is compared with the event it was made for, from the third year on; "
        "river's evaluate compares it with the event after, so its figures are higher for all."
    )
    report.table(f"{series.name}: MAE, {STEPS} steps ahead", columns, rows, note)


def cost(report: Report) -> None:
    """Time learn_one with and without intervals, models taking turns."""
    x = {name: float(n) for n, name in enumerate("abcde")}
    learners: dict[str, Callable[[float], None]] = {}
    for levels in (None, LEVELS):
        model = LSTMRegressor(interval_levels=levels)
        name = "LSTMRegressor, " + ("no levels" if levels is None else "three levels")
        learners[name] = lambda y, model=model: model.learn_one(x, y)
    for steps in (0, 1, STEPS):
        ahead = LSTMForecaster(interval_horizon=steps)
        name = f"LSTMForecaster, interval_horizon={steps}"
        learners[name] = lambda y, ahead=ahead: ahead.learn_one(y, x)
    taken: dict[str, list[float]] = {name: [] for name in learners}
    for _ in range(ROUNDS + 1):
        for name, learn in learners.items():
            start = time.process_time()
            for n in range(EVENTS):
                learn(float(n % 7))
            taken[name].append((time.process_time() - start) / EVENTS * 1e6)
    rows = [
        [name, f"{median(t[1:]):.2f}", f"{min(t[1:]):.2f} – {max(t[1:]):.2f}"]
        for name, t in taken.items()
    ]
    report.table("learn_one, five features", ("model", "CPU µs", "fastest – slowest"), rows)


@click.command(epilog="Example: python -m benchmarks.intervals --write")
@click.option("--write", is_flag=True, help="Write the tables to benchmarks/RESULTS.md.")
def main(write: bool) -> None:
    """Measure what intervals cover, how wide they are, and what looking ahead is worth."""
    report = Report(Console())
    report.say(
        "One pass, seed 0, each interval asked for before its event is learnt. Jackknife is "
        "river's conformal wrapper RegressionJackknife around the same model, over its whole past "
        "or the last 256 events."
    )
    known = [load() for load in all_series(None)]
    drift = Series("drift at half-way", drifting(3000))
    for series in (*known, drift):
        one_step(series, report)
    for series in (*known[:3], drift):
        steps_ahead(series, report)
    report.say(AHEAD)
    forecasters(known[2], report)
    cost(report)
    if write:
        report.write("Intervals")


if __name__ == "__main__":
    main()
