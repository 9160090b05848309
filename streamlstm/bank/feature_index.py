"""Features by name: columns are given out once, in an order that no dictionary decides.

Names that are new in one event are sorted, so shuffling a dict changes nothing. A clock takes
three columns: hour of day, seconds since its last value, and day of week.
"""

from collections.abc import Hashable, Iterable

from streamlstm.kernels.layout import whole
from streamlstm.kernels.network.scaler import CLOCK

HOURS, DAYS = 24.0, 7.0
CLOCK_PERIODS = {"@hour": HOURS, "@interval": CLOCK, "@weekday": DAYS}


class FeatureLimitError(ValueError):
    """More features than ``features_max`` allows."""


def spell(name: Hashable) -> str:
    """Spell a feature's name as text; names that differ are never spelt alike.

    Examples
    --------
    >>> spell("load"), spell(1), spell("1"), spell("t@hour")
    ('load', '@int 1', '1', 't@@hour')
    """
    if isinstance(name, str):
        return name.replace("@", "@@")
    return f"@{type(name).__name__} {name!r}"


class FeatureIndex:
    """Columns of named features, append-only.

    Parameters
    ----------
    features_max
        Most columns ever given out.

    Examples
    --------
    >>> index = FeatureIndex(features_max=8)
    >>> index.add(["b", "a"], clocks=["time"])
    >>> index.names
    ['a', 'b', 'time@hour', 'time@interval', 'time@weekday']
    >>> index.place("a"), index.clock_place("time")
    (0, 2)
    """

    def __init__(self, features_max: int) -> None:
        self.features_max = whole("features_max", features_max, 0)
        self.column: dict[str, int] = {}
        self.periods: list[float] = []

    @property
    def names(self) -> list[str]:
        """Spelt names in the order of their columns."""
        return list(self.column)

    def add(self, names: Iterable[Hashable], clocks: Iterable[Hashable] = ()) -> None:
        """Give columns to the features that have none.

        Parameters
        ----------
        names
            Plain numbers.
        clocks
            Time features, three columns each.

        Raises
        ------
        FeatureLimitError
            If ``features_max`` is too small; nothing is added.
        """
        new = dict.fromkeys(sorted(spell(name) for name in names), 0.0)
        for clock in sorted(spell(clock) for clock in clocks):
            new |= {clock + suffix: period for suffix, period in CLOCK_PERIODS.items()}
        self.adopt({name: period for name, period in new.items() if name not in self.column})

    def adopt(self, new: dict[str, float]) -> None:
        """Give the next columns to spelt names, in their order, with their periods."""
        total = len(self.column) + len(new)
        if total > self.features_max:
            raise FeatureLimitError(
                f"{total} feature columns are more than features_max = {self.features_max}; "
                f"raise it, or leave out {', '.join(map(repr, list(new)[:5]))}"
            )
        for name, period in new.items():
            self.column[name] = len(self.column)
            self.periods.append(period)

    def place(self, name: Hashable) -> int:
        """Return the column of a number."""
        return self.column[spell(name)]

    def clock_place(self, name: Hashable) -> int:
        """Return the first of the three columns of a clock."""
        return self.column[spell(name) + "@hour"]
