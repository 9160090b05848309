"""Plain Python values as JSON, and back with their types."""

from typing import Any

import numpy as np

from streamlstm.io.river_objects import described, made


def to_json(value: Any, what: str) -> Any:
    """Return what JSON can hold of a value; a tuple stays one, apart from a list.

    Parameters
    ----------
    value
    what
        What it is, for the error.

    Raises
    ------
    TypeError
        If it is no number, string, boolean or ``None``, nor a tuple or list of them, nor an
        optimizer or a loss of river that an estimator takes.

    Examples
    --------
    >>> to_json((0.8, ("flow", None)), "levels")
    {'tuple': [0.8, {'tuple': ['flow', None]}]}
    >>> to_json(object, "parameter optimizer")
    Traceback (most recent call last):
        ...
    TypeError: parameter optimizer cannot be saved: a file holds numbers, strings, booleans, None
    and tuples of them; got type <class 'object'>
    """
    if isinstance(value, np.str_):
        value = str(value)
    if value is None or type(value) in {bool, int, float, str}:
        return value
    if type(value) is tuple:
        return {"tuple": [to_json(item, what) for item in value]}
    if type(value) is list:
        return [to_json(item, what) for item in value]
    if (river := described(value)) is not None:
        name, parameters = river
        return {"river": name} | {key: to_json(item, what) for key, item in parameters.items()}
    raise TypeError(
        f"{what} cannot be saved: a file holds numbers, strings, booleans, None and tuples of "
        f"them; got {type(value).__name__} {value!r}"
    )


def from_json(value: Any) -> Any:
    """Return the value that :func:`to_json` was given.

    Examples
    --------
    >>> from_json({"tuple": [0.8, [1, True]]})
    (0.8, [1, True])
    """
    if isinstance(value, dict) and "river" in value:
        told = {key: from_json(item) for key, item in value.items()}
        return made(told.pop("river"), told)
    if isinstance(value, dict):
        return tuple(from_json(item) for item in value["tuple"])
    return [from_json(item) for item in value] if isinstance(value, list) else value
