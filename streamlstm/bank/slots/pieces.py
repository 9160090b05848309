"""The named pieces of one slot: views, initial values, and the copy for growth and restore."""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from streamlstm.bank.settings import Settings
from streamlstm.bank.slots.initial_weights import gate_rows, keep_biases
from streamlstm.kernels import layout as at
from streamlstm.kernels.cells import CELLS
from streamlstm.kernels.experts import EXPERTS, linear_features, lstm
from streamlstm.kernels.layout import (
    Field,
    Shape,
    double_fields,
    single_fields,
    tape_row_fields,
    target_fields,
)

Array = NDArray[np.floating]
KEEP_BIAS = 1.0  # of the gate that retains the state: forget in the LSTM, update in the GRU


def _view(part: Array, field: Field) -> Array:
    size = math.prod(field.shape)
    return part[field.offset : field.offset + size].reshape(field.shape)


def slot_pieces(part: Array, fields: dict[str, Field]) -> dict[str, Array]:
    """Return views of the pieces of one part of a slot, by name."""
    return {name: _view(part, field) for name, field in fields.items() if name != "end"}


def slot_views(single: Array, double: Array, shape: Shape, window: int) -> dict[str, Array]:
    """Return views of all pieces of a slot, by name.

    Examples
    --------
    >>> shape = Shape(hidden=8)
    >>> single = np.zeros(single_fields(shape, 16)["end"].offset, np.float32)
    >>> double = np.zeros(double_fields(shape)["end"].offset)
    >>> sorted(slot_views(single, double, shape, 16))
    ['columns', 'decision', 'moment1', 'moment2', 'scalars', 'state', 'tape', 'targets', 'theta']
    """
    pieces = slot_pieces(single, single_fields(shape, window))
    return pieces | slot_pieces(double, double_fields(shape))


def tape_views(tape: Array, shape: Shape) -> dict[str, Array]:
    """Return views of the pieces of the tape, each of shape (window, ...)."""
    return {
        name: tape[:, field.offset : field.offset + field.shape[0]]
        for name, field in tape_row_fields(shape).items()
        if name != "end"
    }


def copy_slot(
    source: dict[str, Array], source_shape: Shape, target: dict[str, Array], target_shape: Shape
) -> None:
    """Copy the pieces of a slot into a slot with capacity for at least as many inputs.

    The numbers of an input come last in every piece, so an old piece is the start of the new one.
    """
    for name, piece in source.items():
        if name == "tape":
            rows = tape_views(target[name], target_shape)
            for part, values in tape_views(piece, source_shape).items():
                rows[part][:, : values.shape[1]] = values
        else:
            target[name][tuple(slice(0, n) for n in piece.shape)] = piece


def least_squares_blocks(target: Array, shape: Shape) -> Iterator[tuple[Array, int]]:
    """Yield the least-squares blocks of a target, each with its number of regressors."""
    for expert in EXPERTS.values():
        if expert.regressors:
            block = _view(target, target_fields(shape)[expert.name])
            yield block, expert.regressors(shape.hidden)


def begin(views: dict[str, Array], shape: Shape, settings: Settings, seed: str) -> None:
    """Initialise a slot: weights from the seed, forget-gate biases, and empty experts.

    Without past targets as inputs, the units are initialised to remember for up to ``window``
    events. Otherwise that increases the error by up to 4 % (``benchmarks/RESULTS.md``), and the
    forget-gate bias is 1. The readout starts at 0, so an untrained LSTM forecasts the last target.
    """
    hidden, outputs, recurrent = shape.hidden, shape.outputs, shape.recurrent
    for piece in views.values():
        piece[...] = 0.0
    gates, above = gate_weights(views["theta"], shape), upper_weights(views["theta"], shape)
    keep_gate = CELLS[shape.cell].keep_gate
    if keep_gate is not None:
        first = keep_gate * hidden
        bias = np.full(hidden, KEEP_BIAS)
        if not (settings.autoregressive or shape.real_time):  # the eLSTM has no window
            bias = np.maximum(keep_biases(settings.window, hidden), KEEP_BIAS)
        for row in (gates[0], *above[:, 0]):
            row[first : first + hidden] = bias
    gates[1 : 1 + recurrent] = gate_rows(seed, "hidden", recurrent, shape)
    begin_upper(above, shape, seed)
    for k in range(outputs):
        row = 1 + recurrent + 2 * k
        gates[row : row + 2] = gate_rows(seed, f"target.{k}", 2, shape)
    silence(gates[1 : 1 + shape.recurrent], gates[1 + shape.recurrent :], shape)
    scalars = views["scalars"]
    scalars[[at.BETA1_POWER, at.BETA2_POWER]] = 1.0
    write_step(scalars, settings)
    scalars[[at.LOSS_LIMIT, at.LOSS_DECAY]] = settings.loss_limit, settings.loss_decay
    fields = target_fields(shape)
    for target in views["targets"]:
        for block, size in least_squares_blocks(target, shape):
            block[: size * size : size + 1] = 1.0  # P = I
        losses = _view(target, fields["losses"])
        feature_variances(target, shape)[0][: 2 * outputs] = 1.0
        for e, expert in enumerate(EXPERTS.values()):
            no_past = expert.past_targets and not settings.autoregressive
            if expert.enable or no_past or not (settings.mixture or expert is lstm.EXPERT):
                losses[e] = np.inf


def write_step(scalars: Array, settings: Settings) -> None:
    """Write the hyperparameters of the optimizer."""
    scalars[[at.LEARNING_RATE, at.CLIP_NORM]] = settings.learning_rate, settings.clip_norm
    scalars[at.RATE_DECAY] = settings.learning_rate_decay
    scalars[[at.BETA1, at.BETA2]] = settings.beta_1, settings.beta_2
    scalars[at.EPSILON] = settings.epsilon


def begin_columns(
    views: dict[str, Array], shape: Shape, seed: str, names: list[str], periods: list[float]
) -> None:
    """Initialise period and weights of new feature columns; initialised columns do not change.

    Parameters
    ----------
    views, shape
        Pieces of the slot, and its shape.
    seed
        Seed of the stream.
    names, periods
        Names and periods of all columns in use, in order.
    """
    gates = gate_weights(views["theta"], shape)
    first = 1 + shape.recurrent + 2 * shape.outputs
    for j, (name, period) in enumerate(zip(names, periods, strict=True)):
        rows = gates[first + 2 * j : first + 2 * j + 2]
        if not rows.any():
            rows[...] = gate_rows(seed, f"feature.{name}", 2, shape)
            views["columns"][j, at.PERIOD] = period
            for target in views["targets"]:
                first_input = 2 * shape.outputs + 2 * j
                feature_variances(target, shape)[0][first_input : first_input + 2] = 1.0
    silence(gates[1 : 1 + shape.recurrent], gates[1 + shape.recurrent :], shape)


def feature_variances(target: Array, shape: Shape) -> tuple[Array, Array]:
    """Return views of the feature expert: weight variances, and its number of errors."""
    block = _view(target, target_fields(shape)[linear_features.EXPERT.name])
    return block[2::2], block[1:2]


def begin_upper(above: Array, shape: Shape, seed: str) -> None:
    """Write the first weights of the layers above the first, (L − 1, 1 + 2H, G), but no bias."""
    hidden = shape.hidden
    for layer, upper in enumerate(above[::-1], start=1):
        upper[1 : 1 + hidden] = gate_rows(seed, f"layer.{layer}.hidden", hidden, shape)
        upper[1 + hidden :] = gate_rows(seed, f"layer.{layer}.below", hidden, shape)
        silence(upper[1 : 1 + hidden], upper[1 + hidden :], shape)


def silence(of_h: Array, of_inputs: Array, shape: Shape) -> None:
    """Set the weights that the cell does not use to 0; their gradient is 0 as well.

    The GRU has such: its block q has no inputs, and its candidate no h beside q
    (:func:`streamlstm.kernels.cells.gru.weights_backward`).

    Parameters
    ----------
    of_h, of_inputs : (rows, G), in and out
        Rows of the weights of h, and of those of the inputs.
    shape
    """
    cell, hidden = CELLS[shape.cell], shape.hidden
    for rows, blocks in ((of_h, cell.zero_for_h), (of_inputs, cell.zero_for_inputs)):
        for block in blocks:
            rows[:, block * hidden : (block + 1) * hidden] = 0.0


def gate_weights(theta: Array, shape: Shape) -> Array:
    """Return a view of the first layer's weights, (1 + H + inputs, G), gates side by side."""
    return theta[theta.size - shape.rows * shape.gates :].reshape(shape.rows, shape.gates)


def upper_weights(theta: Array, shape: Shape) -> Array:
    """Return a view of the weights of the upper layers, top first, (L − 1, 1 + 2H, G)."""
    first, last = (1 + shape.hidden) * shape.outputs, theta.size - shape.rows * shape.gates
    return theta[first:last].reshape(shape.layers - 1, shape.upper_rows, shape.gates)
