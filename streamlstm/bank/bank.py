"""The bank: many models of one shape as slots in two arenas, forecast and learnt in one call."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from streamlstm.bank.arena import aligned_zeros
from streamlstm.bank.feature_index import FeatureIndex
from streamlstm.bank.plan import Settings, make_plan, set_columns
from streamlstm.bank.slots import Array, begin, begin_columns, copy_slot, slot_views
from streamlstm.bank.snapshot import (
    SnapshotError,
    model_description,
    model_hash,
    pack,
    unpack,
)
from streamlstm.kernels import shape as at
from streamlstm.kernels.events import run_events
from streamlstm.kernels.experts import mixture_weights
from streamlstm.kernels.forecast import work_size
from streamlstm.kernels.shape import Shape, double_fields, single_fields, target_fields
from streamlstm.kernels.tbptt import scratch_size


class Bank:
    """Models of one shape, one per stream, in a few contiguous arenas.

    Parameters
    ----------
    shape
        How large each model is; room for inputs grows by itself.
    settings
        How each model learns.
    seed
        With a stream's key it decides the stream's first weights.
    features_max
        Most feature columns.
    dtype
        Float type of parameters and memory. float32; float64 for proofs of the gradients.

    Examples
    --------
    >>> bank = Bank(Shape(hidden=8), Settings())
    >>> slot = bank.open("pump 7")
    >>> bank.learn([slot, slot], [[20.0], [21.0]])[:, 1].tolist()
    [0.0, 20.0]
    >>> round(float(bank.forecast([slot], [[np.nan]])[0, 0]))
    21
    """

    def __init__(
        self,
        shape: Shape,
        settings: Settings,
        *,
        seed: int = 0,
        features_max: int = 1024,
        dtype: type[np.floating] = np.float32,
    ) -> None:
        self.shape = shape
        self.settings = settings
        self.seed = seed
        self.features = FeatureIndex(features_max)
        self.slots: dict[str, int] = {}
        self._dtype = dtype
        self._free: list[int] = []
        self._allocate(0)

    def _allocate(self, rows: int) -> None:
        """Make arenas, plan and working room for ``rows`` slots of today's shape."""
        shape, window = self.shape, self.settings.window
        singles = single_fields(shape, window)
        self.singles = aligned_zeros(rows, singles["end"].offset, self._dtype)
        self.doubles = aligned_zeros(rows, double_fields(shape)["end"].offset, np.float64)
        self.plan = make_plan(shape, self.settings)
        set_columns(self.plan, self.features.periods)
        room = int(self.plan[at.TAPE_ROW]) + 2 * shape.hidden + shape.outputs
        room += singles["theta"].shape[0] + scratch_size(shape.hidden, shape.outputs, window)
        self._scratch = aligned_zeros(1, room, self._dtype)[0]
        self._work = aligned_zeros(1, work_size(shape.hidden), np.float64)[0]

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the room to work in; it is no part of the state."""
        return {k: v for k, v in self.__dict__.items() if k not in {"_scratch", "_work"}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Bring the arenas back to cache lines, which a pickle does not keep."""
        self.__dict__.update(state)
        self._allocate(len(state["singles"]))
        self.singles[...] = state["singles"]
        self.doubles[...] = state["doubles"]

    def _grow(self, rows: int, inputs: int) -> None:
        """Move every slot to arenas of ``rows`` slots with room for ``inputs`` columns."""
        old_singles, old_doubles, old_shape = self.singles, self.doubles, self.shape
        self.shape = Shape(
            old_shape.cell, old_shape.layers, inputs, old_shape.hidden, old_shape.outputs
        )
        self._allocate(rows)
        for slot in self.slots.values():
            source = slot_views(
                old_singles[slot], old_doubles[slot], old_shape, self.settings.window
            )
            copy_slot(source, old_shape, self._views(slot), self.shape)

    def _views(self, slot: int) -> dict[str, Array]:
        window = self.settings.window
        return slot_views(self.singles[slot], self.doubles[slot], self.shape, window)

    def _begin_columns(self, key: str) -> None:
        views, seed = self._views(self.slots[key]), self._seed_name(key)
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
        shape, window = self.shape, self.settings.window
        single = single_fields(shape, window)["end"].offset * np.dtype(self._dtype).itemsize
        return single + double_fields(shape)["end"].offset * 8

    def add_features(self, names: Iterable[str] = (), clocks: Iterable[str] = ()) -> None:
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
        new = self.features.add(names)
        for clock in sorted(clocks):
            new += self.features.add_clock(clock)
        if not new:
            return
        used = len(self.features.column)
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
        if key in self.slots:
            return self.slots[key]
        if not self._free:
            rows = len(self.singles)
            self._grow(max(1, 2 * rows), self.shape.inputs)
            self._free = list(range(len(self.singles) - 1, rows - 1, -1))
        slot = self.slots[key] = self._free.pop()
        begin(self._views(slot), self.shape, self.settings, self._seed_name(key))
        self._begin_columns(key)
        return slot

    def forget(self, key: str) -> None:
        """Drop a stream and its model."""
        self._free.append(self.slots.pop(key))

    def learn(self, slots: ArrayLike, values: ArrayLike) -> NDArray[np.float64]:
        """Forecast each event, then learn it, in order.

        Parameters
        ----------
        slots : (n,)
            Slot of each event.
        values : (n, C + O)
            Feature columns (NaN = missing), then targets.

        Returns
        -------
        numpy.ndarray, (n, 1 + O)
            1 or 0 for accepted or refused, then what was expected before the targets were seen
            (NaN where refused). A refused event (a target that is no number, an infinite value,
            one beyond 1e30) leaves its slot untouched.
        """
        return self._run(slots, values, learn=1)

    def forecast(self, slots: ArrayLike, values: ArrayLike) -> NDArray[np.float64]:
        """Forecast events from their slots as they stand; changes nothing.

        Parameters
        ----------
        slots : (n,)
        values : (n, C + O)
            As in :meth:`learn`; the targets are not looked at.

        Returns
        -------
        numpy.ndarray, (n, O)
        """
        return self._run(slots, values, learn=0)[:, 1:]

    def _run(self, slots: ArrayLike, values: ArrayLike, learn: int) -> NDArray[np.float64]:
        slots, values = np.asarray(slots, np.int64), np.asarray(values, np.float64)
        results = np.empty((len(slots), 1 + self.shape.outputs))
        self.run(slots, values, results, learn)
        return results

    def run(
        self,
        slots: NDArray[np.int64],
        values: NDArray[np.float64],
        results: NDArray[np.float64],
        learn: int,
    ) -> None:
        """Do what :meth:`learn` (1) or :meth:`forecast` (0) do, between arrays the caller keeps."""
        self.plan[at.LEARN] = learn
        singles, doubles = self.singles, self.doubles
        run_events(singles, doubles, self._scratch, self._work, slots, values, results, self.plan)

    def expert_weights(self, key: str, output: int = 0) -> dict[str, float]:
        """Return how much each expert counts in the forecast of a stream's target; they sum to 1.

        Examples
        --------
        >>> bank = Bank(Shape(), Settings())
        >>> _ = bank.open("a")
        >>> round(bank.expert_weights("a")["persistence"], 2)
        0.2
        """
        target = self._views(self.slots[key])["targets"][output]
        offset = target_fields(self.shape)["losses"].offset
        weights = np.empty(len(at.EXPERTS))
        mixture_weights(target[offset : offset + len(at.EXPERTS)], weights)
        return dict(zip(at.EXPERTS, weights.tolist(), strict=True))

    def accepted(self, key: str) -> int:
        """Return how many events of a stream were learnt."""
        return int(self.views(key)["scalars"][at.ACCEPTED])

    def views(self, key: str) -> dict[str, Array]:
        """Name the pieces of a stream's slot: theta, state (h, c), tape, targets and so on.

        Each is a view into the arenas, valid until the bank grows.
        """
        return self._views(self.slots[key])

    def snapshot(self, key: str, next_offset: int = 0) -> bytes:
        """Return a stream's model as bytes; :meth:`restore` brings it back bit for bit.

        Parameters
        ----------
        key
        next_offset
            Where to read on in the journal.
        """
        description = model_description(self.shape, self.settings, self.seed)
        header: dict[str, Any] = {
            "stream": key,
            "next_offset": next_offset,
            "model": description,
            "model_hash": model_hash(description),
            "inputs": self.shape.inputs,
            "features": self.features.names,
            "periods": self.features.periods,
        }
        return pack(header, self.views(key))

    def restore(self, data: bytes) -> tuple[str, int]:
        """Bring a stream back from its snapshot; return its key and where to read on.

        Raises
        ------
        SnapshotError
            If the bytes are damaged, or of a model of another shape, settings, seed or features;
            the message lists the differences.
        """
        header, pieces = unpack(data)
        description = model_description(self.shape, self.settings, self.seed)
        changed = [
            f"{name} was {header['model'].get(name)!r}, is {value!r}"
            for name, value in description.items()
            if header["model"].get(name) != value
        ]
        names, periods = header["features"], header["periods"]
        if not self.features.column:
            for name, period in zip(names, periods, strict=True):
                self.features.add([name], period)
        elif self.features.names[: len(names)] != names:
            changed.append(f"features were {names}, are {self.features.names}")
        if changed:
            raise SnapshotError("snapshot of another model: " + "; ".join(changed))
        if header["inputs"] > self.shape.inputs:
            self._grow(len(self.singles), header["inputs"])
        set_columns(self.plan, self.features.periods)
        slot = self.open(header["stream"])
        then = Shape(
            self.shape.cell,
            self.shape.layers,
            header["inputs"],
            self.shape.hidden,
            self.shape.outputs,
        )
        views = self._views(slot)
        for piece in views.values():
            piece[...] = 0.0
        copy_slot(pieces, then, views, self.shape)
        self._begin_columns(header["stream"])
        return header["stream"], header["next_offset"]
