"""Bounds of an offset range on the command line: an offset, or a time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import click

from connectors.record import Bound

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class BoundType(click.ParamType[Bound]):
    """Parameter type of an offset, or of a time with Z or a UTC offset.

    Examples
    --------
    >>> BoundType().convert("41", None, None), BoundType().convert("1970-01-01T00:01Z", None, None)
    (41, ('timestamp', 60000))
    """

    name = "OFFSET|TIME"

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """Parse the value, or fail with a usage error."""
        if isinstance(value, str) and value.isascii() and value.isdigit():
            return int(value)
        try:
            return "timestamp", (datetime.fromisoformat(value) - _EPOCH) // timedelta(
                milliseconds=1
            )
        except (TypeError, ValueError):
            self.fail(
                f"{value!r} is neither an offset nor a time such as 2026-01-01T00:00:00Z",
                param,
                ctx,
            )


BOUND = BoundType()


def of_files(bounds: tuple[Bound, Bound]) -> tuple[int, int | None]:
    """Return the bounds as record numbers, which are the offsets of files."""
    begin, end = bounds
    if isinstance(begin, tuple) or isinstance(end, tuple):
        raise click.UsageError("records of files have no timestamp: give offsets")
    return begin or 0, end
