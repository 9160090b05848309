"""What is written beside a committed position, so that a restart knows where to begin."""

from typing import Any

import msgspec

from streamlstm.bank.settings import current_names


class StateMismatchError(Exception):
    """The committed state belongs to models of another shape; it says which keys changed."""


class CommitMetadata(msgspec.Struct, frozen=True):
    """The metadata of a committed position.

    Parameters
    ----------
    replay_from : int
        Lowest offset of any event in no snapshot.
    commands : int
        Operator commands stamped so far.
    commands_read : int
        Place in the journal of operator commands below which all have taken effect here.
    model : dict
        What shapes the models.

    Examples
    --------
    >>> CommitMetadata.decode(CommitMetadata(17, 2, 5, {"hidden": 16}).encode()).replay_from
    17
    """

    replay_from: int
    commands: int = msgspec.field(name="controls")
    commands_read: int = msgspec.field(name="controls_read")
    model: dict[str, Any]

    def encode(self) -> str:
        """Return the marks as JSON, the same for the same marks."""
        return msgspec.json.encode(self, order="sorted").decode()

    @classmethod
    def decode(cls, metadata: str) -> "CommitMetadata":
        """Read marks back."""
        stored = msgspec.json.decode(metadata, type=cls)
        return msgspec.structs.replace(stored, model=current_names(stored.model))

    def changed(self, model: dict[str, Any]) -> list[str]:
        """List in words what differs from ``model``."""
        known = msgspec.json.decode(msgspec.json.encode(model))
        return [
            f"{name} was {self.model.get(name)!r}, is {known.get(name)!r}"
            for name in sorted({*self.model, *known})
            if self.model.get(name) != known.get(name)
        ]
