"""Every check here is a function; each is shown to hold on our tree and to fail on a bad one."""

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def root() -> Path:
    return Path(__file__).parents[2]


@pytest.fixture
def plant(tmp_path: Path) -> Callable[[str, str], Path]:
    """Write one file of a small tree and return the tree's root."""

    def write(name: str, text: str) -> Path:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return tmp_path

    return write
