"""river's mini-batches: the verbs of an estimator for frames of events."""

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
    """What gives the rows of events, with columns for new features or without."""

    def __call__(self, grow: bool) -> Rows:
        """Return them, (n, C + O)."""


class RegressorBatches(base.MiniBatchRegressor):
    """A regressor that learns and forecasts rows of numbers, and has a reader of features."""

    _stream: SingleStream

    @abc.abstractmethod
    def _learn(self, rows: Rows) -> None:
        """Learn events, (n, C + 1), in order."""

    @abc.abstractmethod
    def _forecast(self, rows: Rows) -> Rows:
        """Forecast events, (n, C + 1) → (n,), from the memory as it stands."""

    def learn_many(self, X: IntoDataFrame, y: IntoSeries) -> None:
        """Learn the events of a frame, row after row; the same as :meth:`learn_one` would.

        Parameters
        ----------
        X
            A data frame that narwhals can read (pandas, polars, pyarrow), one event a row. A
            column without a value is of no kind yet; one of times is so from its first row on.
        y
            A series of targets; missing ones as in :meth:`learn_one`.

        Raises
        ------
        TypeError
            As :meth:`learn_one`, before anything is learnt.
        ValueError
            If ``y`` is not as long as ``X``.
        """
        columns = frames.feature_columns(frames.into_frame(X))
        targets = frames.target_column(frames.into_series(y, columns.length))
        if np.isnan(targets).all():
            return
        rows = self._stream.reader.read_many(columns, grow=True)
        rows[:, -1] = targets
        self._learn(rows)

    def predict_many(self, X: IntoDataFrame) -> Any:
        """Forecast the target of each event of a frame, from the memory as it stands.

        Parameters
        ----------
        X
            As in :meth:`learn_many`; unknown columns are passed over.

        Returns
        -------
        series
            Of the same library and, in pandas, with the same index.
        """
        frame = frames.into_frame(X)
        rows = self._stream.reader.read_many(frames.feature_columns(frame), grow=False)
        return frames.new_series(self._forecast(rows), frame)


class ClassifierBatches(base.MiniBatchClassifier):
    """A classifier with a model of its own, and a reader of features."""

    _model: ClassModel
    _reader: FeatureReader

    @abc.abstractmethod
    def _learn(self, rows: Rows, labels: Sequence[Label | None]) -> None:
        """Learn events, (n, C + 1), in order."""

    def learn_many(self, X: IntoDataFrame, y: IntoSeries) -> None:
        """Learn the events of a frame, row after row; the same as :meth:`learn_one` would.

        Parameters
        ----------
        X
            As in :meth:`LSTMRegressor.learn_many <streamlstm.LSTMRegressor.learn_many>`.
        y
            A series of labels; missing ones as in :meth:`learn_one`.

        Raises
        ------
        TypeError
            As :meth:`learn_one`, before anything is learnt.
        ValueError
            If ``y`` is not as long as ``X``.
        ClassLimitError
            For more classes than ``classes_max``; the model stays as it was.
        """
        columns = frames.feature_columns(frames.into_frame(X))
        series = frames.into_series(y, columns.length)
        labels = [class_label(value) for value in frames.present(series)]
        self._model.require_room(labels)
        if labels:
            self._learn(self._reader.read_many(columns, grow=True), labels)

    def predict_proba_many(self, X: IntoDataFrame) -> Any:
        """Say for each event of a frame how probable each class is, from the memory as it stands.

        Parameters
        ----------
        X
            As in :meth:`learn_many`; unknown columns are passed over.

        Returns
        -------
        data frame
            Of the same library and, in pandas, with the same index: a column for each class met
            so far. Only pandas has columns whose names are no text; others spell them out.
        """
        frame = frames.into_frame(X)
        return frames.new_frame(self._probabilities(frame), list(self._model.classes), frame)

    def predict_many(self, X: IntoDataFrame) -> Any:
        """Return the most probable class of each event of a frame; missing before the first label.

        Parameters
        ----------
        X
            As in :meth:`learn_many`; unknown columns are passed over.

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
    """A regressor of several targets, as :class:`RegressorBatches`; river has no such class."""

    _place: dict[Hashable, int]
    _stream: SingleStream

    @abc.abstractmethod
    def _learn_targets(self, targets: Mapping[Hashable, Any], missing: bool, read: Read) -> None:
        """Learn events; targets are numbers or columns, ``missing`` if there is none at all."""

    @abc.abstractmethod
    def _forecast(self, rows: Rows) -> Rows:
        """Forecast events, (n, C + O) → (n, O), from the memory as it stands."""

    def learn_many(self, X: IntoDataFrame, y: IntoDataFrame) -> None:
        """Learn the events of a frame, row after row; the same as :meth:`learn_one` would.

        Parameters
        ----------
        X
            As in :meth:`LSTMRegressor.learn_many <streamlstm.LSTMRegressor.learn_many>`.
        y
            A data frame of targets; missing ones as in :meth:`learn_one`.

        Raises
        ------
        TypeError, ValueError
            As :meth:`learn_one`, before anything is learnt; ``ValueError`` too if ``y`` is not as
            long as ``X``.
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
        """Forecast the targets of each event of a frame, from the memory as it stands.

        Parameters
        ----------
        X
            As in :meth:`learn_many`; unknown columns are passed over.

        Returns
        -------
        data frame
            Of the same library and, in pandas, with the same index: a column for each target,
            none before the targets are known.
        """
        frame = frames.into_frame(X)
        rows = self._stream.reader.read_many(frames.feature_columns(frame), grow=False)
        return frames.new_frame(self._forecast(rows), list(self._place), frame)
