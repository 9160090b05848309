"""Export of a network to ONNX, starting from the current state of the stream."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from streamlstm.io.files import File, replace_file
from streamlstm.io.gate_blocks import Layout, split_gates
from streamlstm.io.network import ExportedNetwork, export_network

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, NodeProto, TensorProto

OPSET, IR_VERSION = 17, 8  # of 2022; newer runtimes read older versions
# ONNX's names of the cells, and the orders of its gates: i, o, f, c and z, r, h.
CELLS = {
    "lstm": ("LSTM", Layout((0, 2, 1, 3), (0, 2, 1, 3))),
    "gru": ("GRU", Layout((2, 1, 3), (2, 1, 0))),
    "rnn": ("RNN", Layout((0,), (0,))),
}


def export_onnx(model: Any, path: File | None = None) -> ModelProto:
    """Return the network of an estimator, cell and readout, as an ONNX model.

    Inputs are ``x`` (seq, batch, I) and, optionally, ``h`` and for the LSTM ``c`` (L, batch, H),
    a row per layer from the lowest on. By default they are the current state of the stream, for a
    batch of 1. Outputs are ``y`` (seq, batch, O), ``h_next`` and ``c_next``. The metadata has the
    names and scales of ``x`` and ``y``; see :class:`~streamlstm.io.network.ExportedNetwork`.

    Parameters
    ----------
    model
        An estimator of streamlstm with a cell that ONNX has.
    path
        A file to write as well.

    Returns
    -------
    onnx.ModelProto

    Raises
    ------
    ModuleNotFoundError
        If the package ``onnx`` is missing; it is part of ``streamlstm[onnx]``.
    TypeError
        If ``model`` is not an estimator of streamlstm.
    ValueError
        If ONNX does not have the cell, or the model has no network.

    Examples
    --------
    >>> from streamlstm import LSTMRegressor
    >>> graph = export_onnx(LSTMRegressor(hidden_size=8)).graph
    >>> [node.op_type for node in graph.node], [output.name for output in graph.output]
    (['LSTM', 'Squeeze', 'MatMul', 'Add'], ['y', 'h_next', 'c_next'])
    """
    made = onnx_model(export_network(model))
    if path is not None:
        replace_file(path, made.SerializeToString())
    return made


def onnx_model(network: ExportedNetwork) -> ModelProto:
    """Return a network as an ONNX model, in the float type of its weights.

    Examples
    --------
    >>> from streamlstm import LSTMRegressor
    >>> onnx_model(export_network(LSTMRegressor(cell="gru"))).graph.node[0].op_type
    'GRU'
    """
    try:
        from onnx import helper  # noqa: PLC0415 - an extra, and heavy
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError("install streamlstm[onnx] to export to ONNX") from error
    if network.cell not in CELLS:
        raise ValueError(f"ONNX has no cell {network.cell!r}; it has {', '.join(CELLS)}")
    opset = [helper.make_opsetid("", OPSET)]
    made = helper.make_model(
        _graph(network), opset_imports=opset, ir_version=IR_VERSION, producer_name="streamlstm"
    )
    numbers = ("input_offset", "input_scale", "output_offset", "output_scale")
    meaning = {"input_names": network.input_names, "output_names": network.output_names}
    meaning |= {name: getattr(network, name).tolist() for name in numbers}
    helper.set_model_props(made, {name: json.dumps(value) for name, value in meaning.items()})
    return made


def _graph(network: ExportedNetwork) -> GraphProto:
    from onnx import helper  # noqa: PLC0415

    layers, hidden = 1 + len(network.upper), network.hidden
    kind = helper.np_dtype_to_tensor_dtype(network.gates.dtype)
    inputs, outputs = len(network.input_names), len(network.output_names)
    memory = ["h", "c"] if network.cell == "lstm" else ["h"]

    def value(name: str, *shape: Any) -> Any:
        return helper.make_tensor_value_info(name, kind, shape)

    return helper.make_graph(
        _nodes(network, memory),
        "streamlstm",
        [
            value("x", "seq", "batch", inputs),
            *(value(name, layers, "batch", hidden) for name in memory),
        ],
        [
            value("y", "seq", "batch", outputs),
            *(value(f"{name}_next", layers, "batch", hidden) for name in memory),
        ],
        _weights(network, memory),
    )


def _suffixes(network: ExportedNetwork) -> list[str]:
    """Return the suffix of the names of each layer; empty if there is only one."""
    layers = 1 + len(network.upper)
    return [f"_l{layer}" for layer in range(layers)] if layers > 1 else [""]


def _nodes(network: ExportedNetwork, memory: list[str]) -> list[NodeProto]:
    from onnx import helper  # noqa: PLC0415

    suffixes = _suffixes(network)
    options: dict[str, Any] = {"linear_before_reset": 1} if network.cell == "gru" else {}
    nodes, x = [], "x"
    for suffix in suffixes:
        given = [
            x,
            f"W{suffix}",
            f"R{suffix}",
            f"B{suffix}",
            "",
            *(name + suffix for name in memory),
        ]
        made = [f"hs{suffix}", *(f"{name}_next{suffix}" for name in memory)]
        kind, x = CELLS[network.cell][0], f"hs_of_one{suffix}"
        nodes.append(helper.make_node(kind, given, made, hidden_size=network.hidden, **options))
        nodes.append(helper.make_node("Squeeze", [made[0], "direction"], [x]))
    nodes.append(helper.make_node("MatMul", [x, "W_y"], ["W_y_h"]))
    nodes.append(helper.make_node("Add", ["W_y_h", "b_y"], ["y"]))
    for name in memory if len(suffixes) > 1 else ():
        nodes.insert(0, helper.make_node("Split", [name], [name + suffix for suffix in suffixes]))
        parts = [f"{name}_next{suffix}" for suffix in suffixes]
        nodes.append(helper.make_node("Concat", parts, [f"{name}_next"], axis=0))
    return nodes


def _weights(network: ExportedNetwork, memory: list[str]) -> list[TensorProto]:
    """Return the constants, and the state used by default."""
    from onnx import numpy_helper  # noqa: PLC0415

    arrays: dict[str, Any] = {}
    for suffix, rows in zip(_suffixes(network), (network.gates, *network.upper), strict=True):
        gates = split_gates(rows, network.hidden, CELLS[network.cell][1])
        arrays |= {f"W{suffix}": gates.of_x[None], f"R{suffix}": gates.of_h[None]}
        arrays[f"B{suffix}"] = np.concatenate([gates.bias_x, gates.bias_h])[None]
    arrays |= {"W_y": network.readout[1:], "b_y": network.readout[0], "direction": np.array([1])}
    arrays |= {name: network.state[first::2, None] for first, name in enumerate(memory)}
    return [numpy_helper.from_array(array, name) for name, array in arrays.items()]
