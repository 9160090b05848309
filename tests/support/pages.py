"""The pages of the manual: what each needs, and a run of its examples in a bare environment.

``python -m tests.support.pages`` builds the wheel, makes one environment for each set of needs,
and runs every page there, in a folder outside the repository.
"""

import ast
import doctest
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import venv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

NEEDS = re.compile(r"^Needs: `pip install ([^`]+)`\.?$", re.M)
EXTRAS = re.compile(r"streamlstm\[([\w,-]+)\]")
DISTRIBUTION = re.compile(r"[A-Za-z0-9._-]+")
IMPORT_NAMES = {"kafka-python": "kafka", "pyyaml": "yaml", "python-snappy": "snappy"}
IMPLIED = {"plot": re.compile(r"\bplot_\w+\("), "onnx": re.compile(r"\bexport_onnx\(")}
"""Calls of ours that import what an extra brings."""
CODE = re.compile(r"^```[^\n]*\n(.*?)^```|^(    [^\n]+)$|`([^`\n]+)`", re.M | re.S)
COMMAND = re.compile(r"^\s*(?:\S+/)?(streamlstm [^\n]+)$", re.M)
TARGETS = re.compile(r"^\s*make ([a-z][a-z-]*)", re.M)


def pages(root: Path) -> Iterator[Path]:
    """Give README, CONTRIBUTING and the manual."""
    yield from (file for file in (root / "README.md", root / "CONTRIBUTING.md") if file.exists())
    yield from sorted((root / "docs").rglob("*.md"))


def needs(text: str) -> tuple[str, ...]:
    """Return what a page tells its reader to install; without a line, streamlstm alone."""
    found = NEEDS.search(text)
    return tuple(sorted(found[1].replace("'", "").split())) if found else ("streamlstm",)


def extras(root: Path) -> dict[str, set[str]]:
    """Return the distributions of each extra; "" are those every installation has."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    listed = {"": project["dependencies"], **project["optional-dependencies"]}
    return {extra: {_distribution(x) for x in wanted} for extra, wanted in listed.items()}


def _distribution(requirement: str) -> str:
    found = DISTRIBUTION.match(requirement)
    assert found, requirement
    return found[0].lower()


def importable(root: Path, wanted: tuple[str, ...]) -> set[str]:
    """Return the top-level modules that these requirements bring."""
    brought, known = {"streamlstm", "connectors"}, extras(root)
    for requirement in wanted:
        if requirement.partition("[")[0] != "streamlstm":
            brought.add(_distribution(requirement))
            continue
        brought |= known[""]
        for extra in EXTRAS.findall(requirement):
            brought |= {name for part in extra.split(",") for name in known.get(part, ())}
    return {IMPORT_NAMES.get(name, name.replace("-", "_")) for name in brought}


def imports(text: str) -> set[str]:
    """Return the top-level modules that the examples of a page import."""
    found = set()
    for example in doctest.DocTestParser().get_examples(text):
        for node in ast.walk(ast.parse(example.source)):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add((node.module or "").partition(".")[0])
    return found - sys.stdlib_module_names


def commands(text: str) -> list[str]:
    """Return the command lines of ``streamlstm`` on a page."""
    return [line for code in _code(text) for line in COMMAND.findall(code)]


def targets(text: str) -> set[str]:
    """Return the targets of ``make`` on a page."""
    return {target for code in _code(text) for target in TARGETS.findall(code)}


def _code(text: str) -> list[str]:
    """Return the blocks, the indented lines and the inline code of a page."""
    return [next(filter(None, found), "") for found in CODE.findall(text)]


def run(root: Path) -> int:
    """Run every page that has examples; return the number of pages that failed."""
    by_needs: dict[tuple[str, ...], list[Path]] = defaultdict(list)
    for page in pages(root):
        text = page.read_text(encoding="utf-8")
        if doctest.DocTestParser().get_examples(text):
            by_needs[needs(text)].append(page)
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build = [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--quiet",
            "--no-deps",
            "-w",
            name,
            str(root),
        ]
        subprocess.run(build, check=True)
        wheel = next(folder.glob("streamlstm-*.whl"))
        for number, (wanted, found) in enumerate(by_needs.items()):
            python = _environment(folder / f"venv{number}", wanted, wheel, root)
            for page in found:
                copy = folder / "page.md"
                shutil.copy(page, copy)
                options = ["-o", "ELLIPSIS", "-o", "NORMALIZE_WHITESPACE"]
                command = [str(python), "-m", "doctest", *options, str(copy)]
                done = subprocess.run(command, cwd=folder, check=False, timeout=600)
                verdict = "failed" if done.returncode else "passed"
                sys.stdout.write(f"{verdict} {page.relative_to(root)} ({' '.join(wanted)})\n")
                failed += bool(done.returncode)
    return failed


def _environment(folder: Path, wanted: tuple[str, ...], wheel: Path, root: Path) -> Path:
    """Make a bare environment with the wheel and what a page names; return its interpreter."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    install = [str(python), "-m", "pip", "install", "--quiet", "-c", str(root / "constraints.txt")]
    named = [
        str(wheel) + requirement.removeprefix("streamlstm")
        if requirement.partition("[")[0] == "streamlstm"
        else requirement
        for requirement in wanted
    ]
    subprocess.run([*install, *named], check=True)
    return python


if __name__ == "__main__":
    sys.exit(run(Path(__file__).parents[2]))
