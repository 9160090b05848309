"""How an estimator's own parameters say how its bank learns."""

from dataclasses import fields
from typing import Any

from streamlstm.bank import Settings


def settings_of(estimator: Any) -> Settings:
    """Gather the settings among an estimator's attributes; those it lacks are the defaults.

    river finds, clones and prints parameters by the names in ``__init__``, so each estimator spells
    them out; what follows from them is written here.

    Examples
    --------
    >>> from streamlstm import LSTMRegressor
    >>> settings_of(LSTMRegressor(window=4)).window
    4
    """
    names = [field.name for field in fields(Settings)]
    return Settings(
        **{name: getattr(estimator, name) for name in names if hasattr(estimator, name)}
    )
