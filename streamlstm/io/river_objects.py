"""Conversion of river's optimizers and losses to JSON, limited to those an estimator accepts."""

import inspect
from typing import Any

from streamlstm.bank import SnapshotError

KNOWN = (
    "optim.SGD",
    "optim.RMSProp",
    "optim.Adam",
    "optim.schedulers.Constant",
    "optim.losses.Absolute",
    "optim.losses.Huber",
    "optim.losses.Squared",
)


def _class(name: str) -> Any:
    import river.optim  # noqa: PLC0415 - imported already if there is such an object

    found: Any = river
    for part in name.split("."):
        found = getattr(found, part)
    return found


def described(value: Any) -> tuple[str, dict[str, Any]] | None:
    """Return class and parameters of one of river's objects; None for anything else.

    Examples
    --------
    >>> from river import optim
    >>> described(optim.losses.Huber(2.0)), described("adam")
    (('optim.losses.Huber', {'epsilon': 2.0}), None)
    """
    if not type(value).__module__.startswith("river.optim"):
        return None
    for name in KNOWN:
        if type(value) is _class(name):
            parameters = inspect.signature(type(value)).parameters
            return name, {parameter: getattr(value, parameter) for parameter in parameters}
    return None


def made(name: str, parameters: dict[str, Any]) -> Any:
    """Create the object that :func:`described` described.

    Raises
    ------
    SnapshotError
        If the class is not in ``KNOWN``: a file must not choose the code that runs.

    Examples
    --------
    >>> made("optim.RMSProp", {"rho": 0.8}).rho
    0.8
    """
    if name not in KNOWN:
        raise SnapshotError(f"a file may hold {', '.join(KNOWN)}; got {name}")
    return _class(name)(**parameters)
