"""Initial weights: a function of the seed and of names, independent of the order of arrival."""

import hashlib
import math

import numpy as np
from numpy.typing import NDArray

from streamlstm.kernels.layout import Shape


def uniform(seed: str, name: str, size: int) -> NDArray[np.float64]:
    """Return ``size`` numbers in [−1, 1) drawn by (seed, name) alone.

    They are raw output of the counter-based generator Philox [1]_. NumPy guarantees the bits of its
    bit generators across versions, unlike those of its distributions.

    Examples
    --------
    >>> bool((uniform("1", "load", 3) == uniform("1", "load", 3)).all())
    True

    References
    ----------
    .. [1] Salmon, J. K. et al. (2011). Parallel random numbers: as easy as 1, 2, 3. SC11.
    """
    digest = hashlib.blake2b(f"{seed}/{name}".encode(), digest_size=16).digest()
    raw = np.random.Philox(key=int.from_bytes(digest, "little")).random_raw(size)
    return (raw >> np.uint64(11)).astype(np.float64) * 2.0**-52 - 1.0


def keep_biases(span: float, hidden: int) -> NDArray[np.float64]:
    """Return forget-gate biases with which the units remember 1 to ``span`` events.

    The biases are log(1 … ``span`` − 1), evenly spaced [1]_, rounded because the last bits of a
    logarithm depend on the library.

    Examples
    --------
    >>> keep_biases(64.0, 2).round(2).tolist()
    [2.8, 3.86]

    References
    ----------
    .. [1] Tallec, C. & Ollivier, Y. (2018). Can recurrent neural networks warp time? ICLR.
    """
    reach = max(span - 2.0, 0.0)
    spans = [1.0 + reach * (j + 0.5) / hidden for j in range(hidden)]
    return np.array([round(math.log(span), 12) for span in spans])


def gate_rows(seed: str, name: str, rows: int, shape: Shape) -> NDArray[np.float64]:
    """Return initial gate weights for ``rows`` rows, uniform in ±1/√H, (rows, G).

    Examples
    --------
    >>> gate_rows("1", "load", 2, Shape(hidden=16)).shape
    (2, 64)
    """
    return uniform(seed, name, rows * shape.gates).reshape(rows, -1) / math.sqrt(shape.hidden)
