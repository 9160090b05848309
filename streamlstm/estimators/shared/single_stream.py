"""A bank of one stream, the base of every estimator with a regression model."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlstm.bank import Bank, Detection, Settings, Shape
from streamlstm.bank.explain.debug import debug_tables
from streamlstm.bank.explain.explanation import Explanation, explain_event
from streamlstm.bank.snapshot import pack, unpack
from streamlstm.estimators.shared.features import FeatureReader
from streamlstm.estimators.shared.state import State, require_same
from streamlstm.estimators.shared.tables import text_of

KEY = "model"  # key of the stream in its bank; stored in model files
FORECAST, LEARN = 0, 1
Rows = NDArray[np.float64]


class SingleStream:
    """A bank with one stream, and the reader that turns feature dicts into its rows.

    Parameters
    ----------
    shape : Shape
        Size of the model.
    settings : Settings
        Learning settings.
    seed : int
        Seed of the initial weights.
    features_max : int
        Maximum number of feature columns.
    detection : Detection, default None
        Alert settings; ``None`` disables scoring.

    Examples
    --------
    >>> stream = SingleStream(Shape(), Settings(), seed=0, features_max=8)
    >>> row = stream.reader.read({"load": 1.0}, grow=True)
    >>> row[0, -1] = 20.0
    >>> stream.learn(row).tolist(), stream.forecast(row).tolist()
    ([[1.0, 0.0]], [[20.0]])
    """

    def __init__(
        self,
        shape: Shape,
        settings: Settings,
        *,
        seed: int,
        features_max: int,
        detection: Detection | None = None,
    ) -> None:
        self.bank = Bank(shape, settings, seed=seed, features_max=features_max, detection=detection)
        self.reader = FeatureReader(self.bank, targets=shape.outputs)
        self._slots = np.array([self.bank.open(KEY)])

    def learn(self, rows: Rows) -> Rows:
        """Learn events, (n, C + O), and return accepted and forecasts, (n, 1 + O)."""
        return self._run(rows, LEARN)

    def forecast(self, rows: Rows) -> Rows:
        """Return forecasts of events, (n, C + O) → (n, O), without changing the model."""
        return self._run(rows, FORECAST)[:, 1:]

    def _run(self, rows: Rows, learn: int) -> Rows:
        results = np.empty((len(rows), 1 + self.bank.shape.outputs))
        slots = self._slots if len(rows) == 1 else self._slots.repeat(len(rows))
        self.bank.run(slots, rows, results, learn)
        return results

    def explain(self, x: Mapping[Hashable, Any]) -> list[Explanation]:
        """Explain the forecast of an event, one explanation per target."""
        return explain_event(self.bank, KEY, x, self.reader.read)

    def debug(
        self, x: Mapping[Hashable, Any], targets: Sequence[Hashable | None], decimals: int
    ) -> str:
        """Return inputs, gates, experts and contributions of an event as tables."""
        return text_of(debug_tables(self.bank, KEY, x, self.reader.read, targets), decimals)

    def state(self) -> State:
        """Return the slots of the bank, and the columns of the features."""
        state = State()
        for key in self.bank.slots:
            header, pieces = unpack(self.bank.snapshot(key))
            del header["stream"]
            state.header["bank"] = header
            state.put(key, pieces)
        state.header["streams"] = list(self.bank.slots)
        state.header |= self.reader.state()
        return state

    def restore_state(self, state: State) -> None:
        """Restore what :meth:`state` returned, in a new stream of the same parameters."""
        header, bank = state.header["bank"], self.bank
        fresh = Bank(replace(bank.shape, inputs=header["inputs"]), bank.settings)
        fresh.open(KEY)
        for key in state.header["streams"]:
            pieces = state.group(key)
            require_same(pieces, fresh.views(KEY))
            bank.restore(pack(header | {"stream": key}, pieces))
        self.reader.restore_state(state.header)


class StreamEstimator:
    """Base of the estimators whose model is a :class:`SingleStream`."""

    _stream: SingleStream

    def _network(self) -> tuple[Bank, str]:
        """Return the bank that holds the network, and the key of its stream."""
        return self._stream.bank, KEY

    def _output_names(self) -> Sequence[Hashable]:
        """Return the names of the targets; empty while they are unknown."""
        return ("target",)

    def _state(self) -> State:
        """Return the state beyond the parameters, for :func:`streamlstm.save`."""
        return self._stream.state()

    def _restore_state(self, state: State) -> None:
        """Restore the state in an estimator that was just created with the same parameters."""
        self._stream.restore_state(state)

    @property
    def events_seen(self) -> int:
        """Number of events learnt."""
        return self._stream.bank.accepted(KEY)


class SingleTargetEstimator(StreamEstimator):
    """Base of the estimators that forecast one target."""

    @property
    def expert_weights(self) -> dict[str, float]:
        """Weight of each expert in the next forecast; they sum to 1."""
        return self._stream.bank.expert_weights(KEY)

    def explain_one(self, x: Mapping[Hashable, Any] | None = None) -> Explanation:
        """Explain the forecast of the next event, without changing the model.

        The explanation contains the forecast from the past alone, the contribution of each
        feature, and the forecast and weight of each expert. A contribution is a Shapley value
        [1]_ [2]_ in which an excluded feature is missing; a ``datetime`` is one feature.

        Parameters
        ----------
        x : dict, default None
            Features by name. Missing and unknown features contribute 0.

        Returns
        -------
        streamlstm.inspection.Explanation

        Raises
        ------
        TypeError
            If a feature is not a number, a boolean or a datetime; the message names it.

        Notes
        -----
        Up to ten features the values are exact and cost 2ⁿ forecasts. For more features they are
        exact if at most two features interact. The explanation describes the model, not the
        process that generates the target, and only the next event: the effect of earlier feature
        values is part of the past.

        Examples
        --------
        >>> from streamlstm import LSTMRegressor
        >>> model = LSTMRegressor(seed=1)
        >>> for n in range(300):
        ...     model.learn_one({"load": n * n % 7}, 20.0 + n * n % 7)
        >>> why = model.explain_one({"load": 4})
        >>> abs(why.baseline + why.features["load"] - why.forecast) < 1e-9
        True
        >>> why.experts["lstm"].weight == model.expert_weights["lstm"]
        True

        References
        ----------
        .. [1] Shapley, L. S. (1953). A value for n-person games. Contributions to the Theory of
           Games 2.
        .. [2] Štrumbelj, E. & Kononenko, I. (2014). Explaining prediction models and individual
           predictions with feature contributions. Knowledge and Information Systems 41.
        """
        return self._stream.explain(x or {})[0]

    def debug_one(self, x: Mapping[Hashable, Any] | None = None, decimals: int = 5) -> str:
        """Return how the model processes the next event, as tables; the model does not change.

        Parameters
        ----------
        x : dict, default None
            Features by name.
        decimals : int, default 5
            Number of decimals.

        Returns
        -------
        str
            Tables of inputs (hour and weekday as sine and cosine), gates, experts and feature
            contributions. river's pipelines include it in their own ``debug_one``.

        Raises
        ------
        TypeError
            If a feature is not a number, a boolean or a datetime; the message names it.

        Examples
        --------
        >>> from streamlstm import LSTMRegressor
        >>> print(LSTMRegressor().debug_one({"load": 4}, decimals=1).splitlines()[0])
        Input ...Value   Scaled   Change
        """
        return self._stream.debug(x or {}, [None], decimals)
