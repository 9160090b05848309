"""YAML nodes with line numbers, read by the rules of YAML 1.2.

YAML 1.1 reads ``no`` as false, ``010`` as eight and ``12:30`` as 750. A value that the two versions
read differently is refused, and the message gives an unambiguous spelling.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from streamlstm.daemon.config.environment import UnsetVariableError, substitute
from streamlstm.daemon.config.errors import ConfigError, ConfigProblem

NODES_MAX = 10_000
"""Most values in a file. An anchor counts each time it is used."""

REFUSED = object()
"""Placeholder of a value that was refused."""

_TAG = "tag:yaml.org,2002:"
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
_WORDS |= {
    spelling(word): _WORDS[word]
    for word in ("null", "true", "false")
    for spelling in (str.title, str.upper)
}
_DIGITS_MAX = 20
_INTEGER = re.compile(r"[-+]?[0-9]+")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITE = re.compile(r"([-+]?)\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_OLD_RULES = yaml.resolver.Resolver()


@dataclass(slots=True)
class Node:
    """One value of a YAML file.

    Parameters
    ----------
    line : int
        First line, from 1.
    plain : object
        The value: dict, tuple, text, number, bool or None.
    written : str
        Value as shown in messages: as written, before variables are replaced.
    children : dict
        Nodes by key or index.
    key_lines : dict
        Line of each key.
    size : int
        Number of values in it, including itself.
    """

    line: int
    plain: Any
    written: str
    children: dict[str | int, "Node"] = field(default_factory=dict)
    key_lines: dict[str | int, int] = field(default_factory=dict)
    size: int = 1


def read_yaml(
    text: str, path: str, environment: Mapping[str, str]
) -> tuple[Node, list[ConfigProblem]]:
    """Read one YAML document.

    Parameters
    ----------
    text : str
        The document.
    path : str
        Path of the file, for messages.
    environment : mapping of str to str
        Values of ``${NAME}``.

    Returns
    -------
    Node, list of ConfigProblem
        The root node, and problems. `REFUSED` replaces each refused value.

    Raises
    ------
    ConfigError
        If the text is not YAML.

    Examples
    --------
    >>> node, problems = read_yaml("app: ${APP:-pumps}", "a.yaml", {})
    >>> node.plain, node.key_lines, problems
    ({'app': 'pumps'}, {'app': 1}, [])
    """
    try:
        top = yaml.compose(text, yaml.SafeLoader)
        reader = _Reader(path, environment)
        node = Node(1, None, "nothing") if top is None else reader.read(top, "")
    except yaml.YAMLError as error:
        raise ConfigError([_syntax_problem(error, text, path)]) from None
    except RecursionError:
        problem = "expected a few levels of nesting, got very many"
        raise ConfigError([ConfigProblem(path, 1, "", problem)]) from None
    return node, reader.problems


def _syntax_problem(error: yaml.YAMLError, text: str, path: str) -> ConfigProblem:
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark else 1
    what = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
    lines = text.splitlines()[line - 1 : line]
    hint = "; inside { } and [ ] put ${...} in quotes" if any("${" in row for row in lines) else ""
    return ConfigProblem(path, line, "", f"expected YAML, got a fault: {what}{hint}")


class _Reader:
    def __init__(self, path: str, environment: Mapping[str, str]) -> None:
        self.problems: list[ConfigProblem] = []
        self._path = path
        self._environment = environment
        self._done: dict[int, Node | None] = {}

    def read(self, raw: yaml.Node, key: str) -> Node:
        """Read a node once, even if several aliases refer to it."""
        if id(raw) in self._done:
            done = self._done[id(raw)]
            if done is not None:
                return done
            return self._refuse(raw, key, "expected a value, got an alias of what it stands in")
        self._done[id(raw)] = None
        if isinstance(raw, yaml.MappingNode) and raw.tag == f"{_TAG}map":
            node = self._mapping(raw, key)
        elif isinstance(raw, yaml.SequenceNode) and raw.tag == f"{_TAG}seq":
            children = [self.read(child, f"{key}.{at}") for at, child in enumerate(raw.value)]
            node = Node(_line(raw), tuple(child.plain for child in children), "a list")
            node.children.update(enumerate(children))
            node.key_lines.update(enumerate(child.line for child in children))
        elif isinstance(raw, yaml.ScalarNode):
            node = self._scalar(raw, key)
        else:
            node = self._refuse(raw, key, f"expected a plain value, got the tag {raw.tag}")
        node.size += sum(child.size for child in node.children.values())
        if node.size > NODES_MAX:
            message = f"expected at most {NODES_MAX} values, got more"
            raise ConfigError([ConfigProblem(self._path, node.line, key, message)])
        self._done[id(raw)] = node
        return node

    def _mapping(self, raw: yaml.MappingNode, key: str) -> Node:
        node = Node(_line(raw), {}, "a mapping")
        for raw_key, raw_value in raw.value:
            if not isinstance(raw_key, yaml.ScalarNode) or raw_key.tag == f"{_TAG}merge":
                self._refuse(
                    raw_key,
                    key,
                    "expected a key, got something else: keys are text, "
                    "and merging (<<) is not offered",
                )
                continue
            name = raw_key.value
            full = f"{key}.{name}" if key else name
            if name in node.children:
                first = node.key_lines[name]
                self._refuse(
                    raw_key, full, f"expected each key once, got it again: see line {first}"
                )
                continue
            node.key_lines[name] = _line(raw_key)
            node.children[name] = self.read(raw_value, full)
            node.plain[name] = node.children[name].plain
        return node

    def _scalar(self, raw: yaml.ScalarNode, key: str) -> Node:
        try:
            text = substitute(raw.value, self._environment)
        except UnsetVariableError as error:
            return self._refuse(raw, key, str(error))
        quoted = raw.style is not None
        usual_tag = _yaml_1_1_tag(raw.value, quoted=quoted)
        if raw.tag not in (usual_tag, f"{_TAG}str"):
            return self._refuse(raw, key, f"expected a plain value, got the tag {raw.tag}")
        is_text = quoted or raw.tag != usual_tag
        plain = text if is_text else resolve(text)
        if not is_text and _reads_otherwise(text, plain):
            return self._refuse(
                raw,
                key,
                "expected a spelling that all readers of YAML take alike, "
                f'got {raw.value}: write "{raw.value}" in quotes if it is text, true or false if '
                "it is a switch, and numbers without leading zeros, underscores or colons",
            )
        written = "nothing" if plain is None else repr(plain)
        if text != raw.value:
            written = f"the value of {raw.value}"
        return Node(_line(raw), plain, written)

    def _refuse(self, raw: yaml.Node, key: str, message: str) -> Node:
        self.problems.append(ConfigProblem(self._path, _line(raw), key, message))
        return Node(_line(raw), REFUSED, "")


def resolve(text: str) -> Any:
    """Read a plain scalar by the core schema of YAML 1.2.

    Examples
    --------
    >>> [resolve(text) for text in ("3", "1e-3", "true", "no", "~", "3 bar")]
    [3, 0.001, True, 'no', None, '3 bar']
    """
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text) if len(text) < _DIGITS_MAX else float(text)
    if _NUMBER.fullmatch(text):
        return float(text)
    if _INFINITE.fullmatch(text):
        return float(text.replace(".", ""))
    return text


def _reads_otherwise(text: str, plain: Any) -> bool:
    tag = _yaml_1_1_tag(text).removeprefix(_TAG)
    if isinstance(plain, str):
        return tag in ("bool", "int", "float", "timestamp")
    return tag == "int" and int(text.lstrip("+-")[0]) == 0 and plain != 0


def _yaml_1_1_tag(text: str, *, quoted: bool = False) -> str:
    """Return the tag that YAML 1.1 gives a scalar."""
    return str(_OLD_RULES.resolve(yaml.ScalarNode, text, (not quoted, quoted)))  # type: ignore[no-untyped-call]


def _line(raw: yaml.Node) -> int:
    return int(raw.start_mark.line) + 1
