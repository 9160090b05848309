"""LSTMForecaster and river's Holt-Winters forecast twelve months ahead, with intervals."""

from collections import defaultdict
from dataclasses import dataclass, field
from statistics import mean

from matplotlib.figure import Figure
from picture import ACCENT, BLUE, DARK, MUTED, SAND, command, plain, title
from river import datasets, time_series

from streamlstm import LSTMForecaster

YEAR = 12
FIRST = 3 * YEAR  # nobody is judged before
OURS, ALONE = "LSTMForecaster", "its LSTM alone"
TOLD, LAST_YEAR = "Holt-Winters given the season", "same month of last year"
COLOURS = {OURS: ACCENT, TOLD: BLUE, LAST_YEAR: MUTED, ALONE: SAND}
LEVELS = {0.95: 0.16, 0.8: 0.28}  # how dark each is drawn


@dataclass
class Run:
    """The results of one pass."""

    passengers: list[float]
    errors: dict[str, list[list[float]]] = field(default_factory=lambda: defaultdict(list))
    fans: dict[int, dict[float, list]] = field(default_factory=dict)  # from each January
    forecasts: dict[int, list[float]] = field(default_factory=dict)
    held: list[bool] = field(default_factory=list)

    def error(self, name: str) -> float:
        """Average over all months and all steps ahead."""
        return mean(map(mean, self.errors[name]))

    def line(self) -> str:
        """Return the result and the comparison in one line."""
        found = ", ".join(f"{name} {self.error(name):.1f}" for name in COLOURS)
        return (
            f"mean error of 12 months ahead: {found} thousand passengers; "
            f"intervals of 95 % held {mean(self.held):.0%}"
        )


def learn() -> Run:
    """Forecast the next twelve months of air travel after every month."""
    told = time_series.HoltWinters(
        alpha=0.3, beta=0.1, gamma=0.6, seasonality=YEAR, multiplicative=True
    )
    models = {OURS: LSTMForecaster(interval_horizon=YEAR), TOLD: told}
    models[ALONE] = LSTMForecaster(mixture=False)
    run = Run([passengers for _, passengers in datasets.AirlinePassengers()])
    for n, passengers in enumerate(run.passengers):
        ahead = run.passengers[n : n + YEAR]
        if n >= FIRST and len(ahead) == YEAR:
            said = {name: model.forecast(horizon=YEAR) for name, model in models.items()}
            said[LAST_YEAR] = run.passengers[n - YEAR : n]
            for name, forecast in said.items():
                run.errors[name].append([abs(f - y) for f, y in zip(forecast, ahead, strict=True)])
            fan = {p: models[OURS].forecast_intervals(YEAR, level=p) for p in LEVELS}
            run.held += [y in interval for y, interval in zip(ahead, fan[0.95], strict=True)]
            if n % YEAR == 0:
                run.fans[n], run.forecasts[n] = fan, said[OURS]
        for model in models.values():
            model.learn_one(passengers)
    return run


def draw(run: Run) -> Figure:
    """Draw the forecasts of each January, and the error of each step."""
    figure = Figure(figsize=(11, 4.6), layout="constrained")
    series, steps = figure.subplots(1, 2, width_ratios=(2.4, 1))
    years = [1949 + n / YEAR for n in range(len(run.passengers))]
    series.plot(years[FIRST - YEAR :], run.passengers[FIRST - YEAR :], color=DARK, linewidth=1.6)
    for n, fan in run.fans.items():
        span = years[n : n + YEAR]
        for level, darkness in LEVELS.items():
            low, high = [i.lower for i in fan[level]], [i.upper for i in fan[level]]
            series.fill_between(span, low, high, color=ACCENT, alpha=darkness, linewidth=0)
        series.plot(span, run.forecasts[n], color=ACCENT, linewidth=1.4)
    title(series, "Air passengers", "measured, and forecast each January with 80 and 95 %")
    series.set_ylabel("thousands a month", color=MUTED)
    series.set_ylim(100, 750)
    for name, colour in COLOURS.items():
        means = [mean(errors) for errors in zip(*run.errors[name], strict=True)]
        steps.plot(range(1, YEAR + 1), means, color=colour, linewidth=2, label=name)
    title(steps, "Error", "by months ahead")
    steps.set(ylim=(0, 80), xticks=(1, 3, 6, 9, 12))
    steps.legend(frameon=False, fontsize=8, labelcolor=MUTED, loc="upper left")
    for axes in (series, steps):
        plain(axes)
    return figure


main = command("passengers", learn, draw)

if __name__ == "__main__":
    main()
