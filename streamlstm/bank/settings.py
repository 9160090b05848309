"""The settings of a model, and the plan the kernels read them from."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlstm.bank.feature_index import DAYS, HOURS
from streamlstm.kernels import layout as at
from streamlstm.kernels.layout import Shape, double_fields, single_fields, tape_row_fields, whole
from streamlstm.kernels.network.optimizer import OPTIMIZERS, TINY
from streamlstm.kernels.readout import LOSSES


@dataclass(frozen=True, slots=True)
class Settings:
    """How a model learns.

    Parameters
    ----------
    window
        Events the gradient reaches back, K; the eLSTM's reaches back to the first.
    update_every
        Events between two steps of the optimizer; 1 learns fastest, 4 costs a third.
    optimizer
        ``"adam"``, ``"rmsprop"`` or ``"sgd"``.
    learning_rate
        Size of a step, above 0; 0 freezes the network.
    learning_rate_decay
        d in 1 / (1 + d · updates), by which steps become smaller, down to a quarter.
    loss
        ``"huber"``, ``"squared"`` or ``"absolute"``.
    loss_limit
        Where the Huber loss turns straight, in typical changes of the target.
    loss_decay
        What an event's loss still counts at each later update its age brings, 0 to 1.
    clip_norm
        Largest norm of a gradient; 0 turns clipping off.
    autoregressive
        Whether the last observed target is an input, and what forecasts start from.
    mixture
        Whether the cheap experts stand beside the LSTM.
    beta_1, beta_2
        How much of its two moments the optimizer keeps at a step; RMSProp has the second alone.
    epsilon
        What it adds to the root of the second, at least 1e-30.

    Raises
    ------
    ValueError
        For a value out of its range, naming it.

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
            raise ValueError(f"loss_decay must lie between 0 and 1; got {self.loss_decay}")
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
    """When an alert opens and ends.

    Parameters
    ----------
    false_alarm_rate
        Wished share of normal events that open an alert; the threshold of the score is its
        −log₁₀.
    warm_up
        Events of a stream before its scores mean anything; they are 0 until then.
    resolve_after
        Events in a row below the threshold that end an alert.
    cooldown
        Events after an alert in which no other opens.

    Raises
    ------
    ValueError
        For a value out of its range, naming it.

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
                f"false_alarm_rate must lie between 0 and 1; got {self.false_alarm_rate}"
            )
        for name, least in (("warm_up", 2), ("resolve_after", 1), ("cooldown", 0)):
            whole(name, getattr(self, name), least)

    @property
    def threshold(self) -> float:
        """The score at which an alert opens."""
        return round(-math.log10(self.false_alarm_rate), 12)  # libm's last bit is not ours


RENAMED = {"quiet": "resolve_after", "rest": "cooldown"}
"""Settings by the names under which version 0.1.0.dev stored them, and their names of today."""


def current_names(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return stored settings under the names of today.

    Examples
    --------
    >>> current_names({"rest": 24, "window": 16})
    {'cooldown': 24, 'window': 16}
    """
    return {RENAMED.get(name, name): value for name, value in stored.items()}


def tape_rows(shape: Shape, settings: Settings) -> int:
    """Count the events the tape keeps: the window or, where none is needed, those of one update.

    Examples
    --------
    >>> tape_rows(Shape(), Settings()), tape_rows(Shape("elstm"), Settings())
    (16, 1)
    """
    return settings.update_every if shape.real_time else settings.window


def make_plan(shape: Shape, settings: Settings) -> NDArray[np.int64]:
    """Write shape, settings and places into the one array the kernels read, no column in use yet.

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
    for place, value in places.items():
        plan[place] = value
    set_columns(plan, [])
    return plan


def set_columns(plan: NDArray[np.int64], periods: list[float]) -> None:
    """Tell the plan how many feature columns are in use, and where the first clock lies among them.

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
