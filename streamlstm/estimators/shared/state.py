"""The state of an estimator beyond its parameters: header values and named arrays."""

from dataclasses import dataclass, field
from typing import Any

from streamlstm.bank import SnapshotError
from streamlstm.bank.slots.pieces import Array


@dataclass
class State:
    """The state of an estimator, as :func:`streamlstm.save` writes it.

    Parameters
    ----------
    header : dict, default {}
        Plain values: numbers, strings, booleans, ``None``, and lists, tuples and dicts of them.
    arrays : dict, default {}
        Arrays by name.

    Examples
    --------
    >>> import numpy as np
    >>> state = State()
    >>> state.put("model", {"theta": np.ones(1)})
    >>> list(state.arrays), list(state.group("model"))
    (['model/theta'], ['theta'])
    """

    header: dict[str, Any] = field(default_factory=dict)
    arrays: dict[str, Array] = field(default_factory=dict)

    def put(self, group: str, arrays: dict[str, Array]) -> None:
        """Add a group of arrays."""
        self.arrays |= {f"{group}/{name}": array for name, array in arrays.items()}

    def group(self, group: str) -> dict[str, Array]:
        """Return the arrays of a group by their names within it."""
        start = f"{group}/"
        return {
            name.removeprefix(start): array
            for name, array in self.arrays.items()
            if name.startswith(start)
        }

    def copy_into(self, name: str, array: Array) -> None:
        """Copy a stored array into an array of the same type and shape.

        Raises ``SnapshotError`` if the stored array is missing or differs in type or shape.
        """
        found = {name: self.arrays[name]} if name in self.arrays else {}
        require_same(found, {name: array})
        array[...] = found[name]


def require_same(found: dict[str, Array], wanted: dict[str, Array]) -> None:
    """Require that two groups of arrays have the same names, types and shapes.

    Raises
    ------
    SnapshotError
        If they differ; the message names the first difference.
    """
    for name in sorted({*found, *wanted}):
        had, has = (
            f"{arrays[name].dtype} {arrays[name].shape}" if name in arrays else "missing"
            for arrays in (found, wanted)
        )
        if had != has:
            raise SnapshotError(f"piece {name!r} is {had} in the file, and {has} in the model")
