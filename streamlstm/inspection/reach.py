"""How far back the state matters: the gradient of the output to a state some events ago."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlstm.bank.explain.network_view import Layer, layers_of
from streamlstm.kernels.cells import CELLS
from streamlstm.kernels.cells.lstm import add_rows
from streamlstm.kernels.layout import Shape
from streamlstm.kernels.network.tbptt import settle


def reach(model: Any, key: str | None = None) -> NDArray[np.float64]:
    """Measure how much of the state k events ago is still felt now, for each lag k.

    The norm of the Jacobian ∂h_t / ∂s_{t−k}, by the network's own way back through the events on
    the tape. h is what is read out, the highest layer's; s is the whole state: h, and c of a cell
    that has one, of every layer. It is the Frobenius norm over √H, which has a meaning: small
    independent disturbances of the state k events ago, all of one size, come to so many times that
    size in a unit of h now (root mean square). At lag 0 it is 1. Where it vanishes, no gradient can
    teach the network to remember for so long.

    Parameters
    ----------
    model
        An estimator of streamlstm, or a :class:`~streamlstm.Bank`.
    key : str, default None
        Stream of a bank; not needed for an estimator.

    Returns
    -------
    numpy.ndarray, (1 + events,)
        At lags 0, 1, … up to the events on the tape, at most ``window``.

    Raises
    ------
    TypeError
        If ``model`` is neither an estimator of streamlstm nor a bank, or its cell is ``"elstm"``,
        which learns forward in time and has no backward pass to measure.
    ValueError
        If it has no network yet.

    Notes
    -----
    Activations are those of each event's time, the recurrent weights those of now, as in every
    update of the network; where the weights move slowly, that is the derivative itself. It is
    local, at these events: another input may open a gate. What falls below 1e-30 becomes 0.

    Several layers are one recurrent network, whose state is that of all of them, as the papers'
    x_t is: one layer's part alone could vanish while another still carries the past.

    Examples
    --------
    >>> from river import datasets
    >>> from streamlstm import LSTMRegressor
    >>> from streamlstm.inspection import reach
    >>> model = LSTMRegressor(cell="rnn", hidden_size=8)
    >>> for x, y in datasets.AirlinePassengers():
    ...     model.learn_one(x, y)
    >>> felt = reach(model)
    >>> felt.shape, felt[0].item(), bool(felt[16] < 0.01)
    ((17,), 1.0, True)

    References
    ----------
    Bengio, Y., Simard, P. & Frasconi, P. (1994). Learning long-term dependencies with gradient
    descent is difficult. IEEE Transactions on Neural Networks 5(2).
    Pascanu, R., Mikolov, T. & Bengio, Y. (2013). On the difficulty of training recurrent neural
    networks. ICML.
    """
    shape, layers = layers_of(model, key)
    backward = CELLS[shape.cell].backward
    if backward is None:
        raise TypeError(f"{shape.cell} learns forward in time and has no backward pass to measure")
    return np.sqrt(_squares(shape, layers[::-1], backward) / shape.hidden)


def _squares(
    shape: Shape, layers: list[Layer], cell_backward: Callable[..., None]
) -> NDArray[np.float64]:
    """Walk back from each unit of h now; sum the squares of what arrives at each lag.

    Layers come from the top down, as :mod:`~streamlstm.kernels.network.tbptt` walks them.
    """
    hidden, size, real = shape.hidden, shape.layers * shape.hidden, layers[0].weights.dtype
    walk = []
    for start, layer in zip(range(0, size, hidden), layers, strict=True):
        own = slice(start, start + hidden)
        sent = slice(start, min(start + 2 * hidden, size))  # to its own h, and to that below
        walk.append((layer, own, sent, layer.weights[1 : 1 + sent.stop - start].T.ravel()))
    dh, dc = np.eye(hidden, size, dtype=real), np.zeros((hidden, size), real)
    delta, squares = np.empty(shape.gates, real), [float(hidden)]
    for event in reversed(range(len(layers[0].gates))):
        for j in range(hidden):  # from each unit of h now
            for layer, own, sent, rows in walk:
                c_prev, tanh_c = layer.c_prev[event], layer.tanh_c[event]
                cell_backward(layer.gates[event], c_prev, tanh_c, dh[j, own], dc[j, own], delta)
                if len(layers) > 1:
                    settle(delta)
                dh[j, own] = 0.0
                add_rows(dh[j, sent], delta, rows)
        # A cell without c has the other way from h to h, past the gates, in dc.
        ways = (dh, dc) if CELLS[shape.cell].has_c else (dh + dc,)
        squares.append(sum(float(np.square(way, dtype=np.float64).sum()) for way in ways))
    return np.array(squares)
