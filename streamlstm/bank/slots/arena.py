"""Aligned memory: kernels are up to 40 % slower if a slot does not start on a cache line."""

import numpy as np
from numpy.typing import DTypeLike, NDArray

ALIGNMENT_BYTES = 64


def aligned_zeros(rows: int, columns: int, dtype: DTypeLike) -> NDArray[np.floating]:
    """Return zeros of shape (rows, columns), the first on a 64-byte boundary.

    NumPy guarantees 16 bytes only. Every row is aligned if ``columns`` is a multiple of a cache
    line, as the parts of a slot are.

    Examples
    --------
    >>> aligned_zeros(3, 16, "float32").ctypes.data % ALIGNMENT_BYTES
    0
    """
    item_bytes = np.dtype(dtype).itemsize
    raw = np.zeros(rows * columns * item_bytes + ALIGNMENT_BYTES, np.uint8)
    start = -raw.ctypes.data % ALIGNMENT_BYTES
    end = start + rows * columns * item_bytes
    return raw[start:end].view(dtype).reshape(rows, columns)
