"""LSTMClassifier recognises the vowel of each frame, through noise.

Two formants glide from vowel to vowel, each speaker's a little higher or lower; loudness flutters,
and now and then a cough drowns some frames. Every third word comes without labels: only those
count.
"""

import math
import random
from dataclasses import dataclass, field

from matplotlib.figure import Figure
from picture import ACCENT, BLUE, DARK, GOOD, MUTED, SAND, command, plain, title
from river import naive_bayes

from streamlstm import LSTMClassifier

FORMANTS = {"a": (800, 1250), "e": (450, 2000), "i": (300, 2300), "o": (500, 900), "u": (330, 750)}
COLOURS = dict(zip(FORMANTS, (ACCENT, SAND, GOOD, BLUE, MUTED), strict=True))
LOWEST, HIGHEST, BANDS = 200.0, 2800.0, 16
NOISE, GLIDE, COUGH = 0.8, 7, 0.04  # of a band; frames; probability of a frame
WORDS, SHOWN = 400, 4
OURS, WITHOUT, BAYES = "LSTMClassifier", "without its memory", "river's Gaussian naive Bayes"
STATIC = ("frequencies", "logistic", "random_features")


@dataclass
class Word:
    """Some vowels, spoken as one."""

    frames: list[list[float]] = field(default_factory=list)
    vowels: list[str] = field(default_factory=list)
    said: list[dict[str, float]] = field(default_factory=list)  # by ours, with probabilities


@dataclass
class Run:
    """The results of one pass."""

    right: dict[str, list[bool]] = field(default_factory=dict)
    shown: list[Word] = field(default_factory=list)

    def accuracy(self, name: str) -> float:
        """Give the share of frames classified correctly in the second half of the pass."""
        second = self.right[name][len(self.right[name]) // 2 :]
        return sum(second) / len(second)

    def line(self) -> str:
        """Return the result and the comparison in one line."""
        found = ", ".join(f"{name} {self.accuracy(name):.1%}" for name in self.right)
        return f"accuracy on frames of words without labels in the second half: {found}; chance 20%"


def mel(hertz: float) -> float:
    """Give the pitch that is heard (O'Shaughnessy 1987)."""
    return 2595 * math.log10(1 + hertz / 700)


def hear(formants: list[float], chance: random.Random) -> list[float]:
    """Give what each band of the filter bank lets through; without formants, a cough."""
    loud, frame = chance.gauss(0, 0.5) + 1.5 * (not formants), []
    for n in range(BANDS):
        band = mel(LOWEST) + n / (BANDS - 1) * (mel(HIGHEST) - mel(LOWEST))
        voice = sum(2 * math.exp(-(((band - formant) / 150) ** 2)) for formant in formants)
        frame.append(round(loud + voice + chance.gauss(0, NOISE), 4))
    return frame


def speak(chance: random.Random) -> Word:
    """Speak two to four vowels."""
    word, size = Word(), chance.gauss(1, 0.1)  # of the speaker
    vowel = chance.choice(list(FORMANTS))
    cough = 0
    for n in range(chance.randint(2, 4)):
        before = vowel
        if n:
            vowel = chance.choice([v for v in FORMANTS if v != before])
        for k in range(chance.randint(12, 22)):
            u = min(1.0, (k + 1) / GLIDE)
            formants = [
                mel(size * (a + u * (b - a)))
                for a, b in zip(FORMANTS[before], FORMANTS[vowel], strict=True)
            ]
            cough = chance.randint(3, 6) if chance.random() < COUGH else max(0, cough - 1)
            word.frames.append(hear([] if cough else formants, chance))
            word.vowels.append(vowel if u >= 0.5 else before)
    return word


def learn() -> Run:
    """Recognise the vowel of each frame; two words of three are labelled."""
    ours = LSTMClassifier(autoregressive=False, experts=(*STATIC, "lstm", "memory"))
    models = {OURS: ours, WITHOUT: LSTMClassifier(experts=STATIC), BAYES: naive_bayes.GaussianNB()}
    run, chance = Run({name: [] for name in models}), random.Random(2)
    for n in range(WORDS):
        word, asked = speak(chance), n % 3 == 2
        for frame, vowel in zip(word.frames, word.vowels, strict=True):
            x = dict(enumerate(frame))
            if asked:
                word.said.append(ours.predict_proba_one(x))
                for name, model in models.items():
                    run.right[name].append(model.predict_one(x) == vowel)
                ours.learn_one(x, None)  # its memory moves on; the others have none
            else:
                for model in models.values():
                    model.learn_one(x, vowel)
        if asked:
            run.shown = [*run.shown[1 - SHOWN :], word]
    return run


def draw(run: Run) -> Figure:
    """Draw the last words without labels: frames, vowels and predictions."""
    figure = Figure(figsize=(11, 5.6), layout="constrained")
    heard, said = figure.subplots(2, 1, sharex=True, height_ratios=(1.4, 1))
    frames = [frame for word in run.shown for frame in word.frames]
    vowels = [vowel for word in run.shown for vowel in word.vowels]
    probable = [answer for word in run.shown for answer in word.said]
    heard.imshow(
        list(zip(*frames, strict=True)),
        aspect="auto",
        origin="lower",
        cmap="magma",
        vmin=-2,
        vmax=4,
        extent=(-0.5, len(frames) - 0.5, -0.5, BANDS - 0.5),
    )
    heard.set_ylabel("filter band", color=MUTED)
    title(heard, "Vowels in noise", "filter bands; four words without labels")
    names = list(FORMANTS)
    shares = [[answer.get(name, 0.0) for answer in probable] for name in names]
    said.stackplot(range(len(frames)), shares, colors=COLOURS.values(), linewidth=0)
    for start, vowel in enumerate(vowels):
        if start == 0 or vowels[start - 1] != vowel:
            end = next((n for n in range(start, len(vowels)) if vowels[n] != vowel), len(vowels))
            said.plot((start, end - 1), (1.07, 1.07), color=COLOURS[vowel], linewidth=5)
            said.annotate(vowel, ((start + end - 1) / 2, 1.12), ha="center", color=DARK)
    said.set(ylim=(0, 1.32), yticks=(0, 0.5, 1), xlabel="frame")
    said.yaxis.set_major_formatter("{x:.0%}")
    title(said, "Predictions", "probability of each vowel; above, the spoken vowel")
    for axes in (heard, said):
        plain(axes)
    return figure


main = command("vowels", learn, draw)

if __name__ == "__main__":
    main()
