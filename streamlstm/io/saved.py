"""What a file holds of an estimator, and the parts that several estimators have."""

from dataclasses import dataclass, field, replace
from typing import Any

from streamlstm.bank import Bank, SnapshotError
from streamlstm.bank.slots.pieces import Array
from streamlstm.bank.snapshot import pack, unpack
from streamlstm.estimators.shared.features import FeatureReader
from streamlstm.io.plain import from_json, to_json


@dataclass
class Saved:
    """A header that JSON can hold, and named arrays.

    Examples
    --------
    >>> import numpy as np
    >>> saved = Saved()
    >>> saved.put("model", {"theta": np.ones(1)})
    >>> list(saved.pieces), list(saved.take("model"))
    (['model/theta'], ['theta'])
    """

    header: dict[str, Any] = field(default_factory=dict)
    pieces: dict[str, Array] = field(default_factory=dict)

    def put(self, group: str, pieces: dict[str, Array]) -> None:
        """Add the pieces of a group."""
        self.pieces |= {f"{group}/{name}": piece for name, piece in pieces.items()}

    def take(self, group: str) -> dict[str, Array]:
        """Return the pieces of a group, by their own names."""
        start = f"{group}/"
        return {
            name.removeprefix(start): piece
            for name, piece in self.pieces.items()
            if name.startswith(start)
        }


def require_same(found: dict[str, Array], wanted: dict[str, Array]) -> None:
    """Refuse pieces that are not, in name, type and shape, those that are wanted.

    Raises
    ------
    SnapshotError
        Naming the first that differs.
    """
    for name in sorted({*found, *wanted}):
        had, has = (
            f"{pieces[name].dtype} {pieces[name].shape}" if name in pieces else "missing"
            for pieces in (found, wanted)
        )
        if had != has:
            raise SnapshotError(f"piece {name!r} is {had} in the file, and {has} in the model")


def fill_array(saved: Saved, name: str, array: Array) -> None:
    """Write a saved array into one of the same kind and shape."""
    found = {name: saved.pieces[name]} if name in saved.pieces else {}
    require_same(found, {name: array})
    array[...] = found[name]


def gather_bank(saved: Saved, bank: Bank, reader: FeatureReader) -> None:
    """Save every slot of a bank: its snapshot, unpacked; what they have in common once."""
    for key in bank.slots:
        header, pieces = unpack(bank.snapshot(key))
        del header["stream"]
        saved.header["bank"] = header
        saved.put(key, pieces)
    saved.header["streams"] = list(bank.slots)
    gather_reader(saved, reader)


def fill_bank(saved: Saved, bank: Bank, reader: FeatureReader) -> None:
    """Bring every slot of a bank back."""
    header = saved.header["bank"]
    fresh = Bank(replace(bank.shape, inputs=header["inputs"]), bank.settings)
    fresh.open("fresh")
    wanted = fresh.views("fresh")
    for key in saved.header["streams"]:
        pieces = saved.take(key)
        require_same(pieces, wanted)
        bank.restore(pack(header | {"stream": key}, pieces))
    fill_reader(saved, reader)


def gather_reader(saved: Saved, reader: FeatureReader) -> None:
    """Save which feature has which place."""
    for kind, places in zip(("numbers", "clocks"), reader.places, strict=True):
        saved.header[kind] = [
            [to_json(name, f"the name of feature {name!r}"), place]
            for name, place in places.items()
        ]


def fill_reader(saved: Saved, reader: FeatureReader) -> None:
    """Give the features their places back; the columns are there already."""
    numbers, clocks = (
        {from_json(name): place for name, place in saved.header[kind]}
        for kind in ("numbers", "clocks")
    )
    reader.adopt(numbers, clocks)
