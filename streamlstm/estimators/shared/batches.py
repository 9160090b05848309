"""Mini-batches as in river: methods that take data frames of events."""

from __future__ import annotations

import abc
from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray
from river import base

from streamlstm.bank.classes.model import ClassModel, Label
from streamlstm.estimators.shared import frames
from streamlstm.estimators.shared.features import FeatureReader, class_label
from streamlstm.estimators.shared.single_stream import SingleStream

if TYPE_CHECKING:
    from narwhals.stable.v2.typing import IntoDataFrame, IntoSeries

Rows = NDArray[np.float64]


class Read(Protocol):
    """Returns the rows of events; new features get columns if ``grow`` is true."""

    def __call__(self, grow: bool) -> Rows:
        """Return the rows, (n, C + O)."""


class RegressorBatches(base.MiniBatchRegressor):
    """Mini-batch methods of a regressor with one target."""

    _stream: SingleStream

    @abc.abstractmethod
    def _learn(self, rows: Rows) -> None:
        """Learn events, (n, C + 1), in order."""

    @abc.abstractmethod
    def _forecast(self, rows: Rows) -> Rows:
        """Forecast events, (n, C + 1) → (n,), from the current state."""

    def learn_many(self, X: IntoDataFrame, y: IntoSeries) -> None:
        """Learn the events of a data frame in order, with the same result as :meth:`learn_one`.

        Parameters
        ----------
        X
            A data frame that narwhals supports (pandas, polars, pyarrow), one event per row. A
            column of datetimes is a time feature from its first row on; a column without any
            value gets its type later.
        y
            A series of targets; missing ones are handled as in :meth:`learn_one`.

        Raises
        ------
        TypeError
            As :meth:`learn_one`; raised before any event is learnt.
        ValueError
            If ``y`` and ``X`` differ in length.
        """
        columns = frames.feature_columns(frames.into_frame(X))
        targets = frames.target_column(frames.into_series(y, columns.length))
        if np.isnan(targets).all():
            return
        rows = self._stream.reader.read_many(columns, grow=True)
        rows[:, -1] = targets
        self._learn(rows)

    def predict_many(self, X: IntoDataFrame) -> Any:
        """Forecast the target of each event of a data frame, all from the current state.

        Parameters
        ----------
        X
            As in :meth:`learn_many`; unknown columns are ignored.

        Returns
        -------
        series
            Of the same library and, in pandas, with the same index.
        """
        frame = frames.into_frame(X)
        rows = self._stream.reader.read_many(frames.feature_columns(frame), grow=False)
        return frames.new_series(self._forecast(rows), frame)


class ClassifierBatches(base.MiniBatchClassifier):
    """Mini-batch methods of a classifier."""

    _model: ClassModel
    _reader: FeatureReader

    @abc.abstractmethod
    def _learn(self, rows: Rows, labels: Sequence[Label | None]) -> None:
        """Learn events, (n, C + 1), in order."""

    def learn_many(self, X: IntoDataFrame, y: IntoSeries) -> None:
        """Learn the events of a data frame in order, with the same result as :meth:`learn_one`.

        Parameters
        ----------
        X
            A data frame that narwhals supports (pandas, polars, pyarrow), one event per row.
        y
            A series of labels; missing ones are handled as in :meth:`learn_one`.

        Raises
        ------
        TypeError
            As :meth:`learn_one`; raised before any event is learnt.
        ValueError
            If ``y`` and ``X`` differ in length.
        ClassLimitError
            If there would be more than ``classes_max`` classes; the model does not change.
        """
        columns = frames.feature_columns(frames.into_frame(X))
        series = frames.into_series(y, columns.length)
        labels = [class_label(value) for value in frames.present(series)]
        self._model.require_room(labels)
        if labels:
            self._learn(self._reader.read_many(columns, grow=True), labels)

    def predict_proba_many(self, X: IntoDataFrame) -> Any:
        """Return the class probabilities of each event of a data frame, from the current state.

        Parameters
        ----------
        X
            As in :meth:`learn_many`; unknown columns are ignored.

        Returns
        -------
        data frame
            Of the same library and, in pandas, with the same index: one column per class seen so
            far. Libraries other than pandas have the column names as text.
        """
        frame = frames.into_frame(X)
        return frames.new_frame(self._probabilities(frame), list(self._model.classes), frame)

    def predict_many(self, X: IntoDataFrame) -> Any:
        """Return the most probable class of each event; missing before the first label is learnt.

        Parameters
        ----------
        X
            As in :meth:`learn_many`; unknown columns are ignored.

        Returns
        -------
        series
            Of the same library and, in pandas, with the same index.
        """
        frame = frames.into_frame(X)
        return frames.new_series(self._model.likeliest(self._probabilities(frame)), frame)

    def _probabilities(self, frame: Any) -> Rows:
        """Return the probabilities of each event, (n, K)."""
        rows = self._reader.read_many(frames.feature_columns(frame), grow=False)
        return self._model.run(rows, learn=False)[:, 1 : 1 + len(self._model.classes)]


class TargetsBatches(base.MultiTargetRegressor):
    """Mini-batch methods of a regressor of several targets; river has no such base class."""

    _place: dict[Hashable, int]
    _stream: SingleStream

    @abc.abstractmethod
    def _learn_targets(self, targets: Mapping[Hashable, Any], missing: bool, read: Read) -> None:
        """Learn events; targets are numbers or columns, ``missing`` if all are missing."""

    @abc.abstractmethod
    def _forecast(self, rows: Rows) -> Rows:
        """Forecast events, (n, C + O) → (n, O), from the current state."""

    def learn_many(self, X: IntoDataFrame, y: IntoDataFrame) -> None:
        """Learn the events of a data frame in order, with the same result as :meth:`learn_one`.

        Parameters
        ----------
        X
            A data frame that narwhals supports (pandas, polars, pyarrow), one event per row.
        y
            A data frame of targets; missing ones are handled as in :meth:`learn_one`.

        Raises
        ------
        TypeError, ValueError
            As :meth:`learn_one`; raised before any event is learnt. ``ValueError`` also if ``y``
            and ``X`` differ in length.
        """
        columns = frames.feature_columns(frames.into_frame(X))
        series = frames.into_frame(y, "y")
        frames.require_length(series, columns.length)
        targets: dict[Hashable, Any] = {
            target.name: frames.target_column(target, target.name)
            for target in series.iter_columns()
        }
        missing = all(np.isnan(column).all() for column in targets.values())
        self._learn_targets(
            targets, missing, lambda grow: self._stream.reader.read_many(columns, grow=grow)
        )

    def predict_many(self, X: IntoDataFrame) -> Any:
        """Forecast the targets of each event of a data frame, all from the current state.

        Parameters
        ----------
        X
            As in :meth:`learn_many`; unknown columns are ignored.

        Returns
        -------
        data frame
            Of the same library and, in pandas, with the same index: one column per target, none
            while the targets are unknown.
        """
        frame = frames.into_frame(X)
        rows = self._stream.reader.read_many(frames.feature_columns(frame), grow=False)
        return frames.new_frame(self._forecast(rows), list(self._place), frame)
