"""Reach of the memory: gradient of the hidden state with respect to earlier states."""

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
    """Measure the effect of the state k events ago on the current output, for each lag k.

    The result is the norm of the Jacobian ∂h_t / ∂s_{t−k}, computed by back-propagation through the
    events on the tape. h is the hidden state of the highest layer, which the readout receives. s is
    the whole state: h of every layer, and c if the cell has one. The norm is the Frobenius norm
    divided by √H. If each component of the state k events ago is disturbed independently by a small
    amount of equal size, the root mean square change of a unit of h is that size times the norm. At
    lag 0 it is 1. At lags where it vanishes, the network cannot learn dependencies by gradients.

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
        If the model has no network yet.

    Notes
    -----
    The activations are those at the time of each event and the recurrent weights are the current
    ones, as in every update of the network. If the weights change slowly, the result approximates
    the derivative. It is local to these events: other inputs may open other gates. Values below
    1e-30 become 0.

    Several layers are treated as one recurrent network with the state of all layers, like x_t in
    the papers, since the gradient of one layer could vanish while another layer still carries the
    past.

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
    """Back-propagate from each unit of the current h; sum the squared gradients at each lag.

    Layers are processed from the top down, as in :mod:`~streamlstm.kernels.network.tbptt`.
    """
    hidden, size, real = shape.hidden, shape.layers * shape.hidden, layers[0].weights.dtype
    walk = []
    for start, layer in zip(range(0, size, hidden), layers, strict=True):
        own = slice(start, start + hidden)
        sent = slice(start, min(start + 2 * hidden, size))  # to its own h and to that below
        walk.append((layer, own, sent, layer.weights[1 : 1 + sent.stop - start].T.ravel()))
    dh, dc = np.eye(hidden, size, dtype=real), np.zeros((hidden, size), real)
    delta, squares = np.empty(shape.gates, real), [float(hidden)]
    for event in reversed(range(len(layers[0].gates))):
        for j in range(hidden):  # from each unit of the current h
            for layer, own, sent, rows in walk:
                c_prev, tanh_c = layer.c_prev[event], layer.tanh_c[event]
                cell_backward(layer.gates[event], c_prev, tanh_c, dh[j, own], dc[j, own], delta)
                if len(layers) > 1:
                    settle(delta)
                dh[j, own] = 0.0
                add_rows(dh[j, sent], delta, rows)
        # For a cell without c, dc holds the gradient from h to h that does not pass the gates.
        ways = (dh, dc) if CELLS[shape.cell].has_c else (dh + dc,)
        squares.append(sum(float(np.square(way, dtype=np.float64).sum()) for way in ways))
    return np.array(squares)
