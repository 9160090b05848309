"""LSTMDetector watches five sensors of a piston pump and names the faulty one.

A fault adds one standard deviation to its sensor or takes it away, which is less than the piston
does with every stroke: it is odd for the moment at which it comes.
"""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from matplotlib.figure import Figure
from picture import ACCENT, DARK, GOOD, MUTED, command, plain, title
from river import preprocessing

from streamlstm import LSTMDetector

EVENTS, FIRST_FAULT, FAULT_EVERY, FAULT_EVENTS = 5900, 1500, 150, 12
SIZE = 1.0  # of a fault, in standard deviations
NOISE = {"inlet": 0.03, "outlet": 0.04, "flow": 0.15, "torque": 0.8, "vibration": 0.05}
SHOWN = 210  # events in the picture, the last
OURS, FARTHEST, JUMPED = "LSTMDetector", "farthest from its mean", "largest change"


@dataclass
class Run:
    """The results of one pass."""

    readings: list[dict[str, float]] = field(default_factory=list)
    ranges: list[dict[str, tuple[float, float]]] = field(default_factory=list)  # expected
    faults: dict[int, str] = field(default_factory=dict)  # where each begins, and its sensor
    blamed: dict[str, dict[int, str]] = field(  # by method, at the first event of each
        default_factory=lambda: {OURS: {}, FARTHEST: {}, JUMPED: {}}
    )
    alerts: list[int] = field(default_factory=list)

    def found(self) -> int:
        """Count the faults during which an alert opened."""
        return sum(any(n <= a < n + FAULT_EVENTS for a in self.alerts) for n in self.faults)

    def false_alerts(self) -> int:
        """Count the alerts outside of all faults, from the first fault on."""
        return sum(a >= FIRST_FAULT for a in self.alerts) - self.found()

    def rightly(self, name: str) -> int:
        """Count the faults whose sensor was named at once."""
        return sum(self.blamed[name][n] == sensor for n, sensor in self.faults.items())

    def line(self) -> str:
        """Return the result and the comparison in one line."""
        return (
            f"of {len(self.faults)} faults the right sensor was named at once: "
            + ", ".join(f"{name} {self.rightly(name)}" for name in self.blamed)
            + f"; alerts opened in {self.found()}, false ones {self.false_alerts()}"
        )


def pump(chance: random.Random, events: int) -> Iterator[dict[str, float]]:
    """Turn a piston about twelve events a round, a little faster under more load."""
    angle, more = 0.0, 0.0
    for _ in range(events):
        more += chance.gauss(0, 0.01) - 0.02 * more
        load = 1 + more
        angle += 0.5 + 0.1 * more
        push = max(0.0, math.sin(angle))
        exact = {
            "inlet": 1 - 0.3 * load * max(0.0, -math.sin(angle)),
            "outlet": 4 + 1.5 * load * math.sqrt(push),
            "flow": 10 * load * push,
            "torque": 40 * load * (abs(math.sin(angle)) + 0.3 * math.cos(angle)),
            "vibration": 0.5 + 0.3 * math.sin(2 * angle) + 0.2 * math.sin(3 * angle + 1),
        }
        yield {
            name: round(value + chance.gauss(0, NOISE[name]), 4) for name, value in exact.items()
        }


def largest(values: dict[str, float]) -> str:
    """Name the sensor with the largest value, of either sign."""
    return max(values, key=lambda name: abs(values[name]))


def learn() -> Run:
    """Watch five sensors of a pump, and name the faulty one."""
    model, run = LSTMDetector(), Run()
    scaler, changes = preprocessing.StandardScaler(), preprocessing.StandardScaler()
    chance, was_alerting, fault, amount = random.Random(3), False, "", 0.0
    for n, x in enumerate(pump(random.Random(4), EVENTS)):
        since = (n - FIRST_FAULT) % FAULT_EVERY if n >= FIRST_FAULT else FAULT_EVENTS
        if since == 0:
            run.faults[n] = fault = chance.choice(sorted(x))
            amount = round(chance.choice((-1, 1)) * SIZE * math.sqrt(scaler.vars[fault]), 4)
        if since < FAULT_EVENTS:
            x[fault] += amount
        before = run.readings[-1] if n else x
        change = {name: x[name] - before[name] for name in x}
        if since == 0:
            run.blamed[FARTHEST][n] = largest(scaler.transform_one(x))
            run.blamed[JUMPED][n] = largest(changes.transform_one(change))
        for learner, values in ((model, x), (scaler, x), (changes, change)):
            learner.learn_one(values)
        ranges = {name: (low, high) for name, (_, low, high) in model.expected.items()}
        if since == 0:
            run.blamed[OURS][n] = largest(
                {name: (2 * x[name] - a - b) / (b - a) for name, (a, b) in ranges.items()}
            )
        if model.alerting and not was_alerting:
            run.alerts.append(n)
        was_alerting = model.alerting
        run.readings.append(x)
        run.ranges.append(ranges)
    return run


def draw(run: Run) -> Figure:
    """Draw the last readings within what was expected; each fault on the sensor named for it."""
    figure = Figure(figsize=(11, 5.6), layout="constrained")
    panels = figure.subplots(len(NOISE), 1, sharex=True)
    shown = range(len(run.readings) - SHOWN, len(run.readings))
    for axes, name in zip(panels, NOISE, strict=True):
        low, high = zip(*(run.ranges[n][name] for n in shown), strict=True)
        axes.fill_between(shown, low, high, color=GOOD, alpha=0.22, linewidth=0, antialiased=False)
        axes.plot(shown, [run.readings[n][name] for n in shown], color=DARK, linewidth=1.1)
        for n in filter(shown.__contains__, run.faults):
            if run.faults[n] == name:
                axes.axvspan(n, n + FAULT_EVENTS, color=ACCENT, alpha=0.18, linewidth=0)
            if run.blamed[OURS][n] == name:
                axes.plot(n, run.readings[n][name], "o", color=ACCENT, markersize=7)
        axes.set_ylabel(name, color=MUTED)
        axes.margins(x=0)
        plain(axes)
    title(
        panels[0],
        "Five sensors of a piston pump",
        "readings, the range expected of each, faults (shaded) and the sensor named (dot)",
    )
    return figure


main = command("pump", learn, draw)

if __name__ == "__main__":
    main()
