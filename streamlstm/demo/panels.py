"""Draws the charts of the demo's page: the whole run, and each disturbance in detail."""

import itertools
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, tzinfo

from streamlstm.demo.alerts import DemoAlert, Outcome
from streamlstm.demo.svg import Panel, Scale, line, text
from streamlstm.demo.trace import Disturbance, Rules, Trace
from streamlstm.kernels.layout import EXPERTS

WIDTH, LEFT, RIGHT = 1200.0, 64.0, 1092.0
FLOW_TOP, FLOW_BOTTOM = 70.0, 350.0
SCORE_TOP, SCORE_BOTTOM = 420.0, 540.0
SHARE_TOP, SHARE_BOTTOM = 612.0, 722.0
HEIGHT = 756.0
FOLD, FOLD_PLACE = 90.0, 270.0  # litres per second; the scale is compressed below
HOUR_S = 3600.0
STACK = (
    *("lstm", "memory", "seasonal", "periodic", "linear_features"),
    *("linear_24", "linear_1", "persistence"),
)

ZOOM_WIDTH, ZOOM_HEIGHT = 590.0, 300.0
ZOOM_LEFT, ZOOM_RIGHT = 52.0, 578.0
ZOOM_BEFORE_S, ZOOM_AFTER_S = 24 * HOUR_S, 30 * HOUR_S
ZOOM_FLOW_TOP, ZOOM_FLOW_BOTTOM = 34.0, 194.0
ZOOM_SCORE_TOP, ZOOM_SCORE_BOTTOM = 212.0, 272.0
SCORE_MAX_LEAST = 7.0
TICK_STEPS, WIDE_RANGE = (5.0, 20.0), 40.0


def overview(trace: Trace, outcome: Outcome, rules: Rules) -> str:
    """Draw flow, scores and expert weights of the whole run, one below the other."""
    x = Scale((trace.time_s[0], trace.time_s[-1]), (LEFT, RIGHT))
    highest = 1.02 * max(trace.observed)
    flow = Panel(x, Scale((20.0, FOLD, highest), (FLOW_BOTTOM, FOLD_PLACE, FLOW_TOP)))
    score = Panel(x, Scale((0.0, _score_max(trace)), (SCORE_BOTTOM, SCORE_TOP)))
    share = Panel(x, Scale((0.0, 1.0), (SHARE_BOTTOM, SHARE_TOP)))
    weeks = {at: name for at, name in _days(trace, rules.zone) if _monday(at, rules.zone)}
    warm_s = trace.time_s[min(rules.warm_up, len(trace.time_s) - 1)]
    drawn = [
        _title(
            FLOW_TOP - 40.0,
            "Water flow",
            "measured, and forecast one hour ahead, in litres per second; gaps are missing hours",
        ),
        flow.y_ticks({v: f"{v:.0f}" for v in (25.0, 90.0, 95.0, 100.0, 105.0, 110.0)}),
        flow.level(FOLD, "fold"),
        *_notes(FOLD_PLACE, ("scale changes", "below 90"), "note"),
        _title(SCORE_TOP - 18.0, "Score", "improbability of each hour, given all hours before it"),
        score.y_ticks(_odds(_score_max(trace))),
        *_notes(score.y(rules.threshold), ("alerts open", "above this"), "note accent"),
        _title(
            SHARE_TOP - 18.0,
            "Experts",
            "weight of each expert in the forecast, LSTM included",
        ),
        *(panel.shade(trace.time_s[0], warm_s, "warm") for panel in (flow, score)),
        text(LEFT + 6.0, FLOW_TOP + 16.0, "warm-up", "note"),
        *(panel.x_ticks(weeks) for panel in (flow, score)),
        *_shades((flow, score), outcome),
        *_forecast(flow, trace, warm_s),
        *_scores(score, trace, rules.threshold),
        *_shares(share, trace),
        share.x_ticks(weeks),
        *_badges((flow, score), outcome.alerts),
    ]
    return _svg(WIDTH, HEIGHT, (flow, share), drawn, "flow, score and experts of the whole run")


def zoom(trace: Trace, outcome: Outcome, known: Disturbance, rules: Rules) -> str:
    """Draw the days around one disturbance."""
    near = trace.between(known.start_s - ZOOM_BEFORE_S, known.end_s + ZOOM_AFTER_S)
    spans = list(zip(near.observed, near.forecast, near.half_width, strict=True))
    low = min(min(y, f - w) for y, f, w in spans)
    high = max(max(y, f + w) for y, f, w in spans)
    margin = 0.06 * (high - low)
    x = Scale((near.time_s[0], near.time_s[-1]), (ZOOM_LEFT, ZOOM_RIGHT))
    flow = Panel(x, Scale((low - margin, high + margin), (ZOOM_FLOW_BOTTOM, ZOOM_FLOW_TOP)))
    score = Panel(x, Scale((0.0, _score_max(trace)), (ZOOM_SCORE_BOTTOM, ZOOM_SCORE_TOP)))
    step = TICK_STEPS[high - low > WIDE_RANGE]
    ticks = [step * n for n in range(int(low // step) + 1, int(high // step) + 1)]
    halves = dict(_days(near, rules.zone, hours=12))
    drawn = [
        flow.y_ticks({v: f"{v:.0f}" for v in ticks}),
        flow.x_ticks(dict.fromkeys(halves, "")),
        score.y_ticks({0.0: "0", rules.threshold: f"{rules.threshold:.0f}"}),
        score.x_ticks(halves),
        *_shades((flow, score), outcome),
        *_forecast(flow, near, 0.0),
        *_scores(score, near, rules.threshold),
        text(ZOOM_LEFT + 6.0, ZOOM_SCORE_TOP + 12.0, "score", "note"),
        *_badges((flow, score), outcome.alerts),
    ]
    return _svg(ZOOM_WIDTH, ZOOM_HEIGHT, (flow, score), drawn, f"flow around {known.name}")


def _svg(
    width: float, height: float, ends: tuple[Panel, Panel], drawn: Sequence[str], label: str
) -> str:
    """Wrap the drawing in an SVG element, with a cursor from the top panel to the bottom one."""
    panel = ends[0]
    cursor = line(0.0, panel.top, 0.0, ends[1].bottom, "cursor")
    return (
        f'<svg viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label="{label}" '
        f'data-from="{panel.x.values[0]:.0f}" data-to="{panel.x.values[-1]:.0f}" '
        f'data-left="{panel.left:.1f}" data-right="{panel.right:.1f}">'
        f"{''.join(drawn)}{cursor}</svg>"
    )


def _title(y: float, name: str, caption: str) -> str:
    return (
        f'<text x="{LEFT:.1f}" y="{y:.1f}" class="title"><tspan class="strong">{name}</tspan>'
        f'<tspan dx="8">{caption}</tspan></text>'
    )


def _notes(y: float, words: Sequence[str], css: str) -> Iterator[str]:
    """Write lines at the right edge."""
    for n, word in enumerate(words):
        yield text(RIGHT + 8.0, y + 4.0 + 15.0 * n, word, css)


def _score_max(trace: Trace) -> float:
    return max(SCORE_MAX_LEAST, *trace.score)


def _odds(highest: float) -> dict[float, str]:
    """Return the labels of the score axis."""
    names = {0.0: "usual", 3.0: "1 in 10³", 6.0: "1 in 10⁶", 12.0: "1 in 10¹²"}
    return {score: name for score, name in names.items() if score <= highest}


def _days(trace: Trace, zone: tzinfo, hours: int = 24) -> Iterator[tuple[float, str]]:
    """Return every midnight with its date, and with ``hours=12`` every noon with the hour."""
    first, last = (datetime.fromtimestamp(trace.time_s[n], zone) for n in (0, -1))
    midnight = first.replace(tzinfo=None, hour=0, minute=0)
    for n in itertools.count():
        moment = (midnight + timedelta(hours=hours * n)).replace(tzinfo=zone)
        if moment > last:
            return
        if moment >= first:
            yield moment.timestamp(), f"{moment:%-d %b}" if not moment.hour else f"{moment:%H:%M}"


def _monday(time_s: float, zone: tzinfo) -> bool:
    return datetime.fromtimestamp(time_s, zone).weekday() == 0


def _shades(panels: Sequence[Panel], outcome: Outcome) -> Iterator[str]:
    for panel, known in itertools.product(panels, outcome.known):
        if panel.x.values[0] <= known.start_s and known.end_s <= panel.x.values[-1]:
            yield panel.shade(known.start_s, known.end_s, "known")


def _forecast(panel: Panel, trace: Trace, from_s: float) -> Iterator[str]:
    """Draw the flow, its forecast, and the prediction interval from a time on."""
    first = 1 if trace.forecast[0] == 0.0 else 0  # the first forecast of a stream has no data
    warm = next(n for n, time_s in enumerate(trace.time_s) if time_s >= from_s)
    spans = list(zip(trace.forecast[warm:], trace.half_width[warm:], strict=True))
    low, high = [f - w for f, w in spans], [f + w for f, w in spans]
    yield panel.band(trace.time_s[warm:], low, high, "band")
    yield panel.curve(trace.time_s[first:], trace.forecast[first:], "forecast")
    yield panel.curve(trace.time_s, trace.observed, "flow")


def _scores(panel: Panel, trace: Trace, threshold: float) -> Iterator[str]:
    high = [n for n, score in enumerate(trace.score) if score >= threshold]
    yield panel.bars(trace.time_s, trace.score, "score")
    yield panel.bars([trace.time_s[n] for n in high], [trace.score[n] for n in high], "score odd")
    yield panel.level(threshold, "threshold")


def _shares(panel: Panel, trace: Trace) -> Iterator[str]:
    """Draw the stacked weights, with a legend at the right edge."""
    below = [0.0] * len(trace.weights)
    room = (panel.bottom - panel.top) / len(STACK)
    for n, name in enumerate(STACK):
        one = EXPERTS.index(name)
        above = [b + weights[one] for b, weights in zip(below, trace.weights, strict=True)]
        y = panel.bottom - room * (n + 0.5)
        yield panel.band(trace.time_s, below, above, f"share {name}")
        place = f'x="{RIGHT + 9.0:.1f}" y="{y - 5.0:.1f}"'
        yield f'<rect {place} width="10" height="10" class="share {name}"/>'
        yield text(RIGHT + 25.0, y + 4.5, name, f"name {name}")
        below = above


def _badges(panels: Sequence[Panel], alerts: Sequence[DemoAlert]) -> Iterator[str]:
    """Mark where each alert opened, and its duration above the first panel."""
    top = panels[0]
    first_s, last_s = top.x.values[0], top.x.values[-1]
    y = top.top - 14.0
    for number, alert in enumerate(alerts, 1):
        if first_s <= alert.opened_s <= last_s:
            x = top.x(alert.opened_s)
            end = top.x(last_s if alert.ended_s is None else alert.ended_s)
            yield line(x, y, end, y, "lasting")
            yield line(x, y, x, top.top, "opened")
            yield from (panel.upright(alert.opened_s, "opened") for panel in panels)
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="11" class="badge"/>'
            yield text(x, y + 4.5, str(number), "number mid")
