"""The bank: many models of one shape as slots in two arenas, forecast and learnt in one call."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from streamlstm.bank.batch_result import BatchResult
from streamlstm.bank.covariance_reset import reset_expert_covariance
from streamlstm.bank.dispatch import dispatch
from streamlstm.bank.settings import current_names, set_columns
from streamlstm.bank.slots.alert_state import end_alert, suppress
from streamlstm.bank.slots.pieces import copy_slot
from streamlstm.bank.slots.rollout import RollingStore
from streamlstm.bank.snapshot import (
    SnapshotError,
    model_description,
    model_hash,
    pack,
    unpack,
)
from streamlstm.kernels import layout as at
from streamlstm.kernels.experts.least_squares import mixture_weights
from streamlstm.kernels.layout import target_fields


class Bank(RollingStore):
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
    detection
        When alerts open and end; without it nothing is scored.
    slots_max
        Most slots; without it the arenas double for ever.
    dtype
        Float type of parameters and memory. float32; float64 for proofs of the gradients.

    Examples
    --------
    >>> from streamlstm import Settings, Shape
    >>> bank = Bank(Shape(hidden=8), Settings())
    >>> slot = bank.open("pump 7")
    >>> bank.learn([slot, slot], [[20.0], [21.0]])[:, 1].tolist()
    [0.0, 20.0]
    >>> round(float(bank.forecast([slot], [[np.nan]])[0, 0]))
    21
    """

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

        Raises
        ------
        ValueError
            If ``values`` has another width than columns and targets, or a slot is not there.
        """
        return self._run(slots, values, learn=1)[:, : 1 + self.shape.outputs]

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
        return self._run(slots, values, learn=0)[:, 1 : 1 + self.shape.outputs]

    def detect(self, slots: ArrayLike, values: ArrayLike, *, learn: bool) -> BatchResult:
        """Forecast and score each event and, if asked, learn it and decide about an alert.

        Parameters
        ----------
        slots : (n,)
        values : (n, C + O)
            As in :meth:`learn`; a target may be missing (NaN) where another is there.
        learn
            Whether events are learnt. Else nothing changes, and every verdict is 0.

        Raises
        ------
        ValueError
            If the bank was made without ``detection``.
        """
        if self.detection is None:
            raise ValueError("this bank scores nothing: make it with detection=Detection(...)")
        return BatchResult(self._run(slots, values, learn=int(learn)), self.shape.outputs)

    def _run(self, slots: ArrayLike, values: ArrayLike, learn: int) -> NDArray[np.float64]:
        slots = np.ascontiguousarray(slots, np.int64)
        values = np.ascontiguousarray(values, np.float64)
        width = len(self.features.column) + self.shape.outputs
        if values.shape != (len(slots), width):
            raise ValueError(f"values must be {(len(slots), width)}; got {values.shape}")
        if len(slots) and not 0 <= slots.min() <= slots.max() < len(self.singles):
            raise ValueError(f"slots must lie between 0 and {len(self.singles) - 1}")
        results = np.empty((len(slots), self.result_size))
        self.run(slots, values, results, learn)
        return results

    @property
    def result_size(self) -> int:
        """Numbers in a result row."""
        outputs = self.shape.outputs
        return 5 + (3 + len(at.EXPERTS)) * outputs if self.detection else 1 + outputs

    def run(
        self,
        slots: NDArray[np.int64],
        values: NDArray[np.float64],
        results: NDArray[np.float64],
        learn: int,
    ) -> None:
        """Do what :meth:`learn` (1) or :meth:`forecast` (0) do, between arrays the caller keeps."""
        self.plan[at.LEARN] = learn
        state = self.singles, self.doubles, self._scratch, self._work
        self._run_events.run(state, (slots, values, results), self.plan)

    def expert_weights(self, key: str, output: int = 0) -> dict[str, float]:
        """Return how much each expert counts in the forecast of a stream's target; they sum to 1.

        Examples
        --------
        >>> from streamlstm import Settings, Shape
        >>> bank = Bank(Shape(), Settings())
        >>> _ = bank.open("a")
        >>> round(bank.expert_weights("a")["persistence"], 2)
        0.2
        """
        target = self.views(key)["targets"][output]
        offset = target_fields(self.shape)["losses"].offset
        weights = np.empty(len(at.EXPERTS))
        dispatch(mixture_weights)(target[offset : offset + len(at.EXPERTS)], weights)
        return dict(zip(at.EXPERTS, weights.tolist(), strict=True))

    def scale(self, key: str, output: int = 0) -> float:
        """Return how far a stream's target typically lies from what its forecast starts from."""
        target = self.views(key)["targets"][output]
        square = target[at.T_CHANGE_SQUARE if self.settings.autoregressive else at.T_VARIANCE]
        return float(np.sqrt(square))

    def reset_covariance(self, key: str) -> None:
        """Let a stream's experts learn quickly again (:mod:`streamlstm.bank.covariance_reset`)."""
        reset_expert_covariance(self.views(key), self.shape)

    def accepted(self, key: str) -> int:
        """Return how many events of a stream were learnt."""
        return int(self.views(key)["scalars"][at.ACCEPTED])

    def alert_open(self, key: str) -> bool:
        """Return whether a stream's alert is open."""
        return bool(self.views(key)["decision"][at.D_OPEN])

    def opened_at(self, key: str) -> int:
        """Return the offset that :meth:`mark_opened` noted."""
        return int(self.views(key)["decision"][at.D_OPENED_AT])

    def mark_opened(self, key: str, offset: int) -> None:
        """Note at which offset of the journal a stream's alert opened; it travels in snapshots."""
        self.views(key)["decision"][at.D_OPENED_AT] = offset

    def suppress(self, key: str, *, expected: int = 0, muted: int = 0) -> None:
        """Let no alert open in a stream's next events.

        Parameters
        ----------
        key
        expected
            That many events are expected to be odd: they do not teach what is normal either.
        muted
            That many events open no alert; learning goes on.
        """
        suppress(self.views(key)["decision"], expected, muted)

    def end_alert(self, key: str) -> tuple[int, float] | None:
        """End a stream's alert, with the rest that follows one.

        Returns
        -------
        tuple of (int, float), or None
            How many events it lasted, and its largest score; None if none was open.
        """
        return end_alert(self.views(key)["decision"])

    def description(self) -> dict[str, Any]:
        """List what shapes the state of a slot: a snapshot of another description is refused."""
        return dict(model_description(self.shape, self.settings, self.seed, self.detection))

    def snapshot(self, key: str, next_offset: int = 0, commands: int = 0) -> bytes:
        """Return a stream's model as bytes; :meth:`restore` brings it back bit for bit.

        Parameters
        ----------
        key
        next_offset
            Where to read on in the journal.
        commands
            How many operator commands of the journal are in it.
        """
        description = self.description()
        header: dict[str, Any] = {
            "stream": key,
            "next_offset": next_offset,
            "controls": commands,
            "model": description,
            "model_hash": model_hash(description),
            "inputs": self.shape.inputs,
            "features": self.features.names,
            "periods": self.features.periods,
        }
        return pack(header, self.views(key))

    def restore(self, data: bytes) -> dict[str, Any]:
        """Bring a stream back from its snapshot; return the snapshot's header.

        Raises
        ------
        SnapshotError
            If the bytes are damaged, or of a model of another shape, settings, seed or features;
            the message lists the differences.
        """
        header, pieces = unpack(data)
        description = self.description()
        was, names, periods = current_names(header["model"]), header["features"], header["periods"]
        changed = [
            f"{name} was {was.get(name)!r}, is {description.get(name)!r}"
            for name in sorted({*was, *description})
            if was.get(name) != description.get(name)
        ]
        known = list(zip(self.features.names, self.features.periods, strict=True))
        if known and known[: len(names)] != list(zip(names, periods, strict=True)):
            changed.append(f"features were {names}, are {self.features.names}")
        kind, wanted = pieces["theta"].dtype, self.singles.dtype
        if kind != wanted:
            changed.append(f"dtype was {kind}, is {wanted}")
        if changed:
            raise SnapshotError("snapshot of another model: " + "; ".join(changed))
        if not self.features.column:
            self.features.adopt(dict(zip(names, periods, strict=True)))
        if header["inputs"] > self.shape.inputs:
            self._grow(len(self.singles), header["inputs"])
        set_columns(self.plan, self.features.periods)
        if header["stream"] not in self.slots:
            self._reserve(header["stream"])
        views = self.views(header["stream"])
        for piece in views.values():
            piece[...] = 0.0
        copy_slot(pieces, replace(self.shape, inputs=header["inputs"]), views, self.shape)
        if len(names) < len(self.features.column):
            self._begin_columns(header["stream"])
        return header
