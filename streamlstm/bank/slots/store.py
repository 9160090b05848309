"""The memory of a bank: arenas, slots by stream, columns by feature, and how they grow."""

from collections.abc import Hashable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from streamlstm.bank.dispatch import dispatch
from streamlstm.bank.feature_index import FeatureIndex
from streamlstm.bank.settings import Detection, Settings, make_plan, set_columns, tape_rows
from streamlstm.bank.slots.alert_state import begin_decision
from streamlstm.bank.slots.arena import aligned_zeros
from streamlstm.bank.slots.pieces import Array, begin, begin_columns, copy_slot, slot_views
from streamlstm.kernels import layout as at
from streamlstm.kernels.layout import Shape, double_fields, single_fields
from streamlstm.kernels.regression.forecast import work_size
from streamlstm.kernels.specialise import run_events_of, scratch_size


class BankFullError(RuntimeError):
    """Every slot is taken, and ``slots_max`` allows no more."""


class SlotStore:
    """Slots of one shape in two arenas, one per stream; they move only when the store grows.

    Parameters are those of :class:`~streamlstm.bank.bank.Bank`.

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
        """Make arenas, plan and working room for ``rows`` slots of today's shape."""
        shape, window = self.shape, self._tape_rows
        singles = single_fields(shape, window)
        self.singles = aligned_zeros(rows, singles["end"].offset, self._dtype)
        self.doubles = aligned_zeros(rows, double_fields(shape)["end"].offset, np.float64)
        self.plan = make_plan(shape, self.settings)
        self.plan[at.DETECT] = self.detection is not None
        set_columns(self.plan, self.features.periods)
        room = int(self.plan[at.TAPE_ROW] + self.plan[at.STATE]) + shape.outputs
        room += singles["theta"].shape[0] + scratch_size(shape, window)
        self._scratch = aligned_zeros(1, room, self._dtype)[0]
        self._run_events = dispatch(run_events_of(shape.cell))
        self._work = aligned_zeros(1, work_size(shape.hidden), np.float64)[0]

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the room to work in, and compiled code; they are no part of the state."""
        left_out = {"_scratch", "_work", "_run_events", "plan"}
        return {k: v for k, v in self.__dict__.items() if k not in left_out}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Bring the arenas back to cache lines, which a pickle does not keep."""
        self.__dict__.update(state)
        self._allocate(len(state["singles"]))
        self.singles[...] = state["singles"]
        self.doubles[...] = state["doubles"]

    def _grow(self, rows: int, inputs: int) -> None:
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

    def _begin_columns(self, key: str) -> None:
        views, seed = self.views(key), self._seed_name(key)
        begin_columns(views, self.shape, seed, self.features.names, self.features.periods)

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
        """Give columns to features, and weights in every slot; known ones stay as they are.

        Parameters
        ----------
        names
            Plain numbers.
        clocks
            Time features, three columns each: hour of day, seconds since the last, day of week.

        Raises
        ------
        FeatureLimitError
            If ``features_max`` is too small.
        """
        before = len(self.features.column)
        self.features.add(names, clocks)
        used = len(self.features.column)
        if used == before:
            return
        if used > self.shape.inputs:
            doubled = max(2 * self.shape.inputs, used)
            self._grow(len(self.singles), min(doubled, self.features.features_max))
        set_columns(self.plan, self.features.periods)
        for key in self.slots:
            self._begin_columns(key)

    def open(self, key: str) -> int:
        """Return the slot of a stream; a stream not seen before gets a fresh model.

        Slots stay where they are until their stream is forgotten.
        """
        if key not in self.slots:
            self._reserve(key)
            begin(self.views(key), self.shape, self.settings, self._seed_name(key))
            if self.detection:
                begin_decision(self.views(key)["decision"], self.detection)
            self._begin_columns(key)
        return self.slots[key]

    def _reserve(self, key: str) -> None:
        """Give a stream a slot, whatever lies in it."""
        if not self._free:
            rows = len(self.singles)
            if rows == self.slots_max:
                raise BankFullError(f"all {rows} slots are taken; forget a stream first")
            self._grow(min(max(1, 2 * rows), self.slots_max or 2 * rows + 1), self.shape.inputs)
            self._free = list(range(len(self.singles) - 1, rows - 1, -1))
        self.slots[key] = self._free.pop()

    def forget(self, key: str) -> None:
        """Drop a stream and its model."""
        self._free.append(self.slots.pop(key))

    def views(self, key: str) -> dict[str, Array]:
        """Name the pieces of a stream's slot: theta, state (h, c), tape, targets and so on.

        Each is a view into the arenas, valid until the bank grows.
        """
        return self._slot_views(self.slots[key])
