"""What an import brings in, and from where."""

import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType

import connectors
import streamlstm

HEAVY = {"pandas", "matplotlib", "kafka", "onnx"}  # scipy comes with numba wherever it is installed
HEAVY |= {"river.conf", "river.time_series"}  # imported when an interval or a forecaster is wanted


def strangers(root: Path, packages: Iterable[ModuleType]) -> list[str]:
    """``connectors`` is a name that another distribution could take as well."""
    return [
        package.__name__
        for package in packages
        if not Path(package.__file__ or "/").resolve().is_relative_to(root.resolve())
    ]


def heavy_imports(root: Path) -> set[str]:
    """Import in a fresh process: in this one the tests have imported everything already."""
    result = subprocess.run(
        [sys.executable, "-c", "import streamlstm, sys; print(*sys.modules)"],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return HEAVY.intersection(result.stdout.split())


def test_both_packages_are_ours(root: Path) -> None:
    assert strangers(root, [streamlstm, connectors]) == []


def test_import_is_light(root: Path) -> None:
    assert heavy_imports(root) == set()


def test_a_package_from_elsewhere_is_found(tmp_path: Path) -> None:
    assert strangers(tmp_path, [connectors]) == ["connectors"]


def test_a_heavy_import_is_found(plant: Callable[[str, str], Path]) -> None:
    plant("kafka.py", "")
    tree = plant("streamlstm/__init__.py", "import kafka\n")
    assert heavy_imports(tree) == {"kafka"}
