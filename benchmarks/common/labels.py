"""Labelled streams of the benchmark: river's, and four that need a memory."""

import itertools
import random
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import Any

from river import base, datasets

Event = tuple[dict[str, Any], Hashable]
SILENT = "none"


@dataclass(frozen=True, slots=True)
class Stream:
    """A named stream, and what is required of us.

    Parameters
    ----------
    name
    events
    required
        The least accuracy.
    answers_only
        Whether the score counts the answers in the second half alone: events whose label is not
        ``SILENT``.
    """

    name: str
    events: list[Event]
    required: float | None = None
    answers_only: bool = False

    def accuracy(self, model: base.Classifier) -> float:
        """Predict each label, then let the model learn it."""
        right = counted = 0
        for n, (x, y) in enumerate(self.events):
            predicted = model.predict_one(x)
            model.learn_one(x, y)
            if not self.answers_only or (y != SILENT and n >= len(self.events) // 2):
                right += predicted == y
                counted += 1
        return right / counted


def cue_recall(events: int, lag: int, seed: int = 0) -> list[Event]:
    """Show a cue, and ask for it ``lag`` events later; whatever lies between has no answer."""
    chance, made = random.Random(seed), []
    quiet = {"cue": 0.0, "ask": 0.0}
    while len(made) < events:
        left = chance.random() < 0.5
        made += [(quiet, SILENT)] * chance.randrange(1, 4)
        made.append(({"cue": 1.0 if left else -1.0, "ask": 0.0}, SILENT))
        made += [(quiet, SILENT)] * (lag - 1)
        made.append(({"cue": 0.0, "ask": 1.0}, "left" if left else "right"))
    return made


def temporal_order(events: int, lag: int, seed: int = 0) -> list[Event]:
    """Show two cues, the first ``lag`` events before both are asked for, in their order.

    Task 6a of Hochreiter & Schmidhuber (1997), one stream without a reset.
    """
    chance, made = random.Random(seed), []
    quiet, names = {"cue": 0.0, "ask": 0.0}, {-1.0: "X", 1.0: "Y"}
    while len(made) < events:
        first, second = chance.choice((-1.0, 1.0)), chance.choice((-1.0, 1.0))
        between = chance.randrange(lag // 4, 3 * lag // 4)
        made += [(quiet, SILENT)] * chance.randrange(1, 4)
        made.append(({"cue": first, "ask": 0.0}, SILENT))
        made += [(quiet, SILENT)] * (between - 1)
        made.append(({"cue": second, "ask": 0.0}, SILENT))
        made += [(quiet, SILENT)] * (lag - between - 1)
        made.append(({"cue": 0.0, "ask": 1.0}, names[first] + names[second]))
    return made


def label_process(events: int, seed: int = 0) -> list[Event]:
    """Let labels depend on the two labels before, and on nothing else; the best is 0.9."""
    chance, made, last, before = random.Random(seed), [], 0, 0
    for _ in range(events):
        follows = (last + 2 * before + 1) % 3 if chance.random() < 0.85 else chance.randrange(3)
        made.append(({"noise": chance.random()}, "abc"[follows]))
        last, before = follows, last
    return made


def all_streams(only: tuple[str, ...] = ()) -> Iterator[Stream]:
    """Give the streams, or those that are named."""
    known: dict[str, Callable[[], Stream]] = {
        "Phishing": lambda: Stream("Phishing", list(datasets.Phishing()), 0.8935),
        "ImageSegments": lambda: Stream("ImageSegments", list(datasets.ImageSegments()), 0.86),
        "Bananas": lambda: Stream("Bananas", list(datasets.Bananas()), 0.88),
        "Shuttle": lambda: Stream(
            "Shuttle", list(itertools.islice(list(datasets.Shuttle()), 10_000)), 0.996
        ),
        "Labels": lambda: Stream("Labels that follow the two before", label_process(5_000)),
        "Cue": lambda: Stream(
            "Cue of 20 events before, answers of the second half",
            cue_recall(30_000, 20),
            0.99,
            answers_only=True,
        ),
        "Cue 50": lambda: Stream(
            "Cue of 50 events before, answers of the second half",
            cue_recall(60_000, 50),
            0.95,
            answers_only=True,
        ),
        "Order": lambda: Stream(
            "Order of two cues, the first 50 events before, answers of the second half",
            temporal_order(100_000, 50),
            0.9,
            answers_only=True,
        ),
    }
    for name, load in known.items():
        if not only or name in only:
            yield load()
