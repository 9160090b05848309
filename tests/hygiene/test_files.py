"""What lies in the project: links that lead somewhere, YAML that loads, nothing of one machine."""

import re
import shutil
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

# Spelt in pieces, so that this file does not find itself.
HOME_FOLDERS = ("home", "Users", "root", "work", "tmp")
ABSOLUTE = r"(?:file://|(?<![\w./:<>~$}-]))/"  # and neither part of a longer path nor of a URL
MACHINE_PATH = re.compile(f"{ABSOLUTE}(?:{'|'.join(HOME_FOLDERS)})/[\\w.]")
HOSTS = (("py" + "pi", "org"), ("python" + "hosted", "org"), ("npm" + "js", "org"))
HOST = re.compile("|".join(r"\b" + r"\.".join(host) for host in HOSTS))

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
MODULE = re.compile(r"`((?:[a-z_0-9]+/)+[a-z_0-9]+\.py)`")
CODE = re.compile(r"^```.*?^```|`[^`\n]+`", re.MULTILINE | re.DOTALL)
PIN = re.compile(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+")
AFTER_NAME = re.compile(r"[^A-Za-z0-9._-]")


def project_files(root: Path) -> Iterator[Path]:
    """Give what git tracks or would track; in a tree without git, every file."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        found = subprocess.run(listing, cwd=root, capture_output=True, check=True, text=True)
        files = [root / name for name in found.stdout.split("\0") if name]
    except (FileNotFoundError, subprocess.CalledProcessError):
        hidden = (".venv", "__pycache__", "_cache")
        files = [f for f in root.rglob("*") if not any(part in str(f) for part in hidden)]
    yield from sorted(file for file in files if file.is_file())


def local_words(root: Path) -> list[str]:
    """Find paths of one machine, and the hosts a package happened to come from."""
    found = []
    for file in project_files(root):
        text = file.read_text(encoding="utf-8", errors="ignore")
        for match in [*MACHINE_PATH.finditer(text), *HOST.finditer(text)]:
            line = text.count("\n", 0, match.start()) + 1
            found.append(f"{file.relative_to(root)}:{line}: {match.group()}")
    return found


def dead_links(root: Path) -> list[str]:
    found = []
    for file in [*sorted(root.glob("*.md")), *sorted((root / "docs").rglob("*.md"))]:
        for target in LINK.findall(CODE.sub("", file.read_text(encoding="utf-8"))):
            path = target.partition("#")[0]
            if path and not re.match(r"\w+:", path) and not (file.parent / path).exists():
                found.append(f"{file.relative_to(root)}: {target}")
    return found


def dead_paths(root: Path) -> list[str]:
    """Find modules that a page of the manual names and that do not exist; decisions are history."""
    found = []
    pages = [*root.glob("*.md"), *(root / "docs").glob("*.md"), *root.glob("docs/estimators/*.md")]
    for page in sorted(pages):
        for named in MODULE.findall(page.read_text(encoding="utf-8")):
            if not ((root / named).exists() or (root / "streamlstm" / named).exists()):
                found.append(f"{page.relative_to(root)}: {named}")
    return found


def bad_configs(root: Path) -> list[str]:
    found = []
    for file in sorted((root / "configs").rglob("*.y*ml")):
        try:
            if not isinstance(yaml.safe_load(file.read_text(encoding="utf-8")), dict):
                found.append(f"{file.relative_to(root)}: not a mapping")
        except yaml.YAMLError:
            found.append(f"{file.relative_to(root)}: not YAML")
    return found


def unpinned(root: Path) -> list[str]:
    """Find constraints that are more than ``name==version``, and dependencies without one."""
    lines = (root / "constraints.txt").read_text(encoding="utf-8").splitlines()
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pinned = {line.partition("==")[0].lower() for line in lines} | {project["name"]}
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    names = [AFTER_NAME.split(requirement)[0] for group in groups for requirement in group]
    odd = [line for line in lines if not PIN.fullmatch(line)]
    return odd + [name for name in names if name.lower() not in pinned]


@pytest.mark.parametrize("check", [local_words, dead_links, dead_paths, bad_configs, unpinned])
def test_our_files_are_clean(root: Path, check: Callable[[Path], list[str]]) -> None:
    assert check(root) == []


def test_local_words_are_found(plant: Callable[[str, str], Path]) -> None:
    path, host = "/" + "home/ann/data", "files." + ".".join(HOSTS[1])
    tree = plant("docs/a.md", f"/var/lib, src{path}, ${{X}}{path}\nsee {path} at {host}\n")
    assert local_words(tree) == [f"docs/a.md:2: {path[:7]}", f"docs/a.md:2: {host[6:]}"]


@pytest.mark.skipif(shutil.which("git") is None, reason="asks git")
def test_what_git_ignores_is_not_ours(plant: Callable[[str, str], Path]) -> None:
    plant(".gitignore", "build/\n")
    plant("build/a.txt", "")
    tree = plant("a.txt", "")
    subprocess.run(["git", "init", "--quiet"], cwd=tree, check=True)
    assert [file.name for file in project_files(tree)] == [".gitignore", "a.txt"]


def test_a_dead_link_is_found(plant: Callable[[str, str], Path]) -> None:
    plant("README.md", "[docs](docs/a.md#top) [web](https://example.org) [here](#here)\n")
    tree = plant("docs/a.md", "[up](../README.md) `W[i](t)` [gone](b.md)\n")
    assert dead_links(tree) == ["docs/a.md: b.md"]


def test_a_dead_path_is_found(plant: Callable[[str, str], Path]) -> None:
    plant("streamlstm/bank/slots.py", "")
    tree = plant("docs/a.md", "`bank/slots.py`, `streamlstm/bank/slots.py`, `bank/gone.py`\n")
    assert dead_paths(tree) == ["docs/a.md: bank/gone.py"]


def test_a_bad_config_is_found(plant: Callable[[str, str], Path]) -> None:
    plant("configs/good.yaml", "version: 1\n")
    plant("configs/list.yaml", "- 1\n")
    tree = plant("configs/torn.yaml", "a: [1\n")
    assert bad_configs(tree) == ["configs/list.yaml: not a mapping", "configs/torn.yaml: not YAML"]


def test_a_missing_or_odd_constraint_is_found(plant: Callable[[str, str], Path]) -> None:
    plant("constraints.txt", "numpy==2.4.6\nriver @ https://example.org/river.whl\n")
    tree = plant(
        "pyproject.toml",
        '[project]\nname = "p"\ndependencies = ["numpy>=2", "Click>=8"]\n'
        '[project.optional-dependencies]\ndev = ["p[plot]"]\n',
    )
    assert unpinned(tree) == ["river @ https://example.org/river.whl", "Click"]
