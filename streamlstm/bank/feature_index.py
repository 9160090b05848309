"""Feature columns by name, assigned in an order that does not depend on the order of a dict.

New names of one event are sorted. A clock takes three columns: hour of day, seconds since its last
value, and day of week.
"""

from collections.abc import Hashable, Iterable

from streamlstm.kernels.layout import whole
from streamlstm.kernels.network.scaler import CLOCK

HOURS, DAYS = 24.0, 7.0
CLOCK_PERIODS = {"@hour": HOURS, "@interval": CLOCK, "@weekday": DAYS}


class FeatureLimitError(ValueError):
    """Raised if more than ``features_max`` feature columns would be needed."""


def spell(name: Hashable) -> str:
    """Return a feature name as text; different names give different texts.

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
    features_max : int
        Maximum number of columns.

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
        """Names as text, in the order of their columns."""
        return list(self.column)

    def add(self, names: Iterable[Hashable], clocks: Iterable[Hashable] = ()) -> None:
        """Assign columns to new features.

        Parameters
        ----------
        names
            Numeric features, one column each.
        clocks
            Time features, three columns each.

        Raises
        ------
        FeatureLimitError
            If more than ``features_max`` columns would be needed; then no column is added.
        """
        new = dict.fromkeys(sorted(spell(name) for name in names), 0.0)
        for clock in sorted(spell(clock) for clock in clocks):
            new |= {clock + suffix: period for suffix, period in CLOCK_PERIODS.items()}
        self.adopt({name: period for name, period in new.items() if name not in self.column})

    def adopt(self, new: dict[str, float]) -> None:
        """Assign the next columns to names as text, in their order, with their periods."""
        total = len(self.column) + len(new)
        if total > self.features_max:
            raise FeatureLimitError(
                f"{total} feature columns exceed features_max = {self.features_max}; "
                f"raise it, or omit {', '.join(map(repr, list(new)[:5]))}"
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
