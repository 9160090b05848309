"""LSTMClassifier recognises the letter a pen is drawing from its movements.

The label comes with the last point of a stroke and never before. c, o and s begin alike, c and e
end alike: who sees only the last movement cannot know.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from picture import ACCENT, DARK, MUTED, command, plain, running, title

from streamlstm import LSTMClassifier

Point = tuple[float, float]
CORNERS = {  # of the pen's way, in hundredths of a letter's size
    "c": [(100, 75), (55, 100), (10, 75), (0, 45), (10, 15), (55, 0), (100, 20)],
    "e": [(10, 50), (95, 55), (85, 90), (50, 100), (10, 80), (0, 45), (10, 15), (55, 0), (100, 20)],
    "o": [(80, 85), (50, 100), (10, 80), (0, 45), (15, 10), (50, 0), (90, 15), (100, 50), (85, 85)],
    "s": [(100, 80), (55, 100), (10, 80), (30, 55), (70, 45), (95, 20), (50, 0), (0, 15)],
}
STROKES, RECENT, SHOWN = 1000, 200, 6
OURS, WITHOUT = "LSTMClassifier", "without its memory"
WITHOUT_MEMORY = ("frequencies", "logistic", "random_features")


@dataclass
class Run:
    """The results of one pass."""

    right: dict[str, list[bool]] = field(default_factory=lambda: {OURS: [], WITHOUT: []})
    shown: dict[str, list[tuple[list[Point], list[float]]]] = field(default_factory=dict)

    def accuracy(self, name: str) -> float:
        """Give the share of strokes classified correctly in the second half of the pass."""
        second = self.right[name][len(self.right[name]) // 2 :]
        return sum(second) / len(second)

    def line(self) -> str:
        """Return the result and the comparison in one line."""
        found = ", ".join(f"{name} {self.accuracy(name):.1%}" for name in self.right)
        return f"accuracy in the second half: {found}; chance 25%"


def spline(corners: Sequence[Point], u: float) -> Point:
    """Give the point at u in [0, 1] of the smooth line through the corners (Catmull-Rom)."""
    last = len(corners) - 1
    i = min(int(u * last), last - 1)
    t = u * last - i
    a, b, c, d = (corners[min(max(j, 0), last)] for j in range(i - 1, i + 3))
    weights = (-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, t**3 - t**2)
    x, y = (sum(w * p[k] for w, p in zip(weights, (a, b, c, d), strict=True)) / 2 for k in (0, 1))
    return x, y


def stroke(dead_letter: str, chance: random.Random) -> list[Point]:
    """Draw a letter: corners shifted, slanted, wide or narrow, fast or slow, 14 to 28 points."""
    shift, shake = 0.06, 0.012
    corners = [
        (x / 100 + chance.gauss(0, shift), y / 100 + chance.gauss(0, shift))
        for x, y in CORNERS[dead_letter]
    ]
    slant, width, haste = chance.gauss(0, 0.15), chance.uniform(0.7, 1.2), chance.uniform(-0.5, 0.5)
    points, pen = [], chance.randint(14, 28)
    for n in range(pen):
        u = n / (pen - 1)
        x, y = spline(corners, u + haste * u * (1 - u))
        x, y = width * x + slant * y + chance.gauss(0, shake), y + chance.gauss(0, shake)
        points.append((round(x, 4), round(y, 4)))
    return points


def movements(points: Sequence[Point]) -> list[dict[str, float]]:
    """Give the features at each point: how the pen has moved, and whether it was put down."""
    before = [points[0], *points]
    return [
        {"right": x - before[n][0], "up": y - before[n][1], "down": float(n == 0)}
        for n, (x, y) in enumerate(points)
    ]


def learn() -> Run:
    """Recognise letters by the movements of a pen, labelled at the end of each stroke."""
    ours = LSTMClassifier(autoregressive=False)
    models = {OURS: ours, WITHOUT: LSTMClassifier(experts=WITHOUT_MEMORY)}
    chance, run = random.Random(1), Run()
    for _ in range(STROKES):
        dead_letter = chance.choice(list(CORNERS))
        points = stroke(dead_letter, chance)
        *first, last = movements(points)
        sure = []
        for x in first:
            sure.append(ours.predict_proba_one(x).get(dead_letter, 0.0))
            for model in models.values():
                model.learn_one(x, None)
        for name, model in models.items():
            run.right[name].append(model.predict_one(last) == dead_letter)
        sure.append(ours.predict_proba_one(last).get(dead_letter, 0.0))
        for model in models.values():
            model.learn_one(last, dead_letter)
        run.shown[dead_letter] = [*run.shown.get(dead_letter, [])[1 - SHOWN :], (points, sure)]
    return run


def draw(run: Run) -> Figure:
    """Draw the last strokes by the probability of the right letter, and both accuracies."""
    figure = Figure(figsize=(11, 6.8), layout="constrained")
    pens, lines = figure.subplots(2, 1, height_ratios=(2.4, 1))
    for row, dead_letter in enumerate(sorted(run.shown)):
        for column, (points, sure) in enumerate(run.shown[dead_letter]):
            moved = [(x + 1.9 * column, y - 1.35 * row) for x, y in points]
            pieces = LineCollection(
                list(pairwise(moved)), cmap="viridis_r", clim=(0, 1), linewidths=4, capstyle="round"
            )
            pieces.set_array(sure[1:])
            pens.add_collection(pieces)
            pens.plot(*moved[0], "o", color=DARK, markersize=4)
    pens.set(xlim=(-0.4, 1.9 * SHOWN), ylim=(-1.35 * len(run.shown) + 1.1, 1.2))
    pens.set_aspect("equal")
    pens.axis("off")
    figure.colorbar(pieces, ax=pens, shrink=0.6, label="probability of the right letter")
    title(pens, "Letters as they are drawn", "from the dot on; the label is given at the end")
    running(lines, run.right, {OURS: ACCENT, WITHOUT: MUTED}, RECENT)
    title(lines, "Accuracy", f"at the last point, of the last {RECENT} strokes")
    lines.yaxis.set_major_formatter("{x:.0%}")
    lines.legend(frameon=False, labelcolor=MUTED, loc="lower right")
    lines.set_ylim(0, 1.03)
    plain(lines)
    return figure


main = command("strokes", learn, draw)

if __name__ == "__main__":
    main()
