"""Each unit file tests one module, at the mirrored path; nothing generic can be imported."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

FOLDERS = {"streamlstm", "connectors", "tests", "benchmarks", "examples", "docs", "configs"}
IGNORED = {"dist", "build", "out", "htmlcov"}


def homeless(root: Path) -> list[str]:
    """Find unit files whose name begins with no module of the folder they mirror."""
    found = []
    for file in sorted((root / "tests" / "unit").rglob("*.py")):
        folder = file.parent.relative_to(root / "tests" / "unit")
        words = file.stem.removeprefix("test_").split("_")
        modules = ["_".join(words[:n]) + ".py" for n in range(1, len(words) + 1)]
        places = (root / "streamlstm" / folder, root / folder)
        named = file.stem.startswith("test_")
        if not named or not any((p / m).is_file() for p in places for m in modules):
            found.append(file.relative_to(root).as_posix())
    return found


def generic(root: Path, path: Iterable[Path]) -> list[str]:
    """Find modules that a test could import by a name which says nothing of this project."""
    found = []
    for folder in path:
        if folder != root:
            found.append(f"{folder.relative_to(root)} is on the path")
        entries = [e for e in folder.iterdir() if e.suffix == ".py" or e.is_dir()]
        found += [
            f"{entry.relative_to(root)} can be imported"
            for entry in sorted(entries)
            if entry.stem.isidentifier() and entry.name not in FOLDERS | IGNORED
        ]
    return found


def test_every_unit_file_has_a_module(root: Path) -> None:
    assert homeless(root) == []


def test_only_the_project_can_be_imported(root: Path, pytestconfig: pytest.Config) -> None:
    assert generic(root, pytestconfig.getini("pythonpath")) == []


def test_a_unit_file_without_a_module_is_found(plant: Callable[[str, str], Path]) -> None:
    plant("streamlstm/bank/snapshot.py", "")
    plant("connectors/jsonl/outbox.py", "")
    plant("tests/unit/bank/test_snapshot.py", "")
    plant("tests/unit/bank/test_snapshot_errors.py", "")
    plant("tests/unit/connectors/jsonl/test_outbox.py", "")
    plant("tests/unit/bank/helpers.py", "")
    root = plant("tests/unit/test_snapshot.py", "")
    assert homeless(root) == ["tests/unit/bank/helpers.py", "tests/unit/test_snapshot.py"]


def test_a_generic_name_is_found(plant: Callable[[str, str], Path]) -> None:
    plant("streamlstm/a.py", "")
    root = plant("tests/faults.py", "")
    assert generic(root, [root]) == []
    assert generic(root, [root, root / "tests"]) == [
        "tests is on the path",
        "tests/faults.py can be imported",
    ]
    plant("utils/a.py", "")
    plant("naive.py", "")
    assert generic(root, [root]) == ["naive.py can be imported", "utils can be imported"]
