"""The old names and the phrases of the private language are gone, and stay gone.

The table of the renames is in docs/decisions/0005-rooms-and-names.md.
"""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.hygiene.test_files import project_files

OLD_WORDS = """
    StampedControl stamped_controls ControlError ControlFile ControlSource ControlTopic
    PartitionControls parse_control append_control send_control make_controls stamped_topic
    Findings Judgement Marks ColdStore LastWords last_words KafkaStretch make_stretch ShutOut
    TornSnapshots form_opinions count_opinion loosen_classes loosen_experts when_lost
    key_of_record time_of_record weighed bad_control streamlstm.inside streamlstm.exchange
    streamlstm/inside streamlstm/exchange docs/exchange.md docs/inside.md
"""
"""Names that mean nothing else: they fail anywhere, in prose too."""

OLD_NAMES = """
    Finding Verdict Door door loosen patience announce Opinions opinions calm told explained
    Silence surprise surprises surprise_at surprise_of _hot _ripe _cold stamped put_control
    letter read_letter passed_over
"""
"""Ordinary words too: they fail where a package defines them, in a module or in a class."""

OLD_PATTERNS = {
    "configuration key": re.compile(
        r"(?:^|[{,])[ \t]*(?:(?:quiet|rest): *\d|controls:\s*(?:\{|(?:path|topic):))", re.M
    ),
    "attribute": re.compile(r"(?<=\w)\.(?:surprises?|loosen|stamped_controls|opinions)\b"),
    "command": re.compile(r"streamlstm control\b"),
    "log field": re.compile(r"[(,] *controls=(?!=)"),
    "alert value": re.compile(
        r"""["']?(?:kind|reason)["']?(?:: ?|=)["'](?:open|close|quiet)["']"""
    ),
}

OLD_PHRASES = """
    lies still; lie still; begins anew; begin anew; nobody is told; told to nobody; who takes over
    how the process speaks; what it says on; who vouch for; told rightly; river's verbs
    ask for an interval and it will hold; what remembers is a parameter; by what it was worth lately
    wakes nobody; an earlier life; has no word for; have no word for; told, not found
    found, not told
    whoever asks; made anew; makes the client anew; nobody knows what became; stamped control
    a control record; what one is told; nobody waits; the bits are ours; says so every
    who counts; has been told; nobody reads; nobody else
    kept for the way back; nothing is walked back; weights stand still
    costs nobody anything; who forks waits; passed over; shuts out; make it all real
    hand over what; seconds since whenever; of a group of its own; to be started again
    what befell; it remembers nothing; at once and for good; given up on; where they stood
    has to say more; say how far
"""
"""One phrase a line or between semicolons."""

ALLOWED = {
    "CHANGELOG.md": "what was renamed",
    "docs/decisions/": "the table of the renames",
    "streamlstm/bank/settings.py": "reads stored settings",
    "streamlstm/daemon/config/expected.py": "refuses an old key with its new name",
    "streamlstm/daemon/cli/main.py": "refuses the old command with its new name",
    "tests/support/outcomes/stored.py": "what was stored, and its names of today",
    "tests/data/": "stored data, and the scripts that wrote it",
    "tests/hygiene/test_words.py": "the list itself",
}
"""A file, or a folder with its slash, and why old words may stand there."""

REFUSED = {
    "tests/unit/daemon/",
    "tests/integration/test_daemon_cli.py",
    "tests/hygiene/test_pages.py",
}
"""Tests that show an old key or command to be refused: they have to name it."""

PACKAGES = ("streamlstm", "connectors")
PARTS = (*PACKAGES, "tests", "docs", "examples", "benchmarks", "configs", "")
TEXT = {".py", ".md", ".yaml", ".yml", ".toml", ".txt", ".cfg", ""}


def phrases() -> list[str]:
    return [found.strip() for found in re.split(r"[;\n]", OLD_PHRASES) if found.strip()]


def texts(root: Path, part: str) -> Iterator[tuple[str, str]]:
    """Give name and text of the files of a part; the part "" is what lies in no other."""
    for file in project_files(root):
        name = file.relative_to(root).as_posix()
        top = name.partition("/")[0]
        if (top if top in PARTS else "") != part or file.suffix not in TEXT:
            continue
        if not any(name == key or (key[-1] == "/" and name.startswith(key)) for key in ALLOWED):
            yield name, file.read_text(encoding="utf-8", errors="ignore")


def defined(tree: ast.Module) -> Iterator[ast.AST]:
    """Give what a module defines for others: at its top and in its classes."""
    for node in tree.body:
        yield node
        if isinstance(node, ast.ClassDef):
            yield from node.body
            for inner in ast.walk(node):
                if isinstance(inner, ast.Attribute) and isinstance(inner.ctx, ast.Store):
                    yield inner


def names_of(node: ast.AST) -> list[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.AnnAssign(target=ast.Name(id=name)) | ast.Attribute(attr=name):
            return [name]
        case ast.Assign(targets=targets):
            return [t.id for t in targets if isinstance(t, ast.Name)]
        case _:
            return []


def old_names(root: Path, part: str) -> list[str]:
    """Find old identifiers, keys, commands, log fields and alert values."""
    words = re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in OLD_WORDS.split()))
    found = []
    for file, text in texts(root, part):
        if any(file == place or file.startswith(place) for place in REFUSED):
            hits = []
        else:
            hits = [m.group() for m in words.finditer(text)]
            hits += [
                f"{k} {m.group()!r}" for k, p in OLD_PATTERNS.items() for m in p.finditer(text)
            ]
        if file.endswith(".py") and part in PACKAGES:
            nodes = defined(ast.parse(text))
            hits += sorted({n for node in nodes for n in names_of(node)} & set(OLD_NAMES.split()))
        found += [f"{file}: {hit}" for hit in hits]
    return found


def old_phrases(root: Path, part: str) -> list[str]:
    """Find the phrases, over the ends of lines too."""
    found = []
    for file, text in texts(root, part):
        flat = re.sub(r"\s+(?:#:? )?", " ", text).lower()
        found += [f"{file}: {phrase}" for phrase in phrases() if phrase in flat]
    return found


@pytest.mark.parametrize("part", PARTS)
def test_no_old_name_is_left(root: Path, part: str) -> None:
    assert old_names(root, part) == []


@pytest.mark.parametrize("part", PARTS)
def test_no_old_phrase_is_left(root: Path, part: str) -> None:
    assert old_phrases(root, part) == []


@pytest.mark.parametrize("place", ALLOWED)
def test_every_exception_exists(root: Path, place: str) -> None:
    assert (root / place).exists()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("streamlstm/a.py", "class StampedControl:\n    pass\n"),
        ("streamlstm/a.py", "# see ColdStore\n"),
        ("streamlstm/a.py", "import streamlstm.inside\n"),
        ("streamlstm/a.py", "def loosen():\n    pass\n"),
        ("streamlstm/a.py", "class A:\n    def surprise(self):\n        pass\n"),
        ("streamlstm/a.py", "class A:\n    def b(self):\n        self._hot = 1\n"),
        ("streamlstm/a.py", "log.info('committed', controls=3)\n"),
        ("streamlstm/a.py", "alert = dict(kind='open')\n"),
        ("configs/a.yaml", "alerts:\n  quiet: 24\n"),
        ("configs/a.yaml", "alerts: {warm_up: 3, rest: 24}\n"),
        ("docs/a.md", "    streamlstm control pumps.yaml mute\n"),
        ("docs/a.md", '{"reason": "quiet"}\n'),
        ("docs/a.md", ">>> model.surprise > 3\n"),
        ("README.md", "set `when_lost`\n"),
    ],
)
def test_an_old_name_is_found(plant: Callable[[str, str], Path], name: str, text: str) -> None:
    root, part = plant(name, text), name.partition("/")[0]
    assert len(old_names(root, part if part in PARTS else "")) == 1


def test_ordinary_words_are_no_old_names(plant: Callable[[str, str], Path]) -> None:
    root = plant("streamlstm/a.py", "def f():\n    told = 'the rest is quiet'\n    return told\n")
    assert old_names(root, "streamlstm") == []


@pytest.mark.parametrize("phrase", phrases())
def test_an_old_phrase_is_found_over_the_end_of_a_line(
    plant: Callable[[str, str], Path], phrase: str
) -> None:
    broken = phrase.capitalize().replace(" ", "\n    # ", 1)
    root = plant("streamlstm/a.py", f'"""A module."""\n\nX = 1\n# {broken}.\n')
    assert f"streamlstm/a.py: {phrase}" in old_phrases(root, "streamlstm")


def test_an_allowed_place_is_not_searched(plant: Callable[[str, str], Path]) -> None:
    root = plant("docs/decisions/0005.md", "`when_lost`: begins anew\n")
    assert old_names(root, "docs") == old_phrases(root, "docs") == []
