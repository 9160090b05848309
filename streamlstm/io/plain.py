"""Conversion of plain Python values to JSON and back, with their types."""

from typing import Any

import numpy as np

from streamlstm.io.river_objects import described, made


def to_json(value: Any, what: str) -> Any:
    """Return a value in a form that JSON can represent; tuples are kept apart from lists.

    Parameters
    ----------
    value
        A number, string, boolean or ``None``; a tuple, list or dict of them; or one of river's
        optimizers or losses that an estimator accepts.
    what
        Description of the value, for the error message.

    Raises
    ------
    TypeError
        If the value is of another type.

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
    if type(value) is dict and value.keys().isdisjoint({"tuple", "river"}):
        return {key: to_json(item, what) for key, item in value.items()}
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
        parameters = {key: from_json(item) for key, item in value.items()}
        return made(parameters.pop("river"), parameters)
    if isinstance(value, dict) and "tuple" in value:
        return tuple(from_json(item) for item in value["tuple"])
    if isinstance(value, dict):
        return {key: from_json(item) for key, item in value.items()}
    return [from_json(item) for item in value] if isinstance(value, list) else value
