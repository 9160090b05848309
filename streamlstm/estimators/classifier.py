"""LSTMClassifier: river's classifier verbs on a network with a softmax, and cheap experts."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from river import base

from streamlstm.bank.classes.model import ClassModel, Label
from streamlstm.bank.explain.explanation import Explanation, explain_label
from streamlstm.estimators.shared.batches import ClassifierBatches
from streamlstm.estimators.shared.drift import DriftWatch
from streamlstm.estimators.shared.features import FeatureReader, class_label
from streamlstm.estimators.shared.settings import settings_of
from streamlstm.kernels.classification.layout import EXPERTS
from streamlstm.kernels.layout import whole

if TYPE_CHECKING:
    from river.optim.base import Optimizer


class LSTMClassifier(ClassifierBatches):
    """Online LSTM classifier: remembers the events before, learns from every label as it arrives.

    The probabilities are a mixture of experts, each weighted by its discounted log-loss:
    ``frequencies`` of the classes; ``transitions`` from the last label (persistence among them);
    ``logistic``, a multinomial logistic regression on the scaled features; ``random_features``,
    least squares on fixed random tanh units of the features; ``lstm``, a softmax over the sum of
    what the network says and the logistic regression, trained by truncated back-propagation
    through time; ``memory``, a logistic regression on inputs and memory of the network.
    :attr:`expert_weights` shows which of them count.

    Two classes or many; one that appears late gets room when its first label is learnt. Features
    may come, go and be missing (``None``, NaN, infinite); ``datetime`` features are understood,
    and all are scaled inside.

    The memory moves in :meth:`learn_one` alone, also where the label is missing (``None``).

    Parameters
    ----------
    hidden_size
        Units of the LSTM. Cost grows with its square.
    window
        Events the gradient reaches back.
    update_every
        Events between two steps of the optimizer; 1 learns fastest.
    learning_rate, optimizer
        As in :class:`~streamlstm.LSTMRegressor`.
    learning_rate_decay
        d in 1 / (1 + d · updates), by which steps become smaller, down to a quarter: large ones
        learn soon, and small ones find what lies far back. 0 keeps them as they are.
    loss_decay
        What an event's loss still counts at each later update while it stays in the window.
    clip_norm
        Largest norm of a gradient; 0 turns clipping off.
    autoregressive
        Whether the last two labels are inputs of the network.
    experts
        Names of those that take part; ``None`` is all. Without ``lstm`` and ``memory`` there is
        no network, and an event costs half.
    features_max
        Most feature columns; a ``datetime`` takes three.
    classes_max
        Most classes.
    seed
        The same seed gives the same model, to the last bit.
    drift_detector
        One of river's, ``drift.ADWIN()`` for instance, that watches the error of each event learnt
        (0 where the likeliest class was right, else 1).
        When it fires and errors have grown, the experts are weighted anew, and their least
        squares learn as fast as at first; all that was learnt stays. ``None`` watches nothing.

    Attributes
    ----------
    expert_weights : dict[str, float]
        How much each expert counts in the next forecast.

    Examples
    --------
    >>> from river import datasets, evaluate, metrics
    >>> from streamlstm import LSTMClassifier
    >>> model = LSTMClassifier(seed=1)
    >>> evaluate.progressive_val_score(datasets.ImageSegments(), model, metrics.Accuracy())
    Accuracy: 8...

    References
    ----------
    Hochreiter, S. & Schmidhuber, J. (1997). Long short-term memory. Neural Computation 9(8).
    Huang, G.-B., Zhu, Q.-Y. & Siew, C.-K. (2006). Extreme learning machine: theory and
    applications. Neurocomputing 70.
    Cesa-Bianchi, N. & Lugosi, G. (2006). Prediction, learning, and games. Cambridge.
    """

    def __init__(
        self,
        hidden_size: int = 16,
        window: int = 80,
        update_every: int = 1,
        learning_rate: float = 0.002,
        learning_rate_decay: float = 0.0003,
        optimizer: str | Optimizer = "adam",
        loss_decay: float = 0.0,
        clip_norm: float = 1.0,
        autoregressive: bool = True,
        experts: Sequence[str] | None = None,
        features_max: int = 1024,
        classes_max: int = 256,
        seed: int = 0,
        drift_detector: base.DriftDetector | base.BinaryDriftDetector | None = None,
    ) -> None:
        self.hidden_size = hidden_size
        self.window = window
        self.update_every = update_every
        self.learning_rate = learning_rate
        self.learning_rate_decay = learning_rate_decay
        self.optimizer = optimizer
        self.loss_decay = loss_decay
        self.clip_norm = clip_norm
        self.autoregressive = autoregressive
        self.experts = experts
        self.features_max = features_max
        self.classes_max = classes_max
        self.seed = seed
        self.drift_detector = drift_detector
        settings = settings_of(self)
        chosen = EXPERTS if experts is None else tuple(experts)
        if not chosen or not set(chosen) <= set(EXPERTS):
            raise ValueError(f"experts must be some of {', '.join(EXPERTS)}; got {experts!r}")
        self._model = ClassModel(
            whole("hidden_size", hidden_size, 1),
            settings,
            chosen,
            seed=seed,
            features_max=features_max,
            classes_max=classes_max,
        )
        self._reader = FeatureReader(self._model)
        self._drift = DriftWatch(drift_detector, binary=True)

    @property
    def _multiclass(self) -> bool:
        return True

    def learn_one(self, x: dict[Hashable, Any], y: base.typing.ClfTarget | None) -> None:
        """Learn one event, and move the memory on by it.

        Parameters
        ----------
        x
            Features by name.
        y
            The label. Where it is missing (``None``, NaN) the memory and the scales move on, and
            nothing else learns.

        Raises
        ------
        TypeError
            For a feature that is no number or a label of another kind, naming it.
        ClassLimitError
            For more classes than ``classes_max``; the model stays as it was.
        """
        label = class_label(y)
        self._model.require_room([label])
        self._learn(self._reader.read(x, grow=True), [label])

    def _learn(self, rows: NDArray[np.float64], labels: Sequence[Label | None]) -> None:
        if not self._drift:
            self._model.learn_labels(rows, labels)
            return
        for row, label in zip(rows[:, None], labels, strict=True):
            likeliest = self._model.likeliest(self._model.run(row, learn=False)[:, 1:])[0]
            self._model.learn_labels(row, [label])
            if None not in (label, likeliest) and self._drift.drifted(float(likeliest != label)):
                self._model.reset_covariance()

    def predict_proba_one(  # type: ignore[override]  # as in river, none of ours takes more
        self, x: dict[Hashable, Any]
    ) -> dict[base.typing.ClfTarget, float]:
        """Say how probable each class is; changes nothing.

        Parameters
        ----------
        x
            Features by name; unknown ones are passed over.

        Returns
        -------
        dict
            A probability for each class met so far; empty before the first.
        """
        labels = self._model.classes
        if not labels:
            return {}
        result = self._model.run(self._reader.read(x, grow=False), learn=False)
        return dict(zip(labels, result[0, 1:].tolist(), strict=True))

    def explain_one(self, x: dict[Hashable, Any]) -> dict[base.typing.ClfTarget, Explanation]:
        """Take the probability of each class apart; changes nothing.

        As :meth:`LSTMRegressor.explain_one <streamlstm.LSTMRegressor.explain_one>`, a probability
        in place of a forecast.

        Parameters
        ----------
        x
            Features by name.

        Returns
        -------
        dict
            A :class:`streamlstm.inspection.Explanation` for each class met so far.
        """
        return {**explain_label(self._model, x, self._reader.read)}

    @property
    def expert_weights(self) -> dict[str, float]:
        """How much each expert counts in the next forecast; they sum to 1."""
        return self._model.expert_weights()

    @property
    def drifts_seen(self) -> int:
        """How often ``drift_detector`` found that errors had grown."""
        return self._drift.drifts_seen

    @property
    def events_seen(self) -> int:
        """Events learnt, with and without a label."""
        return self._model.events_seen
