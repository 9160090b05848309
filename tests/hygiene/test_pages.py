"""Every page names what its examples need, and the commands it shows exist."""

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import click

from streamlstm.daemon.cli.main import main
from streamlstm.daemon.config.load import load_config
from tests.support.pages import (
    EXTRAS,
    IMPLIED,
    commands,
    extras,
    importable,
    imports,
    needs,
    targets,
)
from tests.support.pages import pages as all_pages


def unmet_needs(root: Path) -> list[str]:
    """Find what examples import and their page's line of needs does not bring."""
    found = []
    for page in all_pages(root):
        text = page.read_text(encoding="utf-8")
        wanted = needs(text)
        named = {
            part for need in wanted for extra in EXTRAS.findall(need) for part in extra.split(",")
        }
        name = page.relative_to(root).as_posix()
        found += [
            f"{name}: {module}" for module in sorted(imports(text) - importable(root, wanted))
        ]
        found += [
            f"{name}: extra {extra} is not named"
            for extra, call in IMPLIED.items()
            if call.search(text) and extra not in named
        ]
        found += [f"{name}: no extra {extra}" for extra in sorted(named - extras(root).keys())]
    return found


def wrong_command(line: str) -> str | None:
    """Say what of a command line the program does not have."""
    words = shlex.split(line, comments=True)[1:]
    command: click.Command = main
    context = click.Context(main, **main.context_settings)
    while words and isinstance(command, click.Group) and not words[0].startswith("-"):
        word = words.pop(0)
        try:
            inner = command.get_command(context, word)
        except click.UsageError:  # a command that was renamed
            inner = None
        if inner is None:
            return f"no command {word!r}"
        command, context = inner, click.Context(inner, parent=context)
    known = {option for parameter in command.get_params(context) for option in parameter.opts}
    for word in words:
        if word.startswith("-") and word != "-" and word.partition("=")[0] not in known:
            return f"no option {word!r}"
    return None


def wrong_commands(root: Path) -> list[str]:
    """Find commands, options and targets of make that do not exist."""
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    known = set(re.findall(r"^([a-z-]+):", makefile, re.M))
    found = []
    for page in all_pages(root):
        name, text = page.relative_to(root).as_posix(), page.read_text(encoding="utf-8")
        found += [f"{name}: make {target}" for target in sorted(targets(text) - known)]
        found += [
            f"{name}: {line}: {why}" for line in commands(text) if (why := wrong_command(line))
        ]
    return found


def test_every_page_names_what_its_examples_need(root: Path) -> None:
    assert unmet_needs(root) == []


def test_every_command_exists(root: Path) -> None:
    shown = [line for page in all_pages(root) for line in commands(page.read_text("utf-8"))]
    assert len(shown) > 20
    assert wrong_commands(root) == []


def test_the_configuration_in_the_readme_is_valid(root: Path, tmp_path: Path) -> None:
    text = (root / "README.md").read_text(encoding="utf-8")
    found = re.findall(r"^```yaml\n(.*?)^```", text, re.M | re.S)
    assert found
    for number, block in enumerate(found):
        file = tmp_path / f"{number}.yaml"
        file.write_text(block, encoding="utf-8")
        load_config(str(file), {})


def tree(plant: Callable[[str, str], Path], page: str) -> Path:
    plant("Makefile", "demo: ## show\n\ttrue\n")
    extra = '[project.optional-dependencies]\nplot = ["matplotlib>=3"]\n'
    plant("pyproject.toml", f'[project]\ndependencies = ["numpy>=2"]\n{extra}')
    return plant("docs/page.md", page)


def test_an_import_that_is_not_installed_is_found(plant: Callable[[str, str], Path]) -> None:
    root = tree(plant, ">>> import os, numpy, matplotlib\n")
    assert unmet_needs(root) == ["docs/page.md: matplotlib"]
    root = tree(plant, "Needs: `pip install streamlstm[plot]`\n\n>>> import numpy, matplotlib\n")
    assert unmet_needs(root) == []


def test_an_extra_that_is_missing_or_unknown_is_found(plant: Callable[[str, str], Path]) -> None:
    root = tree(plant, ">>> plot_gates(model)\n")
    assert unmet_needs(root) == ["docs/page.md: extra plot is not named"]
    root = tree(plant, "Needs: `pip install streamlstm[plto]`\n")
    assert unmet_needs(root) == ["docs/page.md: no extra plto"]


def test_commands_that_do_not_exist_are_found(plant: Callable[[str, str], Path]) -> None:
    root = tree(
        plant,
        "    streamlstm no-such-target a.yaml\n    streamlstm lag a.yaml --jsno\n`make dmeo`\n",
    )
    assert wrong_commands(root) == [
        "docs/page.md: make dmeo",
        "docs/page.md: streamlstm no-such-target a.yaml: no command 'no-such-target'",
        "docs/page.md: streamlstm lag a.yaml --jsno: no option '--jsno'",
    ]
    root = tree(plant, "    streamlstm control a.yaml mute pump-7\n")
    assert wrong_commands(root) == [
        "docs/page.md: streamlstm control a.yaml mute pump-7: no command 'control'"
    ]
    root = tree(plant, "    streamlstm lag a.yaml --json  # lag\n    make demo\n")
    assert wrong_commands(root) == []
