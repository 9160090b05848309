"""Counts of records by outcome, and the resume point of a partition."""

from dataclasses import dataclass
from typing import NamedTuple


@dataclass
class Counts:
    """Records by outcome; ``records = learnt + dead_letters + ignored`` always holds."""

    records: int = 0
    learnt: int = 0
    dead_letters: int = 0
    ignored: int = 0
    replayed: int = 0
    alerts: int = 0
    commands: int = 0


class Standing(NamedTuple):
    """Resume point of a partition when it is assigned.

    Parameters
    ----------
    begins
        Offset of the first record to read.
    committed
        Records below this offset are replayed: they are learnt, and have no effects.
    known
        Whether this resume point is committed. If not, the first round commits it, so that it is
        decided once.
    """

    begins: int
    committed: int
    known: bool
