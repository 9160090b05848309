"""Plots of gates, reach and explanations, drawn by matplotlib, which is imported on first use.

They need the extra ``plot``: ``pip install 'streamlstm[plot]'``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from streamlstm.bank.explain.activations import gates
from streamlstm.bank.explain.explanation import Explanation
from streamlstm.bank.explain.network_view import layers_of
from streamlstm.inspection.reach import reach

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DARK, MUTED, UP, DOWN = "#1f3044", "#6b7785", "#2a9d6f", "#e4572e"
LINES = ("#0b6e99", "#e4572e", "#2a9d6f", "#6940a5", "#d9730d", "#888888")
BETWEEN_0_AND_1 = ("input", "forget", "output", "reset", "update")
WIDTH, ROW_HEIGHT = 8.0, 0.4  # inches


def new_figure(rows: int, height: float) -> Figure:
    """Make a figure with ``rows`` axes one under the other, ``height`` inches high.

    Raises
    ------
    ImportError
        If matplotlib is missing; the message names the extra to install.
    """
    try:
        from matplotlib import pyplot as plt  # noqa: PLC0415 - slow to import
    except ImportError as error:
        raise ImportError("plots need matplotlib: pip install 'streamlstm[plot]'") from error
    figure, _ = plt.subplots(rows, 1, figsize=(WIDTH, height), layout="constrained")
    return figure


def plot_gates(
    model: Any,
    names: Sequence[str] | None = None,
    key: str | None = None,
    axes: Sequence[Axes] = (),
    layer: int = 0,
) -> Figure:
    """Plot the activation of each unit at the last events, one panel per gate.

    Parameters
    ----------
    model
        An estimator of streamlstm, or a :class:`~streamlstm.Bank`.
    names
        Names from :func:`~streamlstm.inspection.gates`; ``None`` plots all.
    key : str, default None
        Stream of a bank; not needed for an estimator.
    axes
        Axes to draw on, one per name; by default a new figure.
    layer : int, default 0
        The layer; 0 is the lowest.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ImportError
        If matplotlib is missing.
    ValueError
        If the cell has no gate of that name, or the network no such layer.

    Examples
    --------
    >>> from streamlstm import LSTMRegressor
    >>> from streamlstm.inspection import plot_gates
    >>> model = LSTMRegressor()
    >>> for n in range(50):
    ...     model.learn_one({}, n % 4)
    >>> plot_gates(model, ["forget", "cell"]).axes[0].get_title(loc="left")
    'forget'
    """
    seen = gates(model, key, layer)
    for name in names or ():
        if name not in seen:
            raise ValueError(f"the cell has no gate {name!r}; it has {', '.join(seen)}")
    names = list(names or seen)
    panels = list(axes) or new_figure(len(names), 1.5 * len(names) + 0.5).axes
    for axis, name in zip(panels, names, strict=True):
        values = seen[name].T
        gate = name in BETWEEN_0_AND_1
        limit = 1.0 if name == "candidate" else float(np.abs(values).max(initial=1e-9))
        image = axis.imshow(
            values,
            aspect="auto",
            interpolation="nearest",
            cmap="viridis" if gate else "RdBu_r",
            vmin=0.0 if gate else -limit,
            vmax=1.0 if gate else limit,
            extent=(0.5 - values.shape[1], 0.5, values.shape[0] - 0.5, -0.5),
        )
        axis.figure.colorbar(image, ax=axis, pad=0.01)
        axis.set_title(f"{name}, layer {layer}" if layer else name, loc="left", fontweight="bold")
        axis.set_ylabel("unit")
        axis.spines[:].set_visible(False)
        axis.locator_params(integer=True)
        axis.tick_params(labelbottom=axis is panels[-1])
    panels[-1].set_xlabel("event, 0 the newest")
    return panels[0].get_figure(root=True)  # type: ignore[return-value]  # every panel is in a figure


def plot_memory(models: Any, key: str | None = None, axes: Axes | None = None) -> Axes:
    """Plot the reach: gradient norm against lag, one line per model.

    Parameters
    ----------
    models
        A dict of models by the names in the legend, or a single model.
    key : str, default None
        Stream of a bank; not needed for an estimator.
    axes
        Axes to draw on; by default a new figure.

    Raises
    ------
    ImportError
        If matplotlib is missing.

    Examples
    --------
    >>> from streamlstm import LSTMRegressor
    >>> from streamlstm.inspection import plot_memory
    >>> models = {cell: LSTMRegressor(cell=cell) for cell in ("lstm", "rnn")}
    >>> for n in range(50):
    ...     for model in models.values():
    ...         model.learn_one({}, n % 4)
    >>> plot_memory(models).get_yscale()
    'log'
    """
    axes = axes or new_figure(1, 4.5).axes[0]
    if not isinstance(models, Mapping):
        models = {layers_of(models, key)[0].cell: models}
    for n, (label, model) in enumerate(models.items()):
        felt = reach(model, key)
        axes.plot(felt, "o-", color=LINES[n % len(LINES)], label=label, markersize=3.5)
    axes.set_yscale("log")
    axes.locator_params(axis="x", integer=True)
    axes.set(xlabel="lag k, events back", ylabel="gradient ‖∂h(t) / ∂s(t − k)‖ / √H")
    axes.set_title("How far back the memory reaches", loc="left", fontweight="bold")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#e6e9ec")
    axes.legend(frameon=False)
    return axes


def plot_explanation(why: Explanation, axes: Axes | None = None) -> Axes:
    """Plot an explanation as a waterfall: from the past alone, feature by feature, to the forecast.

    Parameters
    ----------
    why
        Result of ``explain_one``.
    axes
        Axes to draw on; by default a new figure.

    Raises
    ------
    ImportError
        If matplotlib is missing.

    Examples
    --------
    >>> from streamlstm import LSTMRegressor
    >>> from streamlstm.inspection import plot_explanation
    >>> model = LSTMRegressor()
    >>> for n in range(50):
    ...     model.learn_one({"load": n % 7}, 20.0 + n % 7)
    >>> axes = plot_explanation(model.explain_one({"load": 3}))
    >>> [label.get_text() for label in axes.get_yticklabels()]
    ['the past', 'load', 'forecast']
    """
    features = sorted(why.features.items(), key=lambda item: -abs(item[1]))
    names = ["the past", *(str(name) for name, _ in features), "forecast"]
    axes = axes or new_figure(1, ROW_HEIGHT * len(names) + 1.2).axes[0]
    place = why.baseline
    for row, (_, share) in enumerate(features, start=1):
        axes.barh(row, share, left=place, color=UP if share > 0.0 else DOWN, height=0.6)
        axes.annotate(
            f"{share:+.3g}",
            (place + max(share, 0.0), row),
            (4, 0),
            va="center",
            textcoords="offset points",
            color=MUTED,
        )
        place += share
    for row, value in ((0, why.baseline), (len(names) - 1, why.forecast)):
        axes.plot(value, row, "D", color=DARK)
        axes.annotate(
            f"{value:.5g}",
            (value, row),
            (7, 0),
            va="center",
            textcoords="offset points",
            color=DARK,
            fontweight="bold",
        )
        axes.axvline(value, color=MUTED, linewidth=0.8, linestyle=":")
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.use_sticky_edges = False  # a margin beside bars as well
    axes.margins(x=0.15)
    axes.set_xlabel("forecast")
    axes.set_title("Contributions of the features", loc="left", fontweight="bold")
    axes.spines[["top", "right"]].set_visible(False)
    return axes


def plot_experts(why: Explanation, axes: Axes | None = None) -> Axes:
    """Plot the forecast of each expert, with dots sized by weight, and the forecast as a line.

    Experts with weight 0 are left out.

    Parameters
    ----------
    why
        Result of ``explain_one``.
    axes
        Axes to draw on; by default a new figure.

    Raises
    ------
    ImportError
        If matplotlib is missing.

    Examples
    --------
    >>> from streamlstm import LSTMRegressor
    >>> from streamlstm.inspection import plot_experts
    >>> plot_experts(LSTMRegressor().explain_one()).get_xlabel()
    'forecast'
    """
    experts = [item for item in why.experts.items() if item[1].weight > 0.0]
    experts.sort(key=lambda item: -item[1].weight)
    axes = axes or new_figure(1, ROW_HEIGHT * len(experts) + 1.2).axes[0]
    said = [expert.forecast for _, expert in experts]
    sizes = [12.0 + 400.0 * expert.weight for _, expert in experts]
    axes.axvline(why.forecast, color=DARK, linewidth=1.2)
    axes.scatter(said, range(len(experts)), sizes, color=LINES[0], alpha=0.8, linewidths=0)
    labels = [f"{name}  {expert.weight:.0%}" for name, expert in experts]
    axes.set_yticks(range(len(experts)), labels)
    axes.invert_yaxis()
    axes.margins(x=0.15, y=0.15)
    axes.set_xlabel("forecast")
    axes.set_title("Forecast and weight of each expert", loc="left", fontweight="bold")
    axes.spines[["top", "right"]].set_visible(False)
    return axes
