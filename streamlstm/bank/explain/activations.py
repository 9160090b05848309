"""Gate activations and cell states at each of the last events."""

from typing import Any

import numpy as np

from streamlstm.bank.explain.network_view import layers_of
from streamlstm.bank.slots.pieces import Array
from streamlstm.kernels.cells import CELLS
from streamlstm.kernels.layout import Shape, whole


def named_blocks(blocks: Array, shape: Shape) -> dict[str, Array]:
    """Name the activations of the gates, (..., G), each (..., H).

    Examples
    --------
    >>> list(named_blocks(np.zeros((5, 8)), Shape("gru", hidden=2)))
    ['reset', 'update', 'candidate']
    """
    names, hidden = CELLS[shape.cell].gates, shape.hidden
    return {
        name: blocks[..., n * hidden : (n + 1) * hidden] for n, name in enumerate(names) if name
    }


def gates(model: Any, key: str | None = None, layer: int = 0) -> dict[str, Array]:
    """Return the activations of each unit of a layer at the last ``window`` events learnt.

    The values come from the tape. They were computed with the weights at the time of each event;
    later updates do not change them.

    Parameters
    ----------
    model
        An estimator of streamlstm, or a :class:`~streamlstm.Bank`.
    key : str, default None
        Stream of a bank; not needed for an estimator.
    layer
        Index of the layer. 0 is the lowest, which receives the event; each other layer receives
        ``hidden`` of the layer below.

    Returns
    -------
    dict of str to numpy.ndarray, (events, units)
        Copies, oldest event first. The LSTM has ``input``, ``forget``, ``output`` (0 to 1) and
        ``candidate`` (−1 to 1), then ``cell`` and ``hidden``, the states c and h after the event.
        The GRU has ``reset``, ``update`` (1 keeps the state), ``candidate`` and ``hidden``.
        ``lstm_1997`` has the entries of the LSTM without ``forget``. The eLSTM has them without
        ``input``, for its last ``update_every`` events. The plain RNN has ``hidden`` only.

    Raises
    ------
    TypeError
        If ``model`` is neither an estimator of streamlstm nor a bank.
    ValueError
        If the model has no network yet, or no such layer.

    Examples
    --------
    >>> from river import datasets
    >>> from streamlstm import LSTMRegressor
    >>> from streamlstm.inspection import gates
    >>> model = LSTMRegressor(hidden_size=8, window=12)
    >>> for x, y in datasets.AirlinePassengers():
    ...     model.learn_one(x, y)
    >>> seen = gates(model)
    >>> list(seen), seen["forget"].shape
    (['input', 'forget', 'output', 'candidate', 'cell', 'hidden'], (12, 8))

    The cell state is the sum of what the gates kept and what they added:

    >>> took_in = seen["input"] * seen["candidate"]
    >>> kept = seen["forget"][1:] * seen["cell"][:-1]
    >>> bool(np.allclose(seen["cell"][1:], kept + took_in[1:]))
    True

    References
    ----------
    Karpathy, A., Johnson, J. & Fei-Fei, L. (2016). Visualizing and understanding recurrent
    networks. ICLR workshop. It interprets the activations of single cells and gates.
    """
    shape, layers = layers_of(model, key)
    if whole("layer", layer, 0) >= shape.layers:
        raise ValueError(f"layer must be at most {shape.layers - 1}, the highest; got {layer}")
    own = layers[layer]
    seen = named_blocks(own.gates, shape)
    h_prev = own.z[:, 1 : 1 + shape.hidden]
    if shape.real_time:  # h is not an input of the cell
        h_prev = np.concatenate([own.state[:1], seen["output"][:-1] * own.tanh_c[:-1]])
    before = {"cell": own.c_prev, "hidden": h_prev}
    now = {"cell": own.state[1:], "hidden": own.state[:1]}
    for name in ("cell", "hidden") if CELLS[shape.cell].has_c else ("hidden",):
        # The h and c after an event are the inputs of the next; those of the newest are the state.
        seen[name] = np.concatenate([before[name][1:], now[name]])[: len(before[name])]
    return seen
