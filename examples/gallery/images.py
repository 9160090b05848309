"""LSTMClassifier and river's classifiers classify image patches."""

from collections import Counter
from dataclasses import dataclass, field

from matplotlib.figure import Figure
from picture import ACCENT, BLUE, DARK, GOOD, MUTED, SAND, command, plain, running, title
from river import datasets, forest, linear_model, preprocessing, tree

from streamlstm import LSTMClassifier

RECENT = 300  # events the drawn accuracy is a mean of
OURS, WITHOUT = "LSTMClassifier", "without its LSTM"
WITHOUT_LSTM = ("frequencies", "transitions", "logistic", "random_features")
COLOURS = {
    "AMF": GOOD,
    WITHOUT: SAND,
    OURS: ACCENT,
    "softmax regression": BLUE,
    "Hoeffding tree": MUTED,
}


@dataclass
class Run:
    """The results of one pass."""

    right: dict[str, list[bool]] = field(default_factory=lambda: {name: [] for name in COLOURS})
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)  # (label, what ours said)

    def accuracy(self, name: str) -> float:
        """Give the share of all events classified correctly."""
        return sum(self.right[name]) / len(self.right[name])

    def line(self) -> str:
        """Return the result and the comparison in one line."""
        return "accuracy: " + ", ".join(f"{n} {self.accuracy(n):.1%}" for n in COLOURS)


def learn() -> Run:
    """Classify seven kinds of picture patches, each before it is learnt."""
    models = {
        OURS: LSTMClassifier(),
        WITHOUT: LSTMClassifier(experts=WITHOUT_LSTM),
        "softmax regression": preprocessing.StandardScaler() | linear_model.SoftmaxRegression(),
        "Hoeffding tree": tree.HoeffdingTreeClassifier(),
        "AMF": forest.AMFClassifier(seed=1),
    }
    run = Run()
    for x, label in datasets.ImageSegments():
        for name, model in models.items():
            said = model.predict_one(x)
            run.right[name].append(said == label)
            if name == OURS and said is not None:
                run.pairs[label, said] += 1
            model.learn_one(x, label)
    return run


def draw(run: Run) -> Figure:
    """Draw the running accuracies, and our confusion matrix."""
    figure = Figure(figsize=(11, 4.6), layout="constrained")
    lines, table = figure.subplots(1, 2, width_ratios=(1.6, 1))
    running(lines, run.right, COLOURS, RECENT)
    title(lines, "Picture patches", f"accuracy over the last {RECENT}")
    lines.legend(frameon=False, fontsize=9, labelcolor=MUTED, loc="lower right")
    lines.yaxis.set_major_formatter("{x:.0%}")
    plain(lines)
    kinds = sorted({label for label, _ in run.pairs})
    totals = {kind: sum(run.pairs[kind, said] for said in kinds) for kind in kinds}
    shares = [[run.pairs[kind, said] / totals[kind] for said in kinds] for kind in kinds]
    table.imshow(shares, cmap="Oranges", vmin=0, vmax=1.2)
    for row, column in ((r, c) for r in range(len(kinds)) for c in range(len(kinds))):
        share = shares[row][column]
        if share >= 0.005:
            table.annotate(
                f"{share:.0%}",
                (column, row),
                ha="center",
                va="center",
                fontsize=8,
                color="white" if share > 0.6 else DARK,
            )
    table.set_xticks(range(len(kinds)), kinds, rotation=40, ha="right", color=MUTED)
    table.set_yticks(range(len(kinds)), kinds, color=MUTED)
    table.spines[:].set_visible(False)
    title(table, OURS, "true class (rows), predicted class")
    return figure


main = command("images", learn, draw)

if __name__ == "__main__":
    main()
