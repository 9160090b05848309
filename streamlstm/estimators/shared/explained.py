"""What the estimators of one target say of themselves when asked why."""

from collections.abc import Hashable, Mapping
from typing import Any

from streamlstm.bank import Bank
from streamlstm.bank.explain.debug import debug_tables
from streamlstm.bank.explain.explanation import Explanation, explain_event
from streamlstm.bank.explain.network_view import KEY
from streamlstm.estimators.shared.features import FeatureReader
from streamlstm.estimators.shared.tables import text_of


class Explained:
    """An estimator with a bank of one stream of one target, and a reader of features."""

    _bank: Bank
    _reader: FeatureReader

    def explain_one(self, x: Mapping[Hashable, Any] | None = None) -> Explanation:
        """Take the forecast of the next event apart; changes nothing.

        What the past alone says, and what each feature adds to that: its Shapley value (Shapley
        1953; Štrumbelj & Kononenko 2014), where a feature that is out of play is missing. A
        ``datetime`` is one feature. And what each expert says, and how much it counts.

        Exact for up to ten features; for more, where no more than two act on each other at once.
        It explains what the model does, not what moves the target, and the next event alone: what
        earlier values of a feature have left in the memory belongs to the past.

        Parameters
        ----------
        x
            Features by name. Those that are missing or unknown add nothing.

        Returns
        -------
        streamlstm.inspection.Explanation

        Raises
        ------
        TypeError
            For a feature that is no number, naming it.

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
        """
        return explain_event(self._bank, KEY, x or {}, self._reader.read)[0]

    def debug_one(self, x: Mapping[Hashable, Any] | None = None, decimals: int = 5) -> str:
        """Show the next event as the network sees it, and what comes of it; changes nothing.

        Parameters
        ----------
        x
            Features by name.
        decimals
            Of each number.

        Returns
        -------
        str
            Tables: inputs (those of an hour and a weekday are sine and cosine), gates, experts, and
            what each feature adds. A pipeline of river's shows them in its own ``debug_one``.

        Raises
        ------
        TypeError
            For a feature that is no number, naming it.

        Examples
        --------
        >>> from streamlstm import LSTMRegressor
        >>> print(LSTMRegressor().debug_one({"load": 4}, decimals=1).splitlines()[0])
        Input ...Value   Scaled   Change
        """
        return text_of(debug_tables(self._bank, KEY, x or {}, self._reader.read, [None]), decimals)
