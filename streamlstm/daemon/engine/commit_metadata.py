"""The metadata of a committed position: what a restart needs to know."""

from typing import Any

import msgspec

from streamlstm.bank.settings import current_names


class StateMismatchError(Exception):
    """The committed state was made under other settings; the message lists them."""


class CommitMetadata(msgspec.Struct, frozen=True):
    """The metadata of a committed position.

    Parameters
    ----------
    replay_from : int
        Lowest offset of any event in no snapshot; a restart replays the records from here on.
    commands : int
        Number of operator commands applied so far.
    commands_read : int
        Every operator command below this position of the command journal has taken effect.
    model : dict
        Settings that the state depends on.

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
        """Return the metadata as JSON, with sorted keys."""
        return msgspec.json.encode(self, order="sorted").decode()

    @classmethod
    def decode(cls, metadata: str) -> "CommitMetadata":
        """Read metadata from JSON."""
        stored = msgspec.json.decode(metadata, type=cls)
        return msgspec.structs.replace(stored, model=current_names(stored.model))

    def changed(self, model: dict[str, Any]) -> list[str]:
        """Describe each difference from ``model``."""
        now = msgspec.json.decode(msgspec.json.encode(model))
        return [
            f"{name} was {self.model.get(name)!r}, is {now.get(name)!r}"
            for name in sorted({*self.model, *now})
            if self.model.get(name) != now.get(name)
        ]
