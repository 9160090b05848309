"""Generator of docs/configuration.md.

Run ``python -m streamlstm.daemon.config.docs > docs/configuration.md`` after a change.
"""

import json
import sys
from collections.abc import Iterator
from typing import Any

from streamlstm.daemon.config.expected import Fragment, expected, follow
from streamlstm.daemon.config.load import config_json_schema

_BEGINNING = """\
# Configuration

One YAML file configures a worker. `streamlstm check FILE` reports every problem in it, with file,
line, key and expected value. This page is generated from the source code; do not edit it.

- Unknown keys and duplicate keys are errors.
- Relative paths start at the folder of the file.
- `${NAME}` in a value is replaced by that environment variable, and `${NAME:-default}` by the
  default if the variable is unset or empty. `$$` is a dollar sign. Quote the reference inside `{ }`
  and `[ ]`. A quoted value is text.
- The file is YAML 1.2. Values that YAML 1.1 reads differently, such as `no`, `010` and `12:30`, are
  errors: quote text, and write booleans as `true` and `false`.

## Top level
"""


def configuration_page() -> str:
    """Return the page, in Markdown.

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
    """Yield the table of a section, and then those of its subsections."""
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
    """Format a default. The defaults of a section are in its own table."""
    if value is None or value in ({}, []):
        return "none"
    return "see below" if isinstance(value, dict) else f"`{json.dumps(value)}`".replace('"', "")


if __name__ == "__main__":  # pragma: no cover
    sys.stdout.write(configuration_page())
