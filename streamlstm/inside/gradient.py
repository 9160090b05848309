"""How far back the memory reaches: the gradient from now to a state some events ago."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlstm.bank.slots import Array
from streamlstm.inside.activations import WITH_CELL
from streamlstm.inside.workings import KEY, workings_of
from streamlstm.kernels import lstm
from streamlstm.kernels.cells import OTHERS
from streamlstm.kernels.lstm import add_rows
from streamlstm.kernels.shape import Shape
from streamlstm.kernels.tbptt import transpose


def reach(model: Any, key: str = KEY) -> NDArray[np.float64]:
    """Measure how much of the state k events ago is still felt now, for each lag k.

    The norm of the Jacobian ∂h_t / ∂s_{t−k}, s the whole state (h, and c of a cell that has one),
    by the cell's own way back through the events on the tape. It is the Frobenius norm over √H,
    which has a meaning: small independent disturbances of the state k events ago, all of one size,
    come to so many times that size in a unit of h now (root mean square). At lag 0 it is 1. Where
    it vanishes, no gradient can teach the network to remember for so long.

    Parameters
    ----------
    model
        An estimator of streamlstm, or a :class:`~streamlstm.Bank`.
    key
        Which stream of a bank.

    Returns
    -------
    numpy.ndarray, (1 + events,)
        At lags 0, 1, … up to the events on the tape, at most ``window``.

    Raises
    ------
    TypeError
        If there is no network to look into, or it learns forward in time (``"elstm"``): what it
        learns has no lag to end at.

    Notes
    -----
    Activations are those of each event's time, the recurrent weights those of now, as in every
    update of the network; where the weights move slowly, that is the derivative itself. It is
    local, at these events: another input may open a gate. What falls below 1e-30 becomes 0.

    Examples
    --------
    >>> from river import datasets
    >>> from streamlstm import LSTMRegressor
    >>> from streamlstm.inside import reach
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
    shape, theta, _, tape = workings_of(model, key)
    if shape.real_time:
        raise TypeError(f"{shape.cell} learns forward in time: there is no way back to measure")
    return np.sqrt(_squares(shape, theta, tape) / shape.hidden)


def _squares(shape: Shape, theta: Array, tape: dict[str, Array]) -> NDArray[np.float64]:
    """Walk back from each unit of h now; sum the squares of what arrives at each lag."""
    hidden, width = shape.hidden, shape.gates
    cell_backward = OTHERS.get(shape.cell, {}).get("cell_backward", lstm.cell_backward)
    first = (1 + hidden) * shape.outputs + width  # after the readout and the bias
    transposed, delta = np.empty(width * hidden, theta.dtype), np.empty(width, theta.dtype)
    transpose(theta[first : first + hidden * width], hidden, transposed)
    dh, dc = np.eye(hidden, dtype=theta.dtype), np.zeros((hidden, hidden), theta.dtype)
    squares = [float(hidden)]
    for gates, c_prev, tanh_c in zip(
        tape["gates"][::-1], tape["c_prev"][::-1], tape["tanh_c"][::-1], strict=True
    ):
        for j in range(hidden):  # from each unit of h now
            cell_backward(gates, c_prev, tanh_c, dh[j], dc[j], delta)
            dh[j] = 0.0
            add_rows(dh[j], delta, transposed)
        # A cell without c has the other way from h to h, past the gates, in dc.
        ways = (dh, dc) if shape.cell in WITH_CELL else (dh + dc,)
        squares.append(sum(float(np.square(way, dtype=np.float64).sum()) for way in ways))
    return np.array(squares)
