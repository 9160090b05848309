"""The slot store of a bank: arenas, slots by stream, columns by feature, and their growth."""

from collections.abc import Hashable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from streamlstm.bank.dispatch import dispatch
from streamlstm.bank.feature_index import FeatureIndex
from streamlstm.bank.settings import Detection, Settings, make_plan, set_columns, tape_rows
from streamlstm.bank.slots import pieces
from streamlstm.bank.slots.alert_state import begin_decision
from streamlstm.bank.slots.arena import aligned_zeros
from streamlstm.bank.slots.pieces import Array, copy_slot, slot_views
from streamlstm.kernels import layout as at
from streamlstm.kernels.layout import Shape, double_fields, single_fields
from streamlstm.kernels.regression.forecast import work_size
from streamlstm.kernels.specialise import run_events_of, scratch_size


class BankFullError(RuntimeError):
    """Raised when all ``slots_max`` slots are in use."""


class SlotStore:
    """Slots of one shape in two arenas, one slot per stream. Slots move only when the store grows.

    Parameters are those of :class:`~streamlstm.bank.bank.Bank`.

    Attributes
    ----------
    singles, doubles : (slots, ...)
        The arenas: network parameters and state in ``dtype``, everything else in float64.
    plan : (PLAN_SIZE,) int64
        Shape, settings and offsets, as the kernels read them.
    scratch, work
        Working memory of the kernels; not part of the state.
    slots : dict of str to int
        Slot of each open stream.

    Examples
    --------
    >>> store = SlotStore(Shape(hidden=8), Settings())
    >>> store.open("pump 7"), store.open("pump 8"), store.open("pump 7")
    (0, 1, 0)
    """

    def __init__(
        self,
        shape: Shape,
        settings: Settings,
        *,
        seed: int = 0,
        features_max: int = 1024,
        detection: Detection | None = None,
        slots_max: int | None = None,
        dtype: type[np.floating] = np.float32,
    ) -> None:
        self.shape = shape
        self.settings = settings
        self.seed = seed
        self.slots_max = slots_max
        self.detection = detection
        self.features = FeatureIndex(features_max)
        self.slots: dict[str, int] = {}
        self._dtype = dtype
        self._free: list[int] = []
        self._allocate(0)

    def _allocate(self, rows: int) -> None:
        """Allocate arenas, plan and working memory for ``rows`` slots of the current shape."""
        shape, window = self.shape, self._tape_rows
        singles = single_fields(shape, window)
        self.singles = aligned_zeros(rows, singles["end"].offset, self._dtype)
        self.doubles = aligned_zeros(rows, double_fields(shape)["end"].offset, np.float64)
        self.plan = make_plan(shape, self.settings)
        self.plan[at.DETECT] = self.detection is not None
        set_columns(self.plan, self.features.periods)
        room = int(self.plan[at.TAPE_ROW] + self.plan[at.STATE]) + shape.outputs
        room += singles["theta"].shape[0] + scratch_size(shape, window)
        self.scratch = aligned_zeros(1, room, self._dtype)[0]
        self.run_events = dispatch(run_events_of(shape.cell))
        self.work = aligned_zeros(1, work_size(shape.hidden), np.float64)[0]

    def __getstate__(self) -> dict[str, Any]:
        """Leave out working memory and compiled code, which are not part of the state."""
        left_out = {"scratch", "work", "run_events", "plan"}
        return {k: v for k, v in self.__dict__.items() if k not in left_out}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Align the arenas to cache lines again; a pickle does not preserve alignment."""
        self.__dict__.update(state)
        self._allocate(len(state["singles"]))
        self.singles[...] = state["singles"]
        self.doubles[...] = state["doubles"]

    def grow(self, rows: int, inputs: int) -> None:
        """Move every slot to arenas of ``rows`` slots with room for ``inputs`` columns."""
        old_singles, old_doubles, old_shape = self.singles, self.doubles, self.shape
        self.shape = replace(old_shape, inputs=inputs)
        self._allocate(rows)
        for slot in self.slots.values():
            source = slot_views(old_singles[slot], old_doubles[slot], old_shape, self._tape_rows)
            copy_slot(source, old_shape, self._slot_views(slot), self.shape)

    def _slot_views(self, slot: int) -> dict[str, Array]:
        return slot_views(self.singles[slot], self.doubles[slot], self.shape, self._tape_rows)

    @property
    def _tape_rows(self) -> int:
        return tape_rows(self.shape, self.settings)

    def begin_columns(self, key: str) -> None:
        """Initialise the weights of a stream's new feature columns."""
        views, seed = self.views(key), self._seed_name(key)
        pieces.begin_columns(views, self.shape, seed, self.features.names, self.features.periods)

    def _seed_name(self, key: str) -> str:
        return f"{self.seed}/{key}"

    @property
    def arena_bytes(self) -> int:
        """Bytes of both arenas."""
        return self.singles.nbytes + self.doubles.nbytes

    @property
    def slot_bytes(self) -> int:
        """Bytes of one slot."""
        shape, window = self.shape, self._tape_rows
        single = single_fields(shape, window)["end"].offset * np.dtype(self._dtype).itemsize
        return single + double_fields(shape)["end"].offset * 8

    def add_features(self, names: Iterable[Hashable] = (), clocks: Iterable[Hashable] = ()) -> None:
        """Give columns to new features, and initial weights in every slot."""
        before = len(self.features.column)
        self.features.add(names, clocks)
        used = len(self.features.column)
        if used == before:
            return
        if used > self.shape.inputs:
            doubled = max(2 * self.shape.inputs, used)
            self.grow(len(self.singles), min(doubled, self.features.features_max))
        set_columns(self.plan, self.features.periods)
        for key in self.slots:
            self.begin_columns(key)

    def open(self, key: str) -> int:
        """Return the slot of a stream; a new stream gets a freshly initialised model."""
        if key not in self.slots:
            self.reserve(key)
            pieces.begin(self.views(key), self.shape, self.settings, self._seed_name(key))
            if self.detection:
                begin_decision(self.views(key)["decision"], self.detection)
            self.begin_columns(key)
        return self.slots[key]

    def reserve(self, key: str) -> None:
        """Assign a free slot to a stream without initialising it."""
        if not self._free:
            rows = len(self.singles)
            if rows == self.slots_max:
                raise BankFullError(f"all {rows} slots are in use; forget a stream first")
            self.grow(min(max(1, 2 * rows), self.slots_max or 2 * rows + 1), self.shape.inputs)
            self._free = list(range(len(self.singles) - 1, rows - 1, -1))
        self.slots[key] = self._free.pop()

    def forget(self, key: str) -> None:
        """Remove a stream and free its slot."""
        self._free.append(self.slots.pop(key))

    def views(self, key: str) -> dict[str, Array]:
        """Return views of the named pieces of a stream's slot, valid until the store grows."""
        return self._slot_views(self.slots[key])

    def copy(self, source: str, target: str) -> None:
        """Copy the slot of one open stream into that of another."""
        one, other = self.slots[source], self.slots[target]
        self.singles[other] = self.singles[one]
        self.doubles[other] = self.doubles[one]
