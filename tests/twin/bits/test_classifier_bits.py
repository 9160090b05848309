"""The JIT, and the process, cannot be seen in a classifier; each kernel is compiled once."""

from pathlib import Path

import numba
import pytest

from tests.support.faults.processes import printed
from tests.support.lockstep import class_replay
from tests.support.lockstep.class_replay import digest

PROGRAM = Path(class_replay.__file__)


def elsewhere(*arguments: str, **environment: str) -> str:
    return printed(str(PROGRAM), *arguments, **environment)


def test_plain_python_gives_the_bits_of_the_jit() -> None:
    other = "0" if numba.config.DISABLE_JIT else "1"
    assert elsewhere(NUMBA_DISABLE_JIT=other) == digest()


@pytest.mark.parametrize("hash_seed", ["0", "1"])
def test_another_process_gives_the_same_bytes(hash_seed: str) -> None:
    assert elsewhere(PYTHONHASHSEED=hash_seed) == digest()


@pytest.mark.skipif(numba.config.DISABLE_JIT, reason="nothing is compiled")
def test_each_kernel_is_compiled_once(tmp_path: Path) -> None:
    lines = elsewhere("count", NUMBA_CACHE_DIR=str(tmp_path)).splitlines()
    found = {name: int(n) for name, n in map(str.split, lines)}
    assert found["classify_events"] == 1
    assert found["run_events"] == 0  # and a classifier compiles none of the regressor's door
    assert {name: n for name, n in found.items() if n > 1} == {}
