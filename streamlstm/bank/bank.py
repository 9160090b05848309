"""The bank: many models of one shape in two arenas, forecast and updated in one call."""

from collections.abc import Hashable, Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from streamlstm.bank.batch_result import BatchResult, result_columns
from streamlstm.bank.covariance_reset import reset_expert_covariance
from streamlstm.bank.feature_index import FeatureIndex
from streamlstm.bank.settings import Detection, Settings
from streamlstm.bank.slots.alert_state import end_alert, suppress
from streamlstm.bank.slots.pieces import Array
from streamlstm.bank.slots.rollout import roll_copy
from streamlstm.bank.slots.store import SlotStore
from streamlstm.bank.slots.target_statistics import expert_weights, target_scale
from streamlstm.bank.snapshot import model_description, restore_snapshot, take_snapshot
from streamlstm.kernels import layout as at
from streamlstm.kernels.layout import Shape


class Bank:
    """Models of one shape, one per stream, in two contiguous arenas.

    Parameters
    ----------
    shape : Shape
        Size of each model. The input capacity grows when features are added.
    settings : Settings
        Learning settings, the same for all models.
    seed : int, default 0
        Seed of the initial weights. A stream's weights depend on the seed and on its key.
    features_max : int, default 1024
        Maximum number of feature columns.
    detection : Detection, default None
        Alert settings; ``None`` disables scoring.
    slots_max : int, default None
        Maximum number of slots; ``None`` is no limit, the arenas then double when full.
    dtype : type, default float32
        Float type of parameters and network state. float64 is used to verify gradients.

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
        self.settings = settings
        self.seed = seed
        self.detection = detection
        self.store = SlotStore(
            shape,
            settings,
            seed=seed,
            features_max=features_max,
            detection=detection,
            slots_max=slots_max,
            dtype=dtype,
        )

    @property
    def shape(self) -> Shape:
        """Size of each model, with the current input capacity."""
        return self.store.shape

    @property
    def features(self) -> FeatureIndex:
        """Feature columns by name."""
        return self.store.features

    @property
    def slots(self) -> dict[str, int]:
        """Slot of each open stream."""
        return self.store.slots

    @property
    def slot_bytes(self) -> int:
        """Size of one slot in bytes."""
        return self.store.slot_bytes

    def open(self, key: str) -> int:
        """Return the slot of a stream; a new stream gets a freshly initialised model.

        Raises ``BankFullError`` if all ``slots_max`` slots are in use.
        """
        return self.store.open(key)

    def forget(self, key: str) -> None:
        """Remove a stream and its model."""
        self.store.forget(key)

    def views(self, key: str) -> dict[str, Array]:
        """Return views of a stream's slot by name, valid until the bank grows."""
        return self.store.views(key)

    def add_features(self, names: Iterable[Hashable] = (), clocks: Iterable[Hashable] = ()) -> None:
        """Give columns to new features, and initial weights in every slot.

        Parameters
        ----------
        names
            Numeric features, one column each.
        clocks
            Time features, three columns each: hour, seconds since the last event, weekday.

        Raises ``FeatureLimitError`` if there would be more than ``features_max`` columns.
        """
        self.store.add_features(names, clocks)

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
            1 if the event was accepted or 0 if it was refused, then the forecasts made before the
            targets were seen (NaN if refused). An event with a target that is not finite or is
            beyond 1e30 in magnitude is refused and leaves its slot unchanged.

        Raises
        ------
        ValueError
            If ``values`` has the wrong shape or a slot does not exist.
        """
        return self._run(slots, values, learn=1)[:, : 1 + self.shape.outputs]

    def forecast(self, slots: ArrayLike, values: ArrayLike) -> NDArray[np.float64]:
        """Return forecasts of events, (n, O), from the current state, without changing it.

        Parameters
        ----------
        slots : (n,)
            Slot of each event.
        values : (n, C + O)
            As in :meth:`learn`; the targets are ignored.
        """
        return self._run(slots, values, learn=0)[:, 1 : 1 + self.shape.outputs]

    def detect(self, slots: ArrayLike, values: ArrayLike, *, learn: bool) -> BatchResult:
        """Forecast and score each event and, if ``learn``, learn it and update the alert state.

        Parameters
        ----------
        slots : (n,)
            Slot of each event.
        values : (n, C + O)
            As in :meth:`learn`. A target may be missing (NaN) if another one is present.
        learn
            Whether to learn the events. If false, no state changes and no alert opens.

        Raises ``ValueError`` if the bank was created without ``detection``.
        """
        if self.detection is None:
            raise ValueError(
                "this bank does not score events; create it with detection=Detection()"
            )
        return BatchResult(self._run(slots, values, learn=int(learn)), self.shape.outputs)

    def _run(self, slots: ArrayLike, values: ArrayLike, learn: int) -> NDArray[np.float64]:
        slots = np.ascontiguousarray(slots, np.int64)
        values = np.ascontiguousarray(values, np.float64)
        wanted = len(slots), len(self.features.column) + self.shape.outputs
        if values.shape != wanted:
            raise ValueError(f"values must have shape {wanted}; got {values.shape}")
        if len(slots) and not 0 <= slots.min() <= slots.max() < len(self.store.singles):
            raise ValueError(f"slots must be between 0 and {len(self.store.singles) - 1}")
        results = np.empty((len(slots), self.result_size))
        self.run(slots, values, results, learn)
        return results

    @property
    def result_size(self) -> int:
        """Number of columns in a result row."""
        return result_columns(self.shape.outputs) if self.detection else 1 + self.shape.outputs

    def run(
        self,
        slots: NDArray[np.int64],
        values: NDArray[np.float64],
        results: NDArray[np.float64],
        learn: int,
    ) -> None:
        """Do the work of :meth:`learn` (1) or :meth:`forecast` (0) on arrays of the caller."""
        store = self.store
        store.plan[at.LEARN] = learn
        state = store.singles, store.doubles, store.scratch, store.work
        store.run_events.run(state, (slots, values, results), store.plan)

    def roll_forward(self, key: str, values: ArrayLike) -> NDArray[np.float64]:
        """Return forecasts of the next steps of a stream, (n, O), each from those before it.

        They are computed on a copy of the slot.

        Parameters
        ----------
        key
            The stream.
        values : (n, C + O)
            Feature columns of each step (NaN = missing), then targets, which are ignored.
        """
        return roll_copy(self.store, key, values)

    def expert_weights(self, key: str, output: int = 0) -> dict[str, float]:
        """Return the weight of each expert in the forecast of a stream's target; they sum to 1."""
        return expert_weights(self.views(key)["targets"][output], self.shape)

    def scale(self, key: str, output: int = 0) -> float:
        """Return the scale of a stream's target: its typical change or its standard deviation."""
        return target_scale(self.views(key)["targets"][output], self.settings)

    def reset_covariance(self, key: str) -> None:
        """Reset the covariance of a stream's experts (:mod:`streamlstm.bank.covariance_reset`)."""
        reset_expert_covariance(self.views(key), self.shape)

    def accepted(self, key: str) -> int:
        """Return the number of events of a stream that were learnt."""
        return int(self.views(key)["scalars"][at.ACCEPTED])

    def alert_open(self, key: str) -> bool:
        """Return whether a stream's alert is open."""
        return bool(self.views(key)["decision"][at.D_OPEN])

    def opened_at(self, key: str) -> int:
        """Return the offset that :meth:`mark_opened` stored."""
        return int(self.views(key)["decision"][at.D_OPENED_AT])

    def mark_opened(self, key: str, offset: int) -> None:
        """Store the journal offset at which a stream's alert opened; snapshots include it."""
        self.views(key)["decision"][at.D_OPENED_AT] = offset

    def suppress(self, key: str, *, expected: int = 0, muted: int = 0) -> None:
        """Suppress alerts for the next events of a stream.

        Parameters
        ----------
        key
            The stream.
        expected
            Number of events known to be unusual. They are not used for calibration.
        muted
            Number of events that are learnt as usual.
        """
        suppress(self.views(key)["decision"], expected, muted)

    def end_alert(self, key: str) -> tuple[int, float] | None:
        """End a stream's alert, and start the cooldown.

        Returns the number of its events and its largest score, or ``None`` if none was open.
        """
        return end_alert(self.views(key)["decision"])

    def description(self) -> dict[str, Any]:
        """Return everything that determines the state of a slot, as snapshots store it."""
        return dict(model_description(self.shape, self.settings, self.seed, self.detection))

    def snapshot(self, key: str, next_offset: int = 0, commands: int = 0) -> bytes:
        """Return a stream's model as bytes, from which :meth:`restore` restores every bit.

        Parameters
        ----------
        key
            The stream.
        next_offset
            Journal offset of the next event to read.
        commands
            Number of operator commands of the journal that the model includes.
        """
        return take_snapshot(self.store, key, next_offset, commands)

    def restore(self, data: bytes) -> dict[str, Any]:
        """Restore a stream from its snapshot, and return the snapshot's header.

        Raises ``SnapshotError`` if the bytes are damaged, or belong to a model of another shape,
        settings, seed or features; the message lists the differences.
        """
        return restore_snapshot(self.store, data)
