"""Shape of a model, and where each named piece of its state lies in a slot.

A slot is two flat arrays: the *single* part (float32; parameters, optimizer, memory, tape) and the
*double* part (float64; what must last: counts, scaling, experts). Kernels find their way with the
``plan``, one int64 array whose indices are in :mod:`streamlstm.kernels.plan`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import prod
from numbers import Integral
from typing import NamedTuple

from streamlstm.kernels import experts
from streamlstm.kernels.cells import CELLS
from streamlstm.kernels.plan import *  # noqa: F403 - kernels reach every index as ``at.NAME``
from streamlstm.kernels.plan import (
    BLOCKS_AT,
    COLUMN,
    HISTORY,
    PERIODS,
    SCALARS,
    T_LAGS,
    T_LOSSES,
    T_TALLY,
)

EXPERTS = tuple(experts.EXPERTS)  # their names; the place of a name is the index of the expert
PERSISTENCE = EXPERTS.index("persistence")
PLAN_SIZE = BLOCKS_AT + len(EXPERTS)

# Of the decision: calibration, the state of an alert, settings, the largest standardised errors.
(D_SEEN, D_MEAN, D_TAIL, D_OPEN, D_BELOW, D_COOLING, D_EVENTS, D_PEAK) = range(8)
(D_OPENED_AT, D_EXPECTED, D_MUTED) = range(8, 11)
(D_THRESHOLD, D_WARM_UP, D_COOLDOWN, D_RESOLVE_AFTER) = range(11, 15)
D_LARGEST = 16
LARGEST = 100


def whole(name: str, value: int, least: int) -> int:
    """Return ``value`` if it is a whole number, at least ``least``.

    Raises
    ------
    ValueError
        If it is not, naming it.

    Examples
    --------
    >>> whole("window", 0, 1)
    Traceback (most recent call last):
        ...
    ValueError: window must be at least 1; got 0
    """
    if not isinstance(value, Integral) or isinstance(value, bool):
        raise ValueError(f"{name} must be a whole number; got {value!r}")  # noqa: TRY004
    if value < least:
        raise ValueError(f"{name} must be at least {least}; got {value}")
    return int(value)


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a model is.

    Parameters
    ----------
    cell
        A name in :data:`streamlstm.kernels.cells.CELLS`. Default: ``"lstm"``.
    layers
        Number of layers, L. ``"elstm"`` has one. Default: 1.
    inputs
        Number of feature columns with room, at least 1. Each gives the network two inputs (value
        and change), and so does the last observed value of each target. Default: 4.
    hidden
        Number of units of a layer, H. Default: 16.
    outputs
        Number of targets, O. Default: 1.

    Raises
    ------
    ValueError
        If there is no such cell, or a number is out of its range.

    Examples
    --------
    >>> Shape(hidden=8).network_inputs
    10
    """

    cell: str = "lstm"
    layers: int = 1
    inputs: int = 4
    hidden: int = 16
    outputs: int = 1

    def __post_init__(self) -> None:
        """Refuse what the kernels cannot do."""
        if self.cell not in CELLS:
            raise ValueError(f"cell must be one of {', '.join(CELLS)}; got {self.cell!r}")
        for name in ("layers", "inputs", "hidden", "outputs"):
            whole(name, getattr(self, name), 1)
        if self.real_time and self.layers > 1:
            # A weight would move every unit above its own, and its trace be more than a number.
            raise ValueError(f"layers must be 1 where cell is {self.cell!r}; got {self.layers}")

    @property
    def gates(self) -> int:
        """Numbers before the activations, 4H for the LSTM: the width of a row of gate weights."""
        return CELLS[self.cell].blocks * self.hidden

    @property
    def network_inputs(self) -> int:
        """Inputs of the network when every column is in use."""
        return 2 * self.outputs + 2 * self.inputs

    @property
    def real_time(self) -> bool:
        """Whether the cell learns by real-time recurrent learning: each unit sees itself alone."""
        return CELLS[self.cell].real_time

    @property
    def recurrent(self) -> int:
        """Rows of the recurrent weights: H, or 1 where each unit sees itself alone."""
        return 1 if self.real_time else self.hidden

    @property
    def rows(self) -> int:
        """Rows of the gate weights: bias, hidden, inputs."""
        return 1 + self.recurrent + self.network_inputs

    @property
    def upper_rows(self) -> int:
        """The same of a layer above the first, whose inputs are the h of the layer below."""
        return 1 + 2 * self.hidden


class Field(NamedTuple):
    """A named piece of a slot: ``offset`` in its part, and its ``shape``."""

    offset: int
    shape: tuple[int, ...]


def _pack(pieces: Mapping[str, tuple[int, ...]], align: int) -> dict[str, Field]:
    """Lay pieces one after another, each starting on a multiple of ``align`` numbers."""
    fields, offset = {}, 0
    for name, shape in pieces.items():
        fields[name] = Field(offset, shape)
        offset += -(-prod(shape) // align) * align
    fields["end"] = Field(offset, ())
    return fields


@cache
def tape_row_fields(shape: Shape) -> dict[str, Field]:
    """Lay out what the tape keeps of one event: a block for each layer, the top one first.

    All blocks are laid out alike, so that one stride leads from layer to layer.

    Examples
    --------
    >>> list(tape_row_fields(Shape(hidden=8)))
    ['z', 'gates', 'c_prev', 'tanh_c', 'dy', 'end']
    >>> list(tape_row_fields(Shape(layers=2, hidden=8)))[:5]
    ['z.1', 'gates.1', 'c_prev.1', 'tanh_c.1', 'z']
    """
    hidden, rows = shape.hidden, shape.rows
    if shape.layers > 1:
        rows = max(rows, shape.upper_rows)
    block = {"z": (rows,), "gates": (shape.gates,), "c_prev": (hidden,), "tanh_c": (hidden,)}
    pieces: dict[str, tuple[int, ...]] = {}
    for layer in range(shape.layers - 1, -1, -1):
        mark = f".{layer}" if layer else ""
        pieces |= {f"{name}{mark}": size for name, size in block.items()}
    return _pack(pieces | {"dy": (shape.outputs,)}, 16)


@cache
def single_fields(shape: Shape, window: int) -> dict[str, Field]:
    """Lay out the float32 part of a slot: parameters, optimizer, memory, tape.

    ``theta`` is the readout, rows [1 | h], then the gates of each layer from the top down, rows
    [1 | h | inputs]; unused input rows are its end. ``state`` is h and c of each layer, in the same
    order. Real-time recurrent learning has ``traces`` too, a row for a row of the gates.

    Examples
    --------
    >>> fields = single_fields(Shape(inputs=1, hidden=8), window=16)
    >>> fields["theta"].shape, fields["state"].shape
    ((425,), (2, 8))
    """
    hidden, above = shape.hidden, shape.layers - 1
    rows = above * shape.upper_rows + shape.rows
    theta = ((1 + hidden) * shape.outputs + rows * shape.gates,)
    pieces: dict[str, tuple[int, ...]] = {"theta": theta, "moment1": theta, "moment2": theta}
    pieces |= {"state": (2 * shape.layers, hidden)}
    pieces |= {"tape": (window, tape_row_fields(shape)["end"].offset)}
    if shape.real_time:
        pieces["traces"] = (shape.rows, 2 * hidden)
    return _pack(pieces, 16)


@cache
def target_fields(shape: Shape) -> dict[str, Field]:
    """Lay out the float64 state of one target: scale, changes, periods, and a block an expert.

    The block of an expert has the expert's name. Blocks that grow with the units or with the inputs
    come last, in this order, so that the others start at the same place in every shape.

    Examples
    --------
    >>> target_fields(Shape())["linear_1"].shape
    (14,)
    """
    pieces: dict[str, tuple[int, ...]] = {
        "scale": (T_LAGS,),
        "lags": (HISTORY,),
        "tally": (PERIODS,),
        "losses": (len(EXPERTS),),
    }
    for expert in sorted(experts.EXPERTS.values(), key=experts.growth):
        pieces[expert.name] = (expert.size(shape.hidden, shape.network_inputs),)
    return _pack(pieces, 1)


@cache
def double_fields(shape: Shape) -> dict[str, Field]:
    """Lay out the float64 part of a slot: scalars, targets, columns.

    Examples
    --------
    >>> list(double_fields(Shape()))
    ['scalars', 'targets', 'decision', 'columns', 'end']
    """
    target = target_fields(shape)["end"].offset
    pieces: dict[str, tuple[int, ...]] = {"scalars": (SCALARS,), "targets": (shape.outputs, target)}
    pieces["decision"] = (D_LARGEST + LARGEST,)
    return _pack(pieces | {"columns": (shape.inputs, COLUMN)}, 8)


def check_offsets(fields: Mapping[str, Field], offsets: Mapping[str, int]) -> None:
    """Compare the offsets that kernels use with the layout they index.

    Raises
    ------
    ValueError
        If an offset differs from the layout, naming it.

    Examples
    --------
    >>> check_offsets({"losses": Field(4, (8,))}, {"losses": 5})
    Traceback (most recent call last):
        ...
    ValueError: the layout puts 'losses' at 4; the kernels read it at 5
    """
    for name, offset in offsets.items():
        if fields[name].offset != offset:
            found = fields[name].offset
            raise ValueError(
                f"the layout puts {name!r} at {found}; the kernels read it at {offset}"
            )


check_offsets(target_fields(Shape()), {"lags": T_LAGS, "tally": T_TALLY, "losses": T_LOSSES})
