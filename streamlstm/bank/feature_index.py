"""Features by name: columns are given out once, in an order that no dictionary decides.

Names that are new in one event are sorted, so shuffling a dict changes nothing. A clock takes
three columns: seconds since its last value, hour of day and day of week.
"""

from collections.abc import Iterable

from streamlstm.kernels.scaler import CLOCK

HOURS, DAYS = 24.0, 7.0
CLOCK_PERIODS = {".hour": HOURS, ".interval": CLOCK, ".weekday": DAYS}


class FeatureLimitError(ValueError):
    """More features than ``features_max`` allows."""


class FeatureIndex:
    """Columns of named features, append-only.

    Parameters
    ----------
    features_max
        Most columns ever given out.

    Examples
    --------
    >>> index = FeatureIndex(features_max=8)
    >>> index.add({"b", "a"}), index.add_clock("time")
    (['a', 'b'], ['time.hour', 'time.interval', 'time.weekday'])
    >>> index.names
    ['a', 'b', 'time.hour', 'time.interval', 'time.weekday']
    """

    def __init__(self, features_max: int) -> None:
        self.features_max = features_max
        self.column: dict[str, int] = {}
        self.periods: list[float] = []

    @property
    def names(self) -> list[str]:
        """Names in the order of their columns."""
        return list(self.column)

    def add(self, names: Iterable[str], period: float = 0.0) -> list[str]:
        """Give columns to the names that have none; return those, sorted.

        Parameters
        ----------
        names
            Features seen together.
        period
            0 for plain numbers; the period of a cyclic value; ``CLOCK`` for seconds.

        Raises
        ------
        FeatureLimitError
            If ``features_max`` is too small; nothing is added.
        """
        new = sorted(name for name in set(names) if name not in self.column)
        if len(self.column) + len(new) > self.features_max:
            raise FeatureLimitError(
                f"{len(self.column) + len(new)} feature columns are more than features_max = "
                f"{self.features_max}; raise it, or leave out {', '.join(map(repr, new[:5]))}"
            )
        for name in new:
            self.column[name] = len(self.column)
            self.periods.append(period)
        return new

    def add_clock(self, name: str) -> list[str]:
        """Give the three columns of a clock to a time feature; return the new ones."""
        return [
            new
            for suffix, period in CLOCK_PERIODS.items()
            for new in self.add([name + suffix], period)
        ]
