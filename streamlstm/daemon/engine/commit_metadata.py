"""What is written beside a committed position, so that a restart knows where to begin."""

from typing import Any

import msgspec


class StateMismatchError(Exception):
    """The committed state belongs to models of another shape; it says which keys changed."""


class Marks(msgspec.Struct, frozen=True):
    """The metadata of a committed position.

    Parameters
    ----------
    replay_from : int
        Lowest offset of any event in no snapshot.
    controls : int
        Control records stamped so far.
    controls_read : int
        Place in the journal of control records below which all have taken effect here.
    model : dict
        What shapes the models.

    Examples
    --------
    >>> Marks.decode(Marks(17, 2, 5, {"hidden": 16}).encode()).replay_from
    17
    """

    replay_from: int
    controls: int
    controls_read: int
    model: dict[str, Any]

    def encode(self) -> str:
        """Return the marks as JSON, the same for the same marks."""
        return msgspec.json.encode(self, order="sorted").decode()

    @classmethod
    def decode(cls, metadata: str) -> "Marks":
        """Read marks back."""
        return msgspec.json.decode(metadata, type=cls)

    def changed(self, model: dict[str, Any]) -> list[str]:
        """List in words what differs from ``model``."""
        known = msgspec.json.decode(msgspec.json.encode(model))
        return [
            f"{name} was {self.model.get(name)!r}, is {known.get(name)!r}"
            for name in sorted({*self.model, *known})
            if self.model.get(name) != known.get(name)
        ]
