"""Who may import whom: the contracts of pyproject.toml hold, and each of them bites."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

FLOORS = ("kernels", "bank", "estimators", "inspection", "io", "stages", "daemon", "demo")
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    """Run in a process of its own: the linter looks packages up on the path, ``root`` first."""
    return subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache"],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def skeleton(root: Path, plant: Callable[[str, str], Path]) -> Path:
    """All floors, the ones not built yet included, each importing what it may."""
    for floor in FLOORS:
        plant(f"streamlstm/{floor}/__init__.py", "")
    plant("connectors/__init__.py", "")
    plant("connectors/source.py", "import kafka\n")
    plant("streamlstm/kernels/lstm.py", "import numba\nimport numpy\n")
    plant(
        "streamlstm/bank/slots.py",
        "import safetensors\nimport streamlstm.kernels.lstm\n",
    )
    plant("streamlstm/inspection/plots.py", "import river\nimport streamlstm.estimators.lstm\n")
    plant("streamlstm/estimators/lstm.py", "import river\nimport streamlstm.bank.slots\n")
    plant("streamlstm/io/files.py", "import streamlstm.estimators.lstm\n")
    plant("streamlstm/stages/decode.py", "import msgspec\nimport pydantic\n")
    plant(
        "streamlstm/daemon/task.py",
        "import connectors.source\nimport streamlstm.stages.decode\n",
    )
    tree = plant("streamlstm/__init__.py", "import streamlstm.estimators.lstm\n")
    shutil.copy(root / "pyproject.toml", tree)
    return tree


def test_our_floors_hold(root: Path) -> None:
    result = lint_imports(root)
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_skeleton_holds(skeleton: Path) -> None:
    result = lint_imports(skeleton)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("file", "imported", "contract"),
    [
        ("streamlstm/bank/slots.py", "streamlstm.estimators.lstm", "Each floor knows only"),
        (
            "streamlstm/estimators/lstm.py",
            "streamlstm.stages.decode",
            "Each floor knows only",
        ),
        ("streamlstm/helpers.py", "math", "Each floor knows only"),
        ("streamlstm/kernels/lstm.py", "river", "Kernels know arithmetic"),
        ("streamlstm/bank/slots.py", "pydantic", "The bank knows nothing"),
        (
            "streamlstm/inspection/plots.py",
            "streamlstm.daemon.task",
            "Inspection knows models",
        ),
        ("streamlstm/estimators/lstm.py", "connectors", "Estimators know nothing"),
        ("streamlstm/io/files.py", "connectors", "Input and output of models"),
        (
            "streamlstm/stages/decode.py",
            "streamlstm.kernels.lstm",
            "Stages know messages",
        ),
        ("connectors/source.py", "numpy", "Connectors know bytes"),
        ("streamlstm/__init__.py", "connectors.source", "Only the daemon"),
        ("streamlstm/kernels/lstm.py", "streamlstm.kernels.tape", "No module imports"),
    ],
)
def test_each_contract_bites(skeleton: Path, file: str, imported: str, contract: str) -> None:
    (skeleton / "streamlstm/kernels/tape.py").write_text("import streamlstm.kernels.lstm\n")
    with (skeleton / file).open("a", encoding="utf-8") as source:
        source.write(f"import {imported}\n")
    result = lint_imports(skeleton)
    broken = [line for line in result.stdout.splitlines() if line.endswith("BROKEN")]
    assert result.returncode == 1, result.stdout + result.stderr
    assert any(line.startswith(contract) for line in broken), result.stdout
