"""Writes the demo's page: one self-contained HTML file."""

import importlib.resources
import json
from datetime import tzinfo
from html import escape
from string import Template

from streamlstm.demo.alerts import DemoAlert, Outcome
from streamlstm.demo.panels import HOUR_S, overview, zoom
from streamlstm.demo.terminal import local
from streamlstm.demo.trace import Disturbance, Rules, Trace
from streamlstm.kernels.layout import EXPERTS

WHEN = "%a %-d %b, %H:%M"


def page(trace: Trace, outcome: Outcome, rules: Rules) -> str:
    """Make the page.

    Parameters
    ----------
    trace
        Every event with its forecast and score.
    outcome
        Alerts and known disturbances.
    rules
        Settings of the alerts.
    """
    template = importlib.resources.files("streamlstm.demo").joinpath("page.html")
    return Template(template.read_text(encoding="utf-8")).substitute(
        headline=escape(headline(outcome)),
        events=f"{outcome.events:,}",
        seconds=f"{outcome.seconds:.2f}",
        event_us=f"{outcome.event_us:.0f}",
        found=outcome.found,
        known=len(outcome.known),
        outside=outcome.outside,
        overview=overview(trace, outcome, rules),
        zooms="".join(_figure(trace, outcome, one, rules) for one in outcome.known),
        rows="".join(_row(n, alert, rules.zone) for n, alert in enumerate(outcome.alerts, 1)),
        data=_data(trace, rules.zone),
        resolve_after=rules.resolve_after,
    )


def headline(outcome: Outcome) -> str:
    """Summarise the result in one sentence.

    Examples
    --------
    >>> headline(Outcome([], [], events=0, seconds=0.0))
    'It found 0 of 0 known disturbances, without a false alarm.'
    """
    outside = outcome.outside
    alarms = "without a false alarm" if not outside else f"with {outside} alerts outside them"
    alarms = alarms.replace("1 alerts", "1 alert") if outside == 1 else alarms
    found, known = outcome.found, len(outcome.known)
    if known and found == known:
        return f"It found all {known} disturbances, {alarms}."
    return f"It found {found} of {known} known disturbances, {alarms}."


def _figure(trace: Trace, outcome: Outcome, known: Disturbance, rules: Rules) -> str:
    first = next((alert for alert in outcome.alerts if alert.disturbance == known), None)
    return (
        f"<figure><figcaption><b>{known.name}</b> {escape(_detection(first, known))}</figcaption>"
        f"{zoom(trace, outcome, known, rules)}</figure>"
    )


def _detection(alert: DemoAlert | None, known: Disturbance) -> str:
    """Describe the first alert of a disturbance."""
    if alert is None:
        return "No alert opened."
    late = round((alert.opened_s - known.start_s) / HOUR_S)
    when = f"{late} hours after it began" if late else "in its first hour"
    when = when.replace("1 hours", "1 hour") if late == 1 else when
    return (
        f"Alert {when}: {alert.observed:.1f} l/s measured, "
        f"{alert.low:.1f}–{alert.high:.1f} expected."
    )


def _row(number: int, alert: DemoAlert, zone: tzinfo) -> str:
    cells = (
        f'<td><span class="badge">{number}</span></td>',
        f"<td>{local(alert.opened_s, zone, WHEN)}</td>",
        f"<td>{local(alert.ended_s, zone, WHEN)}</td>",
        f'<td><span class="severity {alert.severity}">{alert.severity}</span></td>',
        f'<td class="end"><b>{alert.observed:.1f}</b></td>',
        f'<td class="end">{alert.expected:.1f} '
        f"<small>{alert.low:.1f}–{alert.high:.1f}</small></td>",
        f'<td class="end">{alert.score:.1f} <small>peak {alert.peak:.1f}</small></td>',
        f"<td>{alert.expert} <small>{alert.share:.0%}</small></td>",
        f"<td>{alert.disturbance.name if alert.disturbance else 'none'}</td>",
    )
    return f'<tr id="{escape(alert.alert_id, quote=True)}">{"".join(cells)}</tr>'


def _data(trace: Trace, zone: tzinfo) -> str:
    """Return the data of the tooltip as JSON."""
    columns = {
        "time": trace.time_s,
        "when": [local(time_s, zone, WHEN) for time_s in trace.time_s],
        "observed": [round(value, 2) for value in trace.observed],
        "forecast": [round(value, 2) for value in trace.forecast],
        "half": [round(value, 2) for value in trace.half_width],
        "score": [round(value, 2) for value in trace.score],
        "expert": [weights.index(max(weights)) for weights in trace.weights],
        "experts": EXPERTS,
    }
    return json.dumps(columns, separators=(",", ":"), allow_nan=False).replace("</", "<\\/")
