"""The manual page of the configuration, made from its models.

``python -m streamlstm.daemon.config.docs > docs/configuration.md`` writes it.
"""

import json
import sys
from collections.abc import Iterator
from typing import Any

from streamlstm.daemon.config.expected import Fragment, expected, follow
from streamlstm.daemon.config.load import config_json_schema

_BEGINNING = """\
# Configuration

One YAML file tells a worker everything. `streamlstm check FILE` finds all that is wrong with it,
each with file, line, key and what was expected. This page is made from the program; do not edit it.

- An unknown key is refused, and so is a key that comes twice.
- Paths are taken from the folder in which the file lies.
- `${NAME}` in a value is that variable of the environment, `${NAME:-default}` has a default, `$$`
  is a dollar sign. Inside `{ }` and `[ ]` put it in quotes; a value in quotes is text.
- YAML is read by its version 1.2. What older readers take for something else, such as `no`, `010`
  and `12:30`, is refused: put text in quotes, and write switches as `true` and `false`.

## Top level
"""


def configuration_page() -> str:
    """Write the page, in Markdown.

    Examples
    --------
    >>> configuration_page().splitlines()[0]
    '# Configuration'
    """
    root = config_json_schema()
    parts = [_BEGINNING, *_table(root, root)]
    for name, fragment in root["properties"].items():
        section = follow(fragment, root)
        kinds = section.get("discriminator", {}).get("mapping", {})
        if kinds or "properties" in section:
            parts.append(f"\n## `{name}`\n\n{fragment['description']}\n")
        for kind, reference in kinds.items():
            choice = follow({"$ref": reference}, root)
            parts.append(f"{'' if kind == next(iter(kinds)) else chr(10)}### `kind: {kind}`\n")
            parts += [f"{choice['description']}\n", *_table(choice, root)]
        if "properties" in section:
            parts += _tables(name, section, root)
    return "\n".join(parts) + "\n"


def _tables(name: str, section: Fragment, root: Fragment) -> Iterator[str]:
    """Show a section, and after it those that stand inside it."""
    yield from _table(section, root)
    for inner, fragment in section["properties"].items():
        below = follow(fragment, root)
        if "properties" in below:
            yield f"\n### `{name}.{inner}`\n\n{fragment['description']}\n"
            yield from _tables(f"{name}.{inner}", below, root)


def _table(section: Fragment, root: Fragment) -> Iterator[str]:
    yield "| key | expected | default | meaning |"
    yield "|---|---|---|---|"
    for name, fragment in section["properties"].items():
        there = name in section.get("required", ())
        default = "required" if there else _default(fragment.get("default"))
        meaning = " ".join(fragment.get("description", "").split())
        wanted = expected(fragment, root).replace("|", "\\|")
        yield f"| `{name}` | {wanted} | {default} | {meaning} |"


def _default(value: Any) -> str:
    """Show a default; that of a section is told where the section is."""
    if value is None or value in ({}, []):
        return "none"
    return "see below" if isinstance(value, dict) else f"`{json.dumps(value)}`".replace('"', "")


if __name__ == "__main__":  # pragma: no cover
    sys.stdout.write(configuration_page())
