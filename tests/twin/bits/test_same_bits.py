"""The JIT, and the process, cannot be seen in the result: bit for bit the same."""

from dataclasses import replace

import numba
import pytest

from streamlstm.kernels.cells import CELLS
from tests.support.lockstep.bank_replay import FULL, digest, digest_elsewhere


@pytest.mark.parametrize(
    ("cell", "layers"), [*((cell, 1) for cell in CELLS), ("lstm", 2), ("gru", 3)]
)
def test_plain_python_gives_the_bits_of_the_jit(cell: str, layers: int) -> None:
    other = "0" if numba.config.DISABLE_JIT else "1"
    here = digest(replace(FULL, cell=cell, layers=layers))
    assert digest_elsewhere(cell, layers, NUMBA_DISABLE_JIT=other) == here


@pytest.mark.parametrize("hash_seed", ["0", "1"])
def test_another_process_gives_the_same_bytes(hash_seed: str) -> None:
    assert digest_elsewhere(PYTHONHASHSEED=hash_seed) == digest(FULL)
