"""Every public name has a numpy-style docstring with a runnable example.

That the examples run is shown by the doctests; here it is shown that they exist.
"""

import enum
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from types import ModuleType

import connectors
import streamlstm
from streamlstm import Bank, Detection, Settings, estimators


def packages(top: ModuleType) -> Iterator[ModuleType]:
    yield top
    for found in pkgutil.walk_packages(top.__path__, prefix=f"{top.__name__}."):
        if found.ispkg:
            yield importlib.import_module(found.name)


def sections(docstring: str) -> dict[str, str]:
    """Split at the underlined headings: heading → text below it."""
    parts = re.split(r"^(\w[\w ]*)\n-{3,}\n", docstring, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def parameters(thing: object) -> list[str]:
    """Return the names a caller may pass; an exception or a protocol is not called by its user."""
    if inspect.isclass(thing) and (issubclass(thing, Exception | enum.Enum) or is_protocol(thing)):
        return []
    try:
        given = inspect.signature(thing).parameters  # type: ignore[arg-type]
    except ValueError:  # a class that takes what its base in C takes
        return []
    return [name for name in given if name not in ("self", "args", "kwargs")]


def is_protocol(thing: type) -> bool:
    return bool(getattr(thing, "_is_protocol", False))


def faults(name: str, thing: object) -> Iterator[str]:
    """Say what the docstring of ``thing`` lacks; a plain constant cannot have one."""
    if not (callable(thing) or inspect.ismodule(thing)):
        return
    docstring = inspect.cleandoc(thing.__doc__ or "")
    if not docstring:
        yield f"{name}: no docstring"
        return
    if inspect.ismodule(thing):
        return
    found = sections(docstring)
    described = found.get("Parameters", "")
    for parameter in parameters(thing):
        if not re.search(rf"^[^ \n]*\b{parameter}\b|^\S.*, {parameter}\b", described, re.MULTILINE):
            yield f"{name}: parameter {parameter} is not described"
    plain = inspect.isclass(thing) and (issubclass(thing, Exception) or is_protocol(thing))
    if not plain and ">>>" not in found.get("Examples", ""):
        yield f"{name}: no example"


def undocumented(package: ModuleType) -> list[str]:
    names = getattr(package, "__all__", [])
    return [
        fault
        for name in names
        for fault in faults(f"{package.__name__}.{name}", getattr(package, name))
    ]


def test_public_names_are_documented() -> None:
    found = [package for top in (streamlstm, connectors) for package in packages(top)]
    assert [fault for package in found for fault in undocumented(package)] == []


def without_default(name: str, thing: type) -> Iterator[str]:
    """Name each parameter whose heading does not state its default, as numpydoc does."""
    described = sections(inspect.cleandoc(thing.__doc__ or ""))["Parameters"]
    for parameter in inspect.signature(thing).parameters.values():
        if parameter.default is inspect.Parameter.empty:
            continue
        value = parameter.default
        text = value.__name__ if isinstance(value, type) else repr(value).replace("'", '"')
        heading = rf"^{parameter.name} : .*\bdefault {re.escape(text)}$"
        if not re.search(heading, described, re.MULTILINE):
            yield f"{name}: the default of {parameter.name}, {text}, is not stated"


def test_constructors_state_their_defaults() -> None:
    found = {name: getattr(estimators, name) for name in estimators.__all__}
    found |= {"Bank": Bank, "Settings": Settings, "Detection": Detection}
    assert [fault for name, thing in found.items() for fault in without_default(name, thing)] == []


class Half:
    """Multiply.

    Parameters
    ----------
    a : float, default 2.0
        The first factor.
    b : float, default 2.0
        The second factor.
    """

    def __init__(self, a: float = 2.0, b: float = 3.0) -> None:
        self.product = a * b


def test_a_default_that_is_not_stated_is_found() -> None:
    assert list(without_default("Half", Half)) == ["Half: the default of b, 3.0, is not stated"]


def test_the_top_says_what_is_public() -> None:
    assert "__version__" in streamlstm.__all__


def silent(x: float) -> float:
    return x


def half_said(x: float, y: float) -> float:
    """Add two numbers.

    Parameters
    ----------
    x : float
        The first; y is another matter.
    """
    return x + y


def well_said(x: float, y: float) -> float:
    """Add two numbers.

    Parameters
    ----------
    x, y : float
        The numbers.

    Examples
    --------
    >>> 1 + 2
    3
    """
    return x + y


def test_what_a_docstring_lacks_is_found() -> None:
    package = ModuleType("p")
    vars(package).update(silent=silent, half_said=half_said, well_said=well_said, LIMIT=3)
    vars(package)["__all__"] = ["LIMIT", "silent", "half_said", "well_said"]
    assert undocumented(package) == [
        "p.silent: no docstring",
        "p.half_said: parameter y is not described",
        "p.half_said: no example",
    ]
