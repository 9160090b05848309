"""Places of the journal on the command line: an offset, or a time."""

from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TypeAlias

import click

Place: TypeAlias = int | tuple[Literal["timestamp"], int] | None
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class PlaceType(click.ParamType[Place]):
    """Reads an offset, or a time with Z or an offset from UTC.

    Examples
    --------
    >>> PlaceType().convert("41", None, None), PlaceType().convert("1970-01-01T00:01Z", None, None)
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


PLACE = PlaceType()


def of_files(places: tuple[Place, Place]) -> tuple[int, int | None]:
    """Give places of files, which are record numbers."""
    begin, end = places
    if isinstance(begin, tuple) or isinstance(end, tuple):
        raise click.UsageError("records of files have no time beside them: give their numbers")
    return begin or 0, end
