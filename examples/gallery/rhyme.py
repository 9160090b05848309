"""LSTMClassifier reads a nursery rhyme letter by letter, then writes one.

This is the house that Jack built (England, before 1755): each verse repeats all those before.
"""

import copy
import math
import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from picture import ACCENT, BLUE, DARK, GOOD, MUTED, command, plain, running, title

from streamlstm import LSTMClassifier

NEW_IN_EACH = [
    "the malt that lay in",
    "the rat that ate",
    "the cat that killed",
    "the dog that worried",
    "the cow with the crumpled horn that tossed",
    "the maiden all forlorn that milked",
    "the man all tattered and torn that kissed",
    "the priest all shaven and shorn that married",
    "the cock that crowed in the morn that waked",
    "the farmer sowing his corn that kept",
    "the horse and the hound and the horn that belonged to",
]
VERSES = [
    " ".join(["this is", *reversed(NEW_IN_EACH[:n]), "the house that jack built.\n"])
    for n in range(len(NEW_IN_EACH) + 1)
]
RHYME = "".join(VERSES)
LETTERS = sorted(set(RHYME))
SEEN = {last: {f"was {c!r}": float(c == last) for c in LETTERS} for last in LETTERS}  # features
READINGS, WRITTEN, RECENT = 3, 240, 400  # the last two in letters
LSTM = "LSTMClassifier"
CHAINS = {"frequencies": 0, "Markov chain of order 1": 1, "Markov chain of order 5": 5}
COLOURS = dict(zip((*CHAINS, LSTM), (MUTED, BLUE, GOOD, ACCENT), strict=True))


@dataclass
class Run:
    """The results: bits for every letter, and the generated text."""

    bits: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in COLOURS})
    written: str = ""

    def per_letter(self, name: str, reading: int) -> float:
        """Give the mean bits per letter of a reading, from 0."""
        part = self.bits[name][reading * len(RHYME) : (reading + 1) * len(RHYME)]
        return sum(part) / len(part)

    def line(self) -> str:
        """Return the result and the comparison in one line."""
        found = (
            f"{name} {' '.join(f'{self.per_letter(name, r):.2f}' for r in range(READINGS))}"
            for name in COLOURS
        )
        return f"bits per letter, {READINGS} readings: " + ", ".join(found)


def write(model: LSTMClassifier, seed: int) -> str:
    """Generate text with a copy: sample each letter from its predicted distribution."""
    model, chance, text = copy.deepcopy(model), random.Random(seed), "\n"
    for _ in range(WRITTEN):
        probable = model.predict_proba_one(SEEN[text[-1]])
        dead_letter = chance.choices(list(probable), list(probable.values()))[0]
        model.learn_one(SEEN[text[-1]], None)
        text += dead_letter
    return text.strip()


def learn() -> Run:
    """Read a rhyme three times and predict the probability of each letter."""
    model = LSTMClassifier(hidden_size=48, learning_rate=0.007, autoregressive=False)
    counts: dict[tuple[int, str], Counter[str]] = defaultdict(Counter)
    run, text = Run(), "\n"
    for dead_letter in RHYME * READINGS:
        for name, order in CHAINS.items():
            after = counts[order, text[len(text) - order :]]
            share = (after[dead_letter] + 0.05) / (after.total() + 0.05 * len(LETTERS))
            run.bits[name].append(-math.log2(share))
            after[dead_letter] += 1
        x = SEEN[text[-1]]
        probable = model.predict_proba_one(x).get(dead_letter, 1 / len(LETTERS))
        run.bits[LSTM].append(-math.log2(max(probable, 1e-12)))
        model.learn_one(x, dead_letter)
        text = (text + dead_letter)[-8:]
    run.written = write(model, seed=0)
    return run


def draw(run: Run) -> Figure:
    """Draw the bits, where in the last verse they were needed, and what was written."""
    figure = Figure(figsize=(11, 7.4), layout="constrained")
    lines, verse, written = figure.subplots(3, 1, height_ratios=(3, 2.2, 1.5))
    running(lines, run.bits, COLOURS, RECENT)
    for reading in range(1, READINGS):
        lines.axvline(reading * len(RHYME), color=MUTED, linewidth=0.8, linestyle=":")
    lines.set_ylim(0, 4.6)
    lines.set_xlim(0, READINGS * len(RHYME))
    lines.legend(frameon=False, ncols=4, fontsize=9, labelcolor=MUTED, loc="upper right")
    title(lines, "Bits per letter", f"mean of the last {RECENT}; dotted: the rhyme begins again")
    plain(lines)
    standardised_error = run.bits[LSTM][-len(VERSES[-1]) :]
    dead_letters(verse, VERSES[-1], [min(1.0, b / 5) for b in standardised_error])
    title(verse, "The last verse", "read the third time: the darker, the less it was expected")
    dead_letters(written, run.written, [0.0] * len(run.written))
    title(written, "Generated text", "sampled from the beginning of a verse")
    return figure


def dead_letters(axes: Axes, text: str, shades: list[float], width: int = 96) -> None:
    """Set text in rows, each letter on its shade of orange."""
    axes.set(xlim=(0, width), ylim=(len(text) // -width, 0))
    axes.axis("off")
    for n, (dead_letter, shade) in enumerate(zip(text.replace("\n", "¶"), shades, strict=True)):
        place = (n % width + 0.5, -(n // width) - 0.5)
        box = {"facecolor": ACCENT, "alpha": shade, "linewidth": 0, "pad": 1.6}
        axes.text(
            *place, dead_letter, family="monospace", color=DARK, ha="center", va="center", bbox=box
        )


main = command("rhyme", learn, draw)

if __name__ == "__main__":
    main()
