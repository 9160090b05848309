"""Explanation of the next forecast by the past, by feature and by expert."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from streamlstm.bank.bank import Bank
from streamlstm.bank.classes.model import ClassModel, Label
from streamlstm.bank.explain.shapley import Rows, shapley
from streamlstm.kernels import layout as at
from streamlstm.kernels.classification import layout as class_shape
from streamlstm.kernels.regression.forecast import (
    WORK_WEIGHTS,
    anchor_of,
    encode_inputs,
    forecast_target,
    scale_of,
    work_size,
)
from streamlstm.kernels.specialise import forward_of

EXPERTS = len(at.EXPERTS)


class Read(Protocol):
    """Turns features by name into a row, (1, C + O); missing and unknown ones are NaN."""

    def __call__(self, x: Mapping[Hashable, Any], *, grow: bool) -> Rows:
        """Return the row; new features get columns only if ``grow`` is true."""
        ...


class Expert(NamedTuple):
    """Forecast and weight of one expert, and the product of the two.

    Parameters
    ----------
    forecast : float
        Forecast of the expert, in the unit of the target.
    weight : float
        Weight of the expert, 0 to 1; the weights of all experts sum to 1.
    contribution : float
        ``weight · forecast``; the contributions of all experts sum to the forecast of the model.

    Examples
    --------
    >>> Expert(20.0, 0.25, 5.0).contribution
    5.0
    """

    forecast: float
    weight: float
    contribution: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Explanation of a forecast by features and by experts.

    Parameters
    ----------
    forecast : float
        The forecast, as ``predict_one`` returns it.
    baseline : float
        The forecast if every feature were missing, from the past alone.
    features : dict of float
        Contribution of each feature of the event; they sum to ``forecast − baseline``.
    experts : dict of Expert
        Forecast, weight and contribution of each expert; the contributions sum to ``forecast``.

    Examples
    --------
    >>> from streamlstm import LSTMRegressor
    >>> model = LSTMRegressor(seed=1)
    >>> for n in range(300):
    ...     model.learn_one({"load": n * n % 7, "dust": n % 3}, 20.0 + n * n % 7)
    >>> why = model.explain_one({"load": 6, "dust": 1})
    >>> why.features["load"] > 10 * abs(why.features["dust"])
    True
    >>> abs(why.baseline + sum(why.features.values()) - why.forecast) < 1e-9
    True
    >>> abs(sum(e.contribution for e in why.experts.values()) - why.forecast) < 1e-9
    True
    """

    forecast: float
    baseline: float
    features: dict[Hashable, float]
    experts: dict[str, Expert]


class Predictions(NamedTuple):
    """Inputs of the network, its gates, and the forecast of every expert for one event.

    ``inputs`` is (2 O + 2 C,), two for each target, then for each column; ``gates`` is (L, G),
    the lowest layer first; ``forecasts``, in units of the targets, and ``weights`` are (O, E).
    """

    inputs: NDArray[np.floating]
    gates: NDArray[np.floating]
    forecasts: Rows
    weights: Rows


def predictions(bank: Bank, key: str, event: Rows) -> Predictions:
    """Run the next event through a stream's network and experts, as a forecast does.

    Parameters
    ----------
    bank
        The bank.
    key
        The stream.
    event : (C + O,)
        Feature columns (NaN = missing), then targets, which are ignored.

    Examples
    --------
    >>> from streamlstm.bank import Settings, Shape
    >>> bank = Bank(Shape(), Settings())
    >>> _ = bank.learn([bank.open("a")] * 3, [[20.0], [21.0], [22.0]])
    >>> said = predictions(bank, "a", np.array([np.nan]))
    >>> said.forecasts[0, at.PERSISTENCE].item(), said.gates.shape
    (22.0, (1, 64))
    """
    shape, plan, slot = bank.shape, bank.store.plan, bank.slots[key]
    hidden, single, double = shape.hidden, bank.store.singles[slot], bank.store.doubles[slot]
    row = np.empty(plan[at.TAPE_ROW], single.dtype)
    out = np.empty(plan[at.STATE] + shape.outputs, single.dtype)
    encode_inputs(double, row, event, plan)
    forward_of(shape.cell)(single, row, out, plan)
    work = np.empty(work_size(hidden))
    forecasts, weights = np.empty((2, shape.outputs, EXPERTS))
    inputs = row[plan[at.INPUTS_AT] :][: plan[at.INPUTS]]
    outputs = out[-shape.outputs :]
    for k, output in enumerate(outputs):  # of its own type, as the kernel was compiled
        start = plan[at.TARGETS_AT] + k * plan[at.TARGET_SIZE]
        target = double[start : start + plan[at.TARGET_SIZE]]
        forecast_target(target, inputs, out[:hidden], output, event, work, plan)
        autoregressive = plan[at.AUTOREGRESSIVE]
        anchor, scale = anchor_of(target, autoregressive), scale_of(target, autoregressive)
        forecasts[k] = anchor + scale * work[:EXPERTS]
        weights[k] = work[WORK_WEIGHTS : WORK_WEIGHTS + EXPERTS]
    blocks = row[: plan[at.ROW_DY]].reshape(shape.layers, plan[at.LAYER_ROW])[::-1]
    gates = blocks[:, plan[at.ROW_GATES] :][:, : shape.gates]
    return Predictions(inputs, gates, forecasts, weights)


def explain(
    x: Mapping[Hashable, Any],
    read: Read,
    predict: Callable[[Rows], Rows],
    experts: Iterable[dict[str, Expert]],
) -> list[Explanation]:
    """Explain the outputs of a model for an event, one explanation per output.

    Parameters
    ----------
    x
        Features by name.
    read
        Turns features into a row.
    predict : (n, C + O) to (n, O)
        Predictions of the model for events.
    experts
        Experts of each output.
    """
    event = read(x, grow=False)[0].copy()
    cells = {n: np.flatnonzero(~np.isnan(read({n: v}, grow=False)[0])) for n, v in x.items()}
    known = [name for name, own in cells.items() if own.size]
    known.sort(key=lambda name: int(cells[name][0]))  # independent of the order of the dict
    owner = np.full(event.size, -1)
    for part, name in enumerate(known):
        owner[cells[name]] = part
    baselines, shares = shapley(event, owner, predict)
    forecasts = predict(event[None])[0]
    nothing: dict[Hashable, float] = dict.fromkeys(x, 0.0)
    return [
        Explanation(
            float(forecasts[k]),
            float(baselines[k]),
            nothing | dict(zip(known, shares[:, k].tolist(), strict=True)),
            own,
        )
        for k, own in enumerate(experts)
    ]


def explain_event(bank: Bank, key: str, x: Mapping[Hashable, Any], read: Read) -> list[Explanation]:
    """Explain the forecast of a stream's model for an event, one explanation per target.

    Parameters
    ----------
    bank
        The bank.
    key
        The stream.
    x, read
        As in :func:`explain`.
    """
    said, slot = predictions(bank, key, read(x, grow=False)[0]), bank.slots[key]
    experts = [
        {name: Expert(f, w, f * w) for name, f, w in zip(at.EXPERTS, *both, strict=True)}
        for both in zip(said.forecasts.tolist(), said.weights.tolist(), strict=True)
    ]
    return explain(x, read, lambda rows: bank.forecast(np.full(len(rows), slot), rows), experts)


def explain_label(
    model: ClassModel, x: Mapping[Hashable, Any], read: Read
) -> dict[Label, Explanation]:
    """Explain the probability of each class.

    Parameters
    ----------
    model
        The classifier's model.
    x, read
        As in :func:`explain`.
    """
    if not model.classes:
        return {}
    said = dict(zip(class_shape.EXPERTS, model.predictions(read(x, grow=False)[0]), strict=True))
    weights = model.expert_weights()
    experts = [
        {
            name: Expert(float(said[name][k]), weights[name], weights[name] * float(said[name][k]))
            for name in model.experts
        }
        for k in model.classes.values()
    ]

    def predict(rows: Rows) -> Rows:
        return model.run(rows, learn=False)[:, 1:]

    return dict(zip(model.classes, explain(x, read, predict, experts), strict=True))
