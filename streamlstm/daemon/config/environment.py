"""``${NAME}`` and ``${NAME:-default}`` in the values of a configuration."""

import re
from collections.abc import Mapping

_REFERENCE = re.compile(r"\$\$|\$\{(?:([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\})?")


class UnsetVariableError(Exception):
    """A reference to a variable that is not set, or a malformed reference."""


def substitute(text: str, environment: Mapping[str, str]) -> str:
    """Replace references to environment variables.

    A default is used if the variable is unset or empty. ``$$`` is a dollar sign.

    Parameters
    ----------
    text : str
        Value as written in the file.
    environment : mapping of str to str
        Variables by name.

    Raises
    ------
    UnsetVariableError
        For a variable that is not set and has no default, or a reference that is not closed.

    Examples
    --------
    >>> substitute("${HOST:-localhost}:${PORT} $$1", {"PORT": "9092"})
    'localhost:9092 $1'
    """

    def value(match: re.Match[str]) -> str:
        name, default = match.groups()
        if match.group() == "$$":
            return "$"
        if name is None:
            raise UnsetVariableError(f"expected ${{NAME}} or ${{NAME:-default}}, got {text!r}")
        if default is not None:
            return environment.get(name) or default
        if name not in environment:
            raise UnsetVariableError(
                f"expected the environment variable {name} to be set, got no such variable: set "
                f"it, or write ${{{name}:-default}}"
            )
        return environment[name]

    return _REFERENCE.sub(value, text)
