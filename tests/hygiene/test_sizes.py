"""Small files, small functions, few arguments."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

PACKAGES = ("streamlstm", "connectors")
FOLDERS = (*PACKAGES, "tests", "benchmarks", "examples")

FOLDER_ENTRIES_MAX = 12
FILE_LINES_MAX = 300
FUNCTION_LINES_MAX = 70
KERNEL_ARGUMENTS_MAX = 8
MEDIAN_LINES_MAX = 140


def sources(root: Path, folders: tuple[str, ...]) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((root / folder).rglob("*.py"))


def functions(file: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def lines(file: Path) -> int:
    return len(file.read_text(encoding="utf-8").splitlines())


def crowded_folders(root: Path) -> list[str]:
    """Find folders with more entries than one can take in; caches and stored data do not count."""
    found = []
    for top in FOLDERS:
        for folder in [*root.glob(f"{top}/"), *root.glob(f"{top}/**/*/")]:
            entries = [
                e.name for e in folder.iterdir() if not e.name.startswith(("__pycache__", "."))
            ]
            skipped = "__pycache__" in folder.parts or "data" in folder.parts
            if not skipped and len(entries) > FOLDER_ENTRIES_MAX:
                found.append(f"{folder.relative_to(root)}: {len(entries)} entries")
    return found


def long_files(root: Path) -> list[str]:
    return [
        f"{file.relative_to(root)}: {lines(file)} lines"
        for file in sources(root, FOLDERS)
        if lines(file) > FILE_LINES_MAX
    ]


def long_functions(root: Path) -> list[str]:
    found = []
    for file in sources(root, FOLDERS):
        for function in functions(file):
            length = (function.end_lineno or function.lineno) - function.lineno + 1
            if length > FUNCTION_LINES_MAX:
                found.append(f"{file.relative_to(root)}: {function.name}: {length} lines")
    return found


def is_kernel(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Recognise ``@kernel``, ``@kernel(...)`` and ``@compile.kernel``."""
    for decorator in function.decorator_list:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")
        if name == "kernel":
            return True
    return False


def wide_kernels(root: Path) -> list[str]:
    found = []
    for file in sources(root, ("streamlstm",)):
        for function in filter(is_kernel, functions(file)):
            given = function.args
            count = len([*given.posonlyargs, *given.args, *given.kwonlyargs])
            if count > KERNEL_ARGUMENTS_MAX:
                found.append(f"{file.relative_to(root)}: {function.name}: {count} arguments")
    return found


def median_lines(root: Path) -> float:
    """Leave out ``__init__.py``: a dozen empty ones would excuse anything."""
    files = [file for file in sources(root, PACKAGES) if file.name != "__init__.py"]
    return median(lines(file) for file in files) if files else 0


def test_folders_are_small(root: Path) -> None:
    assert crowded_folders(root) == []


def test_files_are_short(root: Path) -> None:
    assert long_files(root) == []


def test_functions_are_short(root: Path) -> None:
    assert long_functions(root) == []


def test_kernels_take_few_arguments(root: Path) -> None:
    assert wide_kernels(root) == []


def test_the_median_file_is_near_a_hundred_lines(root: Path) -> None:
    assert 0 < median_lines(root) <= MEDIAN_LINES_MAX


def test_a_crowded_folder_is_found(plant: Callable[[str, str], Path]) -> None:
    for n in range(FOLDER_ENTRIES_MAX):
        plant(f"connectors/a{n}.py", "")
    plant("connectors/__pycache__/a.pyc", "")
    tree = plant("streamlstm/a.py", "")
    assert crowded_folders(tree) == []
    plant("connectors/kafka/a.py", "")
    assert crowded_folders(tree) == ["connectors: 13 entries"]


def test_a_long_file_is_found(plant: Callable[[str, str], Path]) -> None:
    tree = plant("tests/unit/test_a.py", "x = 1\n" * (FILE_LINES_MAX + 1))
    plant("tests/unit/test_b.py", "x = 1\n" * FILE_LINES_MAX)
    assert long_files(tree) == ["tests/unit/test_a.py: 301 lines"]


def test_a_long_function_is_found(plant: Callable[[str, str], Path]) -> None:
    body = "    pass\n"
    fits = "@decorated\ndef fits():\n" + body * (FUNCTION_LINES_MAX - 1)
    tree = plant("connectors/a.py", fits + "def long():\n" + body * FUNCTION_LINES_MAX)
    assert long_functions(tree) == ["connectors/a.py: long: 71 lines"]


def test_a_wide_kernel_is_found(plant: Callable[[str, str], Path]) -> None:
    nine, eight = "a, b, c, d, /, e, f, g, *, h, i", "a, b, c, d, e, f, g, h"
    tree = plant(
        "streamlstm/kernels/a.py",
        f"@kernel\ndef bare({nine}): ...\n"
        f"@compile.kernel(cache=False)\ndef called({nine}): ...\n"
        f"@kernel\ndef narrow({eight}): ...\n"
        f"def plain({nine}): ...\n",
    )
    assert wide_kernels(tree) == [
        "streamlstm/kernels/a.py: bare: 9 arguments",
        "streamlstm/kernels/a.py: called: 9 arguments",
    ]


def test_empty_packages_do_not_lower_the_median(plant: Callable[[str, str], Path]) -> None:
    tree = plant("streamlstm/a.py", "x = 1\n" * (MEDIAN_LINES_MAX + 1))
    for name in ("a", "b", "c"):
        plant(f"streamlstm/{name}/__init__.py", "")
    assert median_lines(tree) > MEDIAN_LINES_MAX
