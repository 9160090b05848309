"""Bounds of a stretch on the command line: an offset, or a time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import click

from connectors.record import Bound

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class BoundType(click.ParamType[Bound]):
    """Reads an offset, or a time with Z or an offset from UTC.

    Examples
    --------
    >>> BoundType().convert("41", None, None), BoundType().convert("1970-01-01T00:01Z", None, None)
    (41, ('timestamp', 60000))
    """

    name = "OFFSET|TIME"

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """Read it, or refuse it in words."""
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
    """Give bounds of files, which are record numbers."""
    begin, end = bounds
    if isinstance(begin, tuple) or isinstance(end, tuple):
        raise click.UsageError("records of files have no time beside them: give their numbers")
    return begin or 0, end
