"""Error messages: the expected value of a JSON Schema in words, and pydantic's errors."""

import difflib
import json
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from streamlstm.daemon.config.errors import ConfigProblem
from streamlstm.daemon.config.yaml_nodes import Node

Fragment = dict[str, Any]

_TYPES = {
    "string": "text",
    "boolean": "true or false",
    "object": "a mapping",
    "integer": "a whole number",
    "number": "a number",
}
_BOUNDS = (
    ("minimum", "from"),
    ("exclusiveMinimum", "above"),
    ("maximum", "to"),
    ("exclusiveMaximum", "below"),
)

RENAMED = {
    "controls": "commands",
    "key_of_record": "use_record_key",
    "quiet": "resolve_after",
    "rest": "cooldown",
    "stamped_topic": "applied_commands_topic",
    "time_of_record": "use_record_time",
    "when_lost": "on_offset_out_of_range",
}
"""Keys that were renamed before 0.1.0, and their new names."""


def expected(fragment: Fragment, root: Fragment) -> str:
    """Describe the values that a part of a JSON Schema accepts.

    Parameters
    ----------
    fragment : dict
        Part of the schema.
    root : dict
        The whole schema, for references.

    Examples
    --------
    >>> expected({"type": "integer", "minimum": 1, "maximum": 9}, {})
    'a whole number from 1 to 9'
    >>> expected({"enum": ["csv", "jsonl"]}, {})
    'csv or jsonl'
    """
    fragment = follow(fragment, root)
    if "x-expected" in fragment:
        return str(fragment["x-expected"])
    if "const" in fragment:
        return json.dumps(fragment["const"]).strip('"')
    if "enum" in fragment:
        return " or ".join(fragment["enum"])
    parts: list[Fragment] = fragment.get("anyOf") or fragment.get("oneOf") or []
    choices = [expected(part, root) for part in parts if part.get("type") != "null"]
    if choices:
        return " or ".join(dict.fromkeys(choices))
    words = [_TYPES.get(fragment.get("type", ""), "a value")]
    words += [f"{word} {fragment[name]}" for name, word in _BOUNDS if name in fragment]
    return " ".join(words)


def problems(
    error: ValidationError, top: Node, path: str, schema: Fragment
) -> Iterator[ConfigProblem]:
    """Convert pydantic's errors to problems with line, key, expected and actual value.

    Parameters
    ----------
    error : ValidationError
        Error of validating ``top``.
    top : Node
        Root node of the file.
    path : str
        Path of the file.
    schema : dict
        JSON Schema of the model.
    """
    for found in error.errors(include_url=False, include_input=False):
        places = list(found["loc"])
        context = found.get("ctx", {})
        if context.get("at"):
            places.append(context["at"])
        if found["type"].startswith("union_tag"):
            places.append("kind")
        key, line, node, fragment = _find(places, top, schema)
        if found["type"] == "extra_forbidden":
            message = _unknown(key[-1], fragment)
        else:
            wanted = context.get("wanted") or expected(fragment, schema)
            got = context.get("got") or ("nothing" if node is None else node.written)
            message = f"expected {wanted}, got {got}{context.get('hint', '')}"
        yield ConfigProblem(path, line, ".".join(key), message)


def _find(
    places: list[int | str], top: Node, schema: Fragment
) -> tuple[list[str], int, Node | None, Fragment]:
    """Find an error; return its key, line, node and schema fragment.

    For a missing key, the node is None and the line is that of the parent. For an unknown key, the
    fragment is that of the parent.
    """
    key: list[str] = []
    line, node, fragment = top.line, top, follow(schema, schema)
    found: Node | None = top
    for place in places:
        kinds = fragment.get("discriminator", {}).get("mapping", {})
        if place in kinds:  # pydantic names the kind it chose
            fragment = follow({"$ref": kinds[place]}, schema)
            continue
        if isinstance(place, int) and not node.children:
            continue  # one text, taken for a list of one
        below = _below(fragment, place, schema)
        key.append(str(place))
        found = node.children.get(place)
        line = node.key_lines.get(place, line)
        if below is None:
            break
        fragment = below
        node = found or Node(line, None, "nothing")
    return key, line, found, fragment


def _below(fragment: Fragment, place: int | str, root: Fragment) -> Fragment | None:
    """Return the schema fragment of a key, or None for an unknown key."""
    if isinstance(place, int):
        return follow(fragment.get("items", fragment), root)
    if "oneOf" in fragment and place == "kind":
        return {"enum": list(fragment["discriminator"]["mapping"])}
    below = fragment.get("properties", {}).get(place)
    return None if below is None else follow(below, root)


def follow(fragment: Fragment, root: Fragment) -> Fragment:
    """Resolve a reference, also if it is the only choice besides null."""
    while "$ref" in fragment:
        reference = fragment["$ref"].removeprefix("#/$defs/")
        fragment = root["$defs"][reference]
    choices = [part for part in fragment.get("anyOf", []) if part.get("type") != "null"]
    if len(choices) == 1 and "$ref" in choices[0]:
        return follow(choices[0], root)
    return fragment


def _unknown(name: str, fragment: Fragment) -> str:
    known = list(fragment.get("properties", {}))
    if RENAMED.get(name) in known:
        return f"expected {RENAMED[name]!r}, the new name of {name!r}"
    close = difflib.get_close_matches(name, known, n=1)
    hint = f" (did you mean {close[0]!r}?)" if close else ""
    return f"expected one of the keys {', '.join(known)}, got {name!r}{hint}"
