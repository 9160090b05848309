"""The state of one classifier: two arrays, columns by name, and how they grow with a new class."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlstm.bank.classes.slot import (
    begin_class,
    begin_features,
    begin_model,
    class_views,
    make_class_plan,
)
from streamlstm.bank.covariance_reset import reset_class_covariance
from streamlstm.bank.dispatch import dispatch
from streamlstm.bank.feature_index import FeatureIndex, spell
from streamlstm.bank.settings import Settings, set_columns, tape_rows
from streamlstm.bank.slots.arena import aligned_zeros
from streamlstm.bank.slots.pieces import Array
from streamlstm.kernels import layout as at
from streamlstm.kernels.classification import layout as its
from streamlstm.kernels.classification.classify import class_scratch_size
from streamlstm.kernels.classification.layout import class_double_fields, class_single_fields
from streamlstm.kernels.classification.predictions import class_work_size
from streamlstm.kernels.layout import Shape, whole
from streamlstm.kernels.network.softmax import FLOOR
from streamlstm.kernels.specialise import classify_events_of, scratch_size

Label = bool | int | str


class ClassLimitError(ValueError):
    """More classes than ``classes_max`` allows."""


class ClassModel:
    """One classifier, with room for the classes and columns it has met and no more.

    A new class, or a new feature, moves everything to arrays that are larger by just that. So what
    is there depends on what was met, never on room to spare.

    Parameters
    ----------
    hidden
        Units of the LSTM.
    settings
        How the network learns.
    experts
        Names of those that take part.
    seed
        With the names of features and classes it decides the first weights.
    features_max, classes_max
        Most feature columns, and most classes.
    dtype
        Float type of the network. float32; float64 for proofs of the gradients.
    **network
        ``cell`` and ``layers`` of :class:`~streamlstm.kernels.layout.Shape`. Default: one layer of
        ``"lstm"``.

    Examples
    --------
    >>> model = ClassModel(4, Settings(), its.EXPERTS)
    >>> model.add_class("dry"), model.add_class("wet"), model.add_class("dry")
    (0, 1, 0)
    >>> model.run(np.array([[0.0]]), learn=True)[0, 1:].tolist()
    [0.5, 0.5]
    """

    def __init__(
        self,
        hidden: int,
        settings: Settings,
        experts: Iterable[str],
        *,
        seed: int = 0,
        features_max: int = 1024,
        classes_max: int = 256,
        dtype: type[np.floating] = np.float32,
        **network: Any,
    ) -> None:
        self.shape = Shape(inputs=1, hidden=hidden, outputs=1, **network)
        self.settings = settings
        self.experts = tuple(experts)
        self.seed = seed
        self.classes_max = whole("classes_max", classes_max, 1)
        self.features = FeatureIndex(features_max)
        self.classes: dict[Label, int] = {}
        self._dtype = dtype
        self._allocate()
        begin_model(self.views(), self.shape, self.settings, self.experts, str(seed))

    def _allocate(self) -> None:
        shape, window = self.shape, self.tape_rows
        size = class_single_fields(shape, window)["end"].offset
        self.single = aligned_zeros(1, size, self._dtype)[0]
        self.double = aligned_zeros(1, class_double_fields(shape)["end"].offset, np.float64)[0]
        self.plan = make_class_plan(shape, self.settings, self.experts)
        set_columns(self.plan, self.features.periods)
        room = class_scratch_size(shape, window) + scratch_size(shape, window)
        self._scratch = aligned_zeros(1, room, self._dtype)[0]
        self._work = aligned_zeros(1, class_work_size(shape), np.float64)[0]

    def __getstate__(self) -> dict[str, Any]:
        """Exclude the scratch arrays, which are not part of the state."""
        return {k: v for k, v in self.__dict__.items() if k not in {"_scratch", "_work", "plan"}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Bring the arrays back to cache lines, which a pickle does not keep."""
        self.__dict__.update(state)
        self._allocate()
        self.single[...] = state["single"]
        self.double[...] = state["double"]

    @property
    def tape_rows(self) -> int:
        """Events the tape keeps."""
        return tape_rows(self.shape, self.settings)

    def views(self) -> dict[str, Array]:
        """Name the pieces of the state: views, valid until it grows."""
        return class_views(self.single, self.double, self.shape, self.tape_rows)

    def _grow(self, shape: Shape) -> None:
        """Move everything; what is old is the beginning of each piece along every axis."""
        old, self.shape = self.views(), shape
        self._allocate()
        new = self.views()
        for name, piece in old.items():
            new[name][tuple(slice(0, n) for n in piece.shape)] = piece

    def make_room(self, classes: Iterable[Label], features: dict[str, float]) -> None:
        """Give a fresh model the classes and columns of one that was saved, all zeros.

        Parameters
        ----------
        classes
            In the order in which they were met.
        features
            Spelt names of the columns, in their order, with their periods.
        """
        self.classes = {label: index for index, label in enumerate(classes)}
        self.features.adopt(features)
        inputs, outputs = max(1, len(features)), max(1, len(self.classes))
        self.shape = replace(self.shape, inputs=inputs, outputs=outputs)
        self._allocate()

    def require_room(self, labels: Iterable[Label | None]) -> None:
        """Refuse labels of more classes than ``classes_max``; None is no label.

        Raises
        ------
        ClassLimitError
        """
        new = [label for label in labels if label is not None and label not in self.classes]
        room = self.classes_max - len(self.classes)
        if len(new) > room and len(new := list(dict.fromkeys(new))) > room:
            raise ClassLimitError(
                f"class {new[room]!r} is one more than classes_max = {self.classes_max}; raise it"
            )

    def add_class(self, label: Label) -> int:
        """Return the index of a class; one not met before gets room.

        Raises
        ------
        ClassLimitError
            For more classes than ``classes_max``.
        """
        index = self.classes.get(label)
        if index is None:
            self.require_room([label])
            index = len(self.classes)
            if index:  # room for the first is there from the beginning
                self._grow(replace(self.shape, outputs=index + 1))
            self.classes[label] = index
            begin_class(self.views(), self.shape, index, f"{self.seed}/class.{spell(label)}")
        return index

    def add_features(self, names: Iterable[Hashable] = (), clocks: Iterable[Hashable] = ()) -> None:
        """Give columns to features; known ones stay as they are.

        Parameters
        ----------
        names
            Plain numbers.
        clocks
            Time features, three columns each.

        Raises
        ------
        FeatureLimitError
            If ``features_max`` is too small.
        """
        before = len(self.features.column)
        self.features.add(names, clocks)
        used = len(self.features.column)
        if used > before:
            if used > self.shape.inputs:
                self._grow(replace(self.shape, inputs=used))
            set_columns(self.plan, self.features.periods)
            begin_features(self.views(), self.shape, before, self.features, str(self.seed))

    def run(self, values: NDArray[np.float64], *, learn: bool) -> NDArray[np.float64]:
        """Ask about events or learn them, one after another.

        Parameters
        ----------
        values : (n, C + 1)
            Feature columns (NaN = missing), then the index of the label (NaN = none).
        learn

        Returns
        -------
        numpy.ndarray, (n, 1 + K)
            1 or 0 for accepted or refused, then the probabilities.
        """
        results = np.empty((len(values), 1 + self.shape.outputs))
        self.plan[at.LEARN] = learn
        if len(values):  # before the first label of a new class there may be none
            state = self.single, self.double, self._scratch, self._work
            dispatch(classify_events_of(self.shape.cell)).run(state, (values, results), self.plan)
        return results

    def learn_labels(self, values: NDArray[np.float64], labels: Sequence[Label | None]) -> None:
        """Learn events in order; a class not met before gets room when its first one comes.

        Parameters
        ----------
        values : (n, C + 1), in and out
            Feature columns; the indices of the labels are written here.
        labels
            None where there is none.

        Raises
        ------
        ClassLimitError
            For more classes than ``classes_max``; see :meth:`require_room`.
        """
        first = 0
        for n, label in enumerate(labels):
            if label is not None and label not in self.classes:
                self.run(values[first:n], learn=True)
                first = n
                self.add_class(label)
            values[n, -1] = np.nan if label is None else self.classes[label]
        self.run(values[first:], learn=True)

    def likeliest(self, probabilities: NDArray[np.float64]) -> list[Label | None]:
        """Return the label of each row's largest probability; None where no class is known."""
        labels = list(self.classes)
        if not labels:
            return [None] * len(probabilities)
        return [labels[k] for k in probabilities.argmax(axis=1).tolist()]

    def predictions(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how probable each class is to each expert, (E, K), floor included.

        Weighted by :meth:`expert_weights` they sum to what :meth:`run` says. An expert that takes
        no part makes no prediction: ignore its row.
        """
        self.run(values[None], learn=False)
        classes = self.shape.outputs
        said = self._work[: len(its.EXPERTS) * classes].reshape(-1, classes)
        mixed: NDArray[np.float64] = (1.0 - FLOOR) * said + FLOOR / classes
        return mixed

    def expert_weights(self) -> dict[str, float]:
        """Return how much each expert counts in the next forecast; they sum to 1."""
        losses = self.views()["losses"][: len(its.EXPERTS)]
        weights = np.exp(losses.min() - losses)
        return dict(zip(its.EXPERTS, (weights / weights.sum()).tolist(), strict=True))

    def reset_covariance(self) -> None:
        """Let the experts learn quickly again; see :mod:`streamlstm.bank.covariance_reset`."""
        reset_class_covariance(self.views())

    @property
    def events_seen(self) -> int:
        """Events learnt."""
        return int(self.double[at.ACCEPTED])
