"""The JIT, and the process, cannot be seen in the result: bit for bit the same."""

from dataclasses import replace

import numba
import pytest

from replay import FULL, digest, digest_elsewhere
from streamlstm.kernels.shape import CELLS


@pytest.mark.parametrize("cell", CELLS)
def test_plain_python_gives_the_bits_of_the_jit(cell: str) -> None:
    other = "0" if numba.config.DISABLE_JIT else "1"
    assert digest_elsewhere(cell, NUMBA_DISABLE_JIT=other) == digest(replace(FULL, cell=cell))


@pytest.mark.parametrize("hash_seed", ["0", "1"])
def test_another_process_gives_the_same_bytes(hash_seed: str) -> None:
    assert digest_elsewhere(PYTHONHASHSEED=hash_seed) == digest(FULL)
