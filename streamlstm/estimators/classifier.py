"""LSTMClassifier: the classifier for river."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from river import base

from streamlstm.bank.classes.model import ClassModel, Label
from streamlstm.bank.explain.explanation import Explanation, explain_label
from streamlstm.estimators.shared.batches import ClassifierBatches
from streamlstm.estimators.shared.drift import DriftMonitor
from streamlstm.estimators.shared.features import FeatureReader, class_label
from streamlstm.estimators.shared.settings import settings_of
from streamlstm.estimators.shared.state import State, require_same
from streamlstm.kernels.classification.layout import EXPERTS
from streamlstm.kernels.layout import whole

if TYPE_CHECKING:
    from river.optim.base import Optimizer


class LSTMClassifier(ClassifierBatches):
    """Online LSTM classifier that learns from every label as it arrives.

    The probabilities are a mixture of experts, each weighted by its discounted log-loss [3]_:
    ``frequencies`` of the classes; ``transitions`` from the last label; ``logistic``, a multinomial
    logistic regression on the scaled features; ``random_features``, least squares on fixed random
    tanh units of the features [2]_; ``lstm``, a softmax over the sum of the outputs of the network
    [1]_ and of the logistic regression, trained by truncated back-propagation through time;
    ``memory``, a logistic regression on the inputs and the state of the network.

    A new class is added when its first label is learnt. Features may appear, disappear and be
    missing (``None``, NaN, infinite). ``datetime`` features are supported, and all features are
    scaled internally.

    The state advances only in :meth:`learn_one`, also if the label is missing (``None``).

    Parameters
    ----------
    hidden_size : int, default 16
        Number of hidden units of each layer, H. The time per event grows with its square.
    window : int, default 80
        Truncation length of back-propagation through time in events, K.
    update_every : int, default 1
        Number of events between two optimizer steps. 1 learns fastest; 4 takes about a third of the
        time.
    learning_rate : float, default 0.002
        Step size of the optimizer. Leave it out if ``optimizer`` is an object; it has its own.
    learning_rate_decay : float, default 0.0003
        Decay d of the step size, 1 / (1 + d · updates), down to a quarter. Large steps learn
        quickly, small ones find long dependencies. 0 keeps the step size constant.
    optimizer : str or river.optim.base.Optimizer, default "adam"
        ``"adam"``, ``"rmsprop"``, ``"sgd"``; or river's ``optim.Adam``, ``optim.RMSProp`` or
        ``optim.SGD`` with a constant learning rate, of which only the hyperparameters are read.
    loss_decay : float, default 0.0
        Weight of an event's loss in each later update while the event is in the window, 0 to 1.
        Values above 0 help on smooth streams and hurt on noisy ones.
    clip_norm : float, default 1.0
        Maximum norm of a gradient. 0 disables clipping.
    autoregressive : bool, default True
        Whether the last two labels are inputs of the network.
    experts : sequence of str or None, default None
        Names of the experts to use; ``None`` uses all. Without ``lstm`` and ``memory`` there is no
        network, which halves the time per event.
    features_max : int, default 1024
        Maximum number of feature columns. A number takes one column, a ``datetime`` three.
    classes_max : int, default 256
        Maximum number of classes.
    seed : int, default 0
        Seed of the initial weights. Models with equal seeds and events are equal bit for bit.
    drift_detector : river.base.DriftDetector, river.base.BinaryDriftDetector or None, default None
        A detector such as ``drift.ADWIN()`` that monitors the error of each event: 0 if the most
        probable class was correct, else 1. When it detects a drift and errors have grown, the
        weights and covariances of the experts are reset; their coefficients and the network are
        kept. ``None`` disables monitoring.
    cell : str, default "lstm"
        Recurrent cell: ``"lstm"``, ``"gru"``, ``"rnn"``, ``"lstm_1997"`` or ``"elstm"``, as in
        :class:`~streamlstm.LSTMRegressor`.
    layers : int, default 1
        Number of stacked layers, L. ``"elstm"`` has one.

    Attributes
    ----------
    expert_weights : dict of str to float
        Weight of each expert in the next forecast.
    events_seen : int
        Number of events learnt, with and without a label.
    drifts_seen : int
        Number of drifts that ``drift_detector`` found.

    Notes
    -----
    Time per event, in floating-point operations: about 8 H (H + I) for the forward pass and 8 K H
    (2 H + I) / ``update_every`` for back-propagation, with I two inputs per class and two per
    feature column; each further layer adds the same with H in place of I. The random features add
    about 20,000 operations for their 100 × 100 covariance.

    Memory: 48 H (H + I) bytes of weights and optimizer moments, 4 K (7 H + I) bytes of stored
    activations and 80 KB for the covariance of the random features. It grows with the number of
    classes and features, not with the number of events.

    When it fails: with hundreds of classes the inputs for past labels dominate the time per event.
    A dependency longer than ``window`` events has no gradient. Labels that arrive in random order
    leave nothing to remember; the classifier is then as good as its logistic and random-feature
    experts.

    Examples
    --------
    >>> from river import datasets, evaluate, metrics
    >>> from streamlstm import LSTMClassifier
    >>> model = LSTMClassifier(seed=1)
    >>> evaluate.progressive_val_score(datasets.ImageSegments(), model, metrics.Accuracy())
    Accuracy: 8...

    References
    ----------
    .. [1] Hochreiter, S. & Schmidhuber, J. (1997). Long short-term memory. Neural Computation 9(8).
    .. [2] Huang, G.-B., Zhu, Q.-Y. & Siew, C.-K. (2006). Extreme learning machine: theory and
       applications. Neurocomputing 70.
    .. [3] Cesa-Bianchi, N. & Lugosi, G. (2006). Prediction, learning, and games. Cambridge
       University Press.
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
        cell: str = "lstm",
        layers: int = 1,
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
        self.cell = cell
        self.layers = layers
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
            cell=cell,
            layers=layers,
        )
        self._reader = FeatureReader(self._model)
        self._drift = DriftMonitor(drift_detector, binary=True)

    @property
    def _multiclass(self) -> bool:
        return True

    def learn_one(self, x: dict[Hashable, Any], y: base.typing.ClfTarget | None) -> None:
        """Learn one event, and advance the state by one step.

        Parameters
        ----------
        x
            Features by name.
        y
            The label. If it is missing (``None``, NaN), only the state and the scales are updated.

        Raises
        ------
        TypeError
            If a feature is not a number, or the label has an unsupported type.
        ClassLimitError
            If there would be more than ``classes_max`` classes; the model does not change.
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
        """Return the probability of each class, without changing the model.

        Parameters
        ----------
        x
            Features by name; unknown ones are ignored.

        Returns
        -------
        dict
            A probability for each class seen so far; empty before the first.
        """
        labels = self._model.classes
        if not labels:
            return {}
        result = self._model.run(self._reader.read(x, grow=False), learn=False)
        return dict(zip(labels, result[0, 1:].tolist(), strict=True))

    def explain_one(self, x: dict[Hashable, Any]) -> dict[base.typing.ClfTarget, Explanation]:
        """Explain the probability of each class, without changing the model.

        See :meth:`streamlstm.LSTMRegressor.explain_one`; a probability takes the place of the
        forecast.

        Parameters
        ----------
        x
            Features by name.

        Returns
        -------
        dict
            A :class:`streamlstm.inspection.Explanation` for each class seen so far.
        """
        return {**explain_label(self._model, x, self._reader.read)}

    @property
    def expert_weights(self) -> dict[str, float]:
        """Weight of each expert in the next forecast; they sum to 1."""
        return self._model.expert_weights()

    @property
    def drifts_seen(self) -> int:
        """Number of drifts that ``drift_detector`` found."""
        return self._drift.drifts_seen

    @property
    def events_seen(self) -> int:
        """Number of events learnt, with and without a label."""
        return self._model.events_seen

    def _network(self) -> tuple[ClassModel, str]:
        if {"lstm", "memory"}.isdisjoint(self._model.experts):
            raise ValueError(f"none of the experts {self._model.experts} has a network")
        return self._model, ""

    def _output_names(self) -> Sequence[Hashable]:
        return list(self._model.classes)

    def _state(self) -> State:
        model = self._model
        header = {"classes": list(model.classes), "features": model.features.names}
        state = State(header | {"periods": model.features.periods} | self._reader.state())
        state.put("model", model.views())
        return state

    def _restore_state(self, state: State) -> None:
        header = state.header
        features = dict(zip(header["features"], header["periods"], strict=True))
        self._model.make_room(header["classes"], features)
        views, pieces = self._model.views(), state.group("model")
        require_same(pieces, views)
        for name, piece in pieces.items():
            views[name][...] = piece
        self._reader.restore_state(header)
