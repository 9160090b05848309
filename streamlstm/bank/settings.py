"""Settings of a model, and the plan array from which the kernels read them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlstm.bank.feature_index import DAYS, HOURS
from streamlstm.kernels import layout as at
from streamlstm.kernels.functions.readout import LOSSES
from streamlstm.kernels.layout import (
    Shape,
    double_fields,
    single_fields,
    tape_row_fields,
    target_fields,
    whole,
)
from streamlstm.kernels.network.optimizer import OPTIMIZERS, TINY


@dataclass(frozen=True, slots=True)
class Settings:
    """Learning settings of a model.

    Parameters
    ----------
    window : int, default 16
        Truncation length of back-propagation through time in events, K. Not used by the eLSTM.
    update_every : int, default 1
        Number of events between two optimizer steps.
    optimizer : str, default "adam"
        ``"adam"``, ``"rmsprop"`` or ``"sgd"``.
    learning_rate : float, default 0.003
        Step size, 0 or more; 0 freezes the network.
    learning_rate_decay : float, default 0.0
        Decay d of the step size, 1 / (1 + d · updates), down to a quarter.
    loss : str, default "huber"
        ``"huber"``, ``"squared"`` or ``"absolute"``.
    loss_limit : float, default 5.0
        Error at which the Huber loss becomes linear, in typical changes of the target.
    loss_decay : float, default 0.0
        Weight of an event's loss in each later update while it is in the window, 0 to 1.
    clip_norm : float, default 1.0
        Maximum norm of a gradient; 0 disables clipping.
    autoregressive : bool, default True
        Whether the last target is an input, and the value that forecasts start from.
    mixture : bool, default True
        Whether the forecast is a mixture of all experts, or that of the network alone.
    beta_1 : float, default 0.9
        Decay of the optimizer's first moment; not used by RMSProp.
    beta_2 : float, default 0.999
        Decay of the optimizer's second moment.
    epsilon : float, default 1e-08
        Constant added to the root of the second moment, at least 1e-30.

    Raises
    ------
    ValueError
        If a value is out of range; the message names it.

    Examples
    --------
    >>> Settings(window=0)
    Traceback (most recent call last):
        ...
    ValueError: window must be at least 1; got 0
    """

    window: int = 16
    update_every: int = 1
    optimizer: str = "adam"
    learning_rate: float = 0.003
    learning_rate_decay: float = 0.0
    loss: str = "huber"
    loss_limit: float = 5.0
    loss_decay: float = 0.0
    clip_norm: float = 1.0
    autoregressive: bool = True
    mixture: bool = True
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        for name in ("window", "update_every"):
            whole(name, getattr(self, name), 1)
        for name in ("learning_rate", "learning_rate_decay", "clip_norm"):
            if not 0.0 <= getattr(self, name) < np.inf:
                raise ValueError(f"{name} must be 0 or more; got {getattr(self, name)}")
        if not 0.0 < self.loss_limit < np.inf:
            raise ValueError(f"loss_limit must be above 0; got {self.loss_limit}")
        if not 0.0 <= self.loss_decay <= 1.0:
            raise ValueError(f"loss_decay must be between 0 and 1; got {self.loss_decay}")
        for name in ("beta_1", "beta_2"):
            if not 0.0 <= getattr(self, name) < 1.0:
                raise ValueError(f"{name} must be 0 or more, below 1; got {getattr(self, name)}")
        if not TINY <= self.epsilon < np.inf:
            raise ValueError(f"epsilon must be at least {TINY}; got {self.epsilon}")
        for name, known in (("optimizer", OPTIMIZERS), ("loss", LOSSES)):
            if getattr(self, name) not in known:
                choices = ", ".join(known)
                raise ValueError(f"{name} must be one of {choices}; got {getattr(self, name)!r}")


@dataclass(frozen=True, slots=True)
class Detection:
    """Alert settings: when an alert opens and closes.

    Parameters
    ----------
    false_alarm_rate : float, default 0.001
        Desired fraction of normal events that open an alert. The score threshold is its −log₁₀.
    warm_up : int, default 64
        Number of events of a stream before scores are computed; until then they are 0.
    resolve_after : int, default 12
        Number of consecutive events below the threshold after which an alert closes.
    cooldown : int, default 24
        Number of events after an alert in which no other alert opens.

    Raises
    ------
    ValueError
        If a value is out of range; the message names it.

    Examples
    --------
    >>> Detection(false_alarm_rate=0.001).threshold
    3.0
    """

    false_alarm_rate: float = 0.001
    warm_up: int = 64
    resolve_after: int = 12
    cooldown: int = 24

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        if not 0.0 < self.false_alarm_rate < 1.0:
            raise ValueError(
                f"false_alarm_rate must be between 0 and 1; got {self.false_alarm_rate}"
            )
        for name, least in (("warm_up", 2), ("resolve_after", 1), ("cooldown", 0)):
            whole(name, getattr(self, name), least)

    @property
    def threshold(self) -> float:
        """The score at which an alert opens."""
        return round(-math.log10(self.false_alarm_rate), 12)  # the last bit depends on libm


RENAMED = {"quiet": "resolve_after", "rest": "cooldown"}
"""Names of settings that version 0.1.0.dev stored, and their current names."""


def current_names(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return stored settings under their current names.

    Examples
    --------
    >>> current_names({"rest": 24, "window": 16})
    {'cooldown': 24, 'window': 16}
    """
    return {RENAMED.get(name, name): value for name, value in stored.items()}


def tape_rows(shape: Shape, settings: Settings) -> int:
    """Return the number of events on the tape: the window or, for the eLSTM, ``update_every``.

    Examples
    --------
    >>> tape_rows(Shape(), Settings()), tape_rows(Shape("elstm"), Settings())
    (16, 1)
    """
    return settings.update_every if shape.real_time else settings.window


def make_plan(shape: Shape, settings: Settings) -> NDArray[np.int64]:
    """Return shape, settings and offsets as the array the kernels read, without feature columns.

    Examples
    --------
    >>> int(make_plan(Shape(hidden=8), Settings())[at.HIDDEN])
    8
    """
    kept = tape_rows(shape, settings)
    single, double = single_fields(shape, kept), double_fields(shape)
    row = tape_row_fields(shape)
    plan = np.zeros(at.PLAN_SIZE, np.int64)
    places = {
        at.HIDDEN: shape.hidden,
        at.GATES: shape.gates,
        at.OUTPUTS: shape.outputs,
        at.WINDOW: kept,
        at.UPDATE_EVERY: settings.update_every,
        at.OPTIMIZER: OPTIMIZERS[settings.optimizer],
        at.LOSS: LOSSES[settings.loss],
        at.AUTOREGRESSIVE: settings.autoregressive,
        at.MOMENT1_AT: single["moment1"].offset,
        at.MOMENT2_AT: single["moment2"].offset,
        at.STATE_AT: single["state"].offset,
        at.TAPE_AT: single["tape"].offset,
        at.TRACES_AT: single["traces"].offset if shape.real_time else 0,
        at.RECURRENT: shape.recurrent,
        at.LAYERS: shape.layers,
        at.STATE: 2 * shape.hidden * shape.layers,
        at.UPPER: shape.upper_rows * shape.gates,
        at.TAPE_ROW: row["end"].offset,
        at.LAYER_ROW: row["dy"].offset // shape.layers,
        at.INPUTS_AT: row["z"].offset + 1 + shape.recurrent,
        at.ROW_GATES: row["gates"].offset - row["z"].offset,
        at.ROW_C_PREV: row["c_prev"].offset - row["z"].offset,
        at.ROW_TANH_C: row["tanh_c"].offset - row["z"].offset,
        at.ROW_DY: row["dy"].offset,
        at.COLUMNS_AT: double["columns"].offset,
        at.TARGETS_AT: double["targets"].offset,
        at.DECISION_AT: double["decision"].offset,
        at.TARGET_SIZE: double["targets"].shape[1],
    }
    blocks = target_fields(shape)
    places |= {at.BLOCKS_AT + e: blocks[name].offset for e, name in enumerate(at.EXPERTS)}
    for place, value in places.items():
        plan[place] = value
    set_columns(plan, [])
    return plan


def set_columns(plan: NDArray[np.int64], periods: list[float]) -> None:
    """Write the number of feature columns, and the columns of the first clock, into the plan.

    Examples
    --------
    >>> from streamlstm.bank.feature_index import FeatureIndex
    >>> plan, index = make_plan(Shape(), Settings()), FeatureIndex(features_max=8)
    >>> index.add(["load"], clocks=["time"])
    >>> set_columns(plan, index.periods)
    >>> plan[at.HOUR_COLUMN].item(), plan[at.WEEKDAY_COLUMN].item()
    (1, 3)
    """
    plan[at.COLUMNS] = len(periods)
    plan[at.INPUTS] = 2 * plan[at.OUTPUTS] + 2 * len(periods)
    above = (1 + plan[at.HIDDEN]) * plan[at.OUTPUTS] + (plan[at.LAYERS] - 1) * plan[at.UPPER]
    plan[at.THETA] = above + (1 + plan[at.RECURRENT] + plan[at.INPUTS]) * plan[at.GATES]
    plan[at.HOUR_COLUMN] = periods.index(HOURS) if HOURS in periods else -1
    plan[at.WEEKDAY_COLUMN] = periods.index(DAYS) if DAYS in periods else -1
