"""Errors of a configuration: every problem, with its position in the file."""

from collections.abc import Iterable
from typing import NamedTuple


class ConfigProblem(NamedTuple):
    """One problem of a configuration.

    Parameters
    ----------
    path : str
        The file.
    line : int
        From 1.
    key : str
        Keys from the top, joined by dots; empty for the file as a whole.
    message : str
        Expected value, and actual value.

    Examples
    --------
    >>> print(ConfigProblem("a.yaml", 3, "model.window", "expected a whole number, got 'x'"))
    a.yaml:3: model.window: expected a whole number, got 'x'
    """

    path: str
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        key = f" {self.key}:" if self.key else ""
        return f"{self.path}:{self.line}:{key} {self.message}"


class ConfigError(Exception):
    """A configuration that is not valid.

    Parameters
    ----------
    problems : iterable of ConfigProblem
        All of them, in the order of their lines.

    Examples
    --------
    >>> raise ConfigError([ConfigProblem("a.yaml", 1, "app", "expected a name, got nothing")])
    Traceback (most recent call last):
    streamlstm.daemon.config.errors.ConfigError: a.yaml:1: app: expected a name, got nothing
    """

    def __init__(self, problems: Iterable[ConfigProblem]) -> None:
        self.problems = sorted(set(problems), key=lambda problem: (problem.line, problem.key))
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))
