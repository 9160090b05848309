"""Where a partition begins, and what became of its records."""

from dataclasses import dataclass
from typing import NamedTuple


@dataclass
class Counts:
    """What became of the records: ``records = learnt + dead_letters + ignored``, always."""

    records: int = 0
    learnt: int = 0
    dead_letters: int = 0
    ignored: int = 0
    replayed: int = 0
    alerts: int = 0
    commands: int = 0


class Standing(NamedTuple):
    """Where a partition stands when it is taken over.

    Parameters
    ----------
    begins
        Where to read on.
    committed
        Records below are replayed: learnt, and nothing comes of them.
    known
        Whether that is committed. If not, the first round does so, so that where a partition begins
        is decided once.
    """

    begins: int
    committed: int
    known: bool
