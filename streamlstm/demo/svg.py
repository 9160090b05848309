"""Draws charts in SVG: axes, lines, bands, bars, shaded areas."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

GAP_S = 2.5 * 3600.0  # a longer gap in the data interrupts a line
TICK_ROOM = 10.0


@dataclass(frozen=True)
class Scale:
    """Piecewise linear scale from values to coordinates; values outside are clipped.

    Parameters
    ----------
    values
        Values at the knots, ascending.
    places
        Coordinate of each knot.

    Examples
    --------
    >>> folded = Scale((0.0, 90.0, 110.0), (300.0, 200.0, 0.0))
    >>> folded(45.0), folded(100.0), folded(999.0)
    (250.0, 100.0, 0.0)
    """

    values: Sequence[float]
    places: Sequence[float]

    def __call__(self, value: float) -> float:
        """Return the coordinate of a value."""
        return float(np.interp(value, self.values, self.places))


def text(x: float, y: float, words: str, css: str = "") -> str:
    """Draw text.

    Examples
    --------
    >>> text(1, 2, "a < b", "title")
    '<text x="1.0" y="2.0" class="title">a &lt; b</text>'
    """
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{css}">{escape(words)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, css: str) -> str:
    """Draw a straight line.

    Examples
    --------
    >>> line(0, 1, 2, 3, "grid")
    '<line x1="0.0" y1="1.0" x2="2.0" y2="3.0" class="grid"/>'
    """
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{css}"/>'


@dataclass(frozen=True)
class Panel:
    """A pair of axes: time to the right, values up.

    Parameters
    ----------
    x, y
        Scales of times and values.

    Examples
    --------
    >>> panel = Panel(Scale((0.0, 3600.0), (0.0, 10.0)), Scale((0.0, 1.0), (10.0, 0.0)))
    >>> panel.curve([0.0, 3600.0], [0.0, 1.0], "flow")
    '<path d="M0.0 10.0L10.0 0.0" class="flow"/>'
    """

    x: Scale
    y: Scale

    @property
    def left(self) -> float:
        """Its left edge."""
        return self.x.places[0]

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x.places[-1]

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y.places[0]

    @property
    def top(self) -> float:
        """Its upper edge."""
        return self.y.places[-1]

    def curve(self, times: Sequence[float], values: Sequence[float], css: str) -> str:
        """Draw a line through values, with gaps where the data has gaps."""
        d = "".join(self._through(times[run], values[run]) for run in _runs(times))
        return f'<path d="{d}" class="{css}"/>'

    def band(
        self, times: Sequence[float], low: Sequence[float], high: Sequence[float], css: str
    ) -> str:
        """Fill the area between two lines."""
        d = ""
        for run in _runs(times):
            back = self._through(times[run][::-1], low[run][::-1])
            d += f"{self._through(times[run], high[run])}L{back[1:]}Z"
        return f'<path d="{d}" class="{css}"/>'

    def bars(self, times: Sequence[float], values: Sequence[float], css: str) -> str:
        """Draw a thin bar for each value."""
        d = "".join(
            f"M{self.x(time_s):.1f} {self.bottom:.1f}V{self.y(value):.1f}"
            for time_s, value in zip(times, values, strict=True)
        )
        return f'<path d="{d}" class="{css}"/>'

    def shade(self, start_s: float, end_s: float, css: str, least: float = 4.0) -> str:
        """Shade a time range, at least ``least`` units wide."""
        left, right = self.x(start_s), self.x(end_s)
        spare = max(0.0, least - (right - left))
        left, width = left - 0.5 * spare, right - left + spare
        height = self.bottom - self.top
        return (
            f'<rect x="{left:.1f}" y="{self.top:.1f}" width="{width:.1f}" '
            f'height="{height:.1f}" class="{css}"/>'
        )

    def upright(self, time_s: float, css: str) -> str:
        """Draw a vertical line at a time."""
        x = self.x(time_s)
        return line(x, self.top, x, self.bottom, css)

    def level(self, value: float, css: str) -> str:
        """Draw a horizontal line at a value."""
        y = self.y(value)
        return line(self.left, y, self.right, y, css)

    def y_ticks(self, ticks: Mapping[float, str]) -> str:
        """Draw a grid line at each value, with its label at the left."""
        room = self.left - TICK_ROOM
        return "".join(
            self.level(value, "grid") + text(room, self.y(value) + 4.0, name, "tick end")
            for value, name in ticks.items()
        )

    def x_ticks(self, ticks: Mapping[float, str]) -> str:
        """Draw a grid line at each time, with its label below the panel."""
        return "".join(
            self.upright(time_s, "grid")
            + text(self.x(time_s), self.bottom + 18.0, name, "tick mid")
            for time_s, name in ticks.items()
        )

    def _through(self, times: Sequence[float], values: Sequence[float]) -> str:
        points = (f"{self.x(t):.1f} {self.y(v):.1f}" for t, v in zip(times, values, strict=True))
        return "M" + "L".join(points)


def _runs(times: Sequence[float]) -> Iterator[slice]:
    """Split where hours are missing."""
    start = 0
    for n in range(1, len(times) + 1):
        if n == len(times) or times[n] - times[n - 1] > GAP_S:
            yield slice(start, n)
            start = n
